import type { Rule } from '../rule.ts';
import { c02DecimalSizes } from './configuration/c02-decimal-sizes.ts';
import { c04FieldOfNewerVersion } from './configuration/c04-field-of-newer-version.ts';
import { c06QuotedVariable } from './configuration/c06-quoted-variable.ts';
import { c13PayloadAbovePending } from './configuration/c13-payload-above-pending.ts';
import { c15UnnamedInCluster } from './configuration/c15-unnamed-in-cluster.ts';
import { c16DuplicateServerName } from './configuration/c16-duplicate-server-name.ts';
import { c17ClusterNamesDiffer } from './configuration/c17-cluster-names-differ.ts';
import { c18NoQuorum } from './configuration/c18-no-quorum.ts';
import { c21AccountReservations } from './configuration/c21-account-reservations.ts';
import { c23NameWithSpaces } from './configuration/c23-name-with-spaces.ts';
import { c24UnknownFlag } from './configuration/c24-unknown-flag.ts';
import { c25NoAuthUser } from './configuration/c25-no-auth-user.ts';
import { c26LameDuckGrace } from './configuration/c26-lame-duck-grace.ts';

/** C: what nats-server makes of its configuration file, and whether it starts. In the order of their ids. */
export const configurationRules: readonly Rule[] = [
  c02DecimalSizes,
  c04FieldOfNewerVersion,
  c06QuotedVariable,
  c13PayloadAbovePending,
  c15UnnamedInCluster,
  c16DuplicateServerName,
  c17ClusterNamesDiffer,
  c18NoQuorum,
  c21AccountReservations,
  c23NameWithSpaces,
  c24UnknownFlag,
  c25NoAuthUser,
  c26LameDuckGrace,
];
