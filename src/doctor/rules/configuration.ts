import type { Rule } from '../rule.ts';
import { c01UnknownField } from './configuration/c01-unknown-field.ts';
import { c02DecimalSizes } from './configuration/c02-decimal-sizes.ts';
import { c03QuotedSize } from './configuration/c03-quoted-size.ts';
import { c04FieldOfNewerVersion } from './configuration/c04-field-of-newer-version.ts';
import { c05BareText } from './configuration/c05-bare-text.ts';
import { c06QuotedVariable } from './configuration/c06-quoted-variable.ts';
import { c07MissingVariable } from './configuration/c07-missing-variable.ts';
import { c08VariableValue } from './configuration/c08-variable-value.ts';
import { c09BareHash } from './configuration/c09-bare-hash.ts';
import { c10UnusedVariable } from './configuration/c10-unused-variable.ts';
import { c11Include } from './configuration/c11-include.ts';
import { c12StoreDirTwice } from './configuration/c12-store-dir-twice.ts';
import { c13PayloadAbovePending } from './configuration/c13-payload-above-pending.ts';
import { c14LameDuck } from './configuration/c14-lame-duck.ts';
import { c15UnnamedInCluster } from './configuration/c15-unnamed-in-cluster.ts';
import { c16DuplicateServerName } from './configuration/c16-duplicate-server-name.ts';
import { c17ClusterNamesDiffer } from './configuration/c17-cluster-names-differ.ts';
import { c18NoQuorum } from './configuration/c18-no-quorum.ts';
import { c19UsersConflict } from './configuration/c19-users-conflict.ts';
import { c20EmptyFile } from './configuration/c20-empty-file.ts';
import { c21AccountReservations } from './configuration/c21-account-reservations.ts';
import { c22InvalidSubject } from './configuration/c22-invalid-subject.ts';
import { c23NameWithSpaces } from './configuration/c23-name-with-spaces.ts';
import { c24UnknownFlag } from './configuration/c24-unknown-flag.ts';
import { c25NoAuthUser } from './configuration/c25-no-auth-user.ts';
import { c26LameDuckGrace } from './configuration/c26-lame-duck-grace.ts';
import { c27RefusedSetting } from './configuration/c27-refused-setting.ts';
import { c28RefusedAtStart } from './configuration/c28-refused-at-start.ts';
import { c29UnusableCertificate } from './configuration/c29-unusable-certificate.ts';

/** C: what nats-server makes of its configuration file, and whether it starts. In the order of their ids. */
export const configurationRules: readonly Rule[] = [
  c01UnknownField,
  c02DecimalSizes,
  c03QuotedSize,
  c04FieldOfNewerVersion,
  c05BareText,
  c06QuotedVariable,
  c07MissingVariable,
  c08VariableValue,
  c09BareHash,
  c10UnusedVariable,
  c11Include,
  c12StoreDirTwice,
  c13PayloadAbovePending,
  c14LameDuck,
  c15UnnamedInCluster,
  c16DuplicateServerName,
  c17ClusterNamesDiffer,
  c18NoQuorum,
  c19UsersConflict,
  c20EmptyFile,
  c21AccountReservations,
  c22InvalidSubject,
  c23NameWithSpaces,
  c24UnknownFlag,
  c25NoAuthUser,
  c26LameDuckGrace,
  c27RefusedSetting,
  c28RefusedAtStart,
  c29UnusableCertificate,
];
