import { certificateIn, pairProblem } from '../../certificates.ts';
import type { NamedFile, StaticFacts } from '../../facts.ts';
import type { Report } from '../../finding.ts';
import { namedFile } from '../../named-files.ts';
import { type Placed, placeOf } from '../../nats-conf/conf-values.ts';
import type { ConfDocument } from '../../nats-conf/document.ts';
import { type TlsFiles, tlsFiles } from '../../nats-conf/tls-files.ts';
import { defineRule } from '../../rule.ts';

const PAIR = 'error parsing X509 certificate/key pair';

/** C29: the files of `tls` have to be there, to belong together, and to be valid today. */
export const c29UnusableCertificate = defineRule({
  id: 'C29',
  title: 'certificate that cannot be used',
  severity: 'error',
  meaning: 'A certificate, key or authority that nats.conf names is not there, does not fit or has expired.',
  cause:
    'The server reads its certificate, the key of it and the authority when it starts, and ends when one is missing, is no PEM, is encrypted, or when the key belongs to another certificate. A certificate that has expired it takes without a word; then every client refuses it.',
  fix: 'Put the files where nats.conf says (paths count from the folder in which the server is started), make certificate and key together, and renew what has expired.',
  symptoms: [
    `${PAIR}: open ./server.pem: no such file or directory`,
    `${PAIR}: tls: private key does not match public key`,
    `${PAIR}: tls: failed to find any PEM data in certificate input`,
    `${PAIR}: tls: failed to parse private key`,
    'failed to parse root ca certificate',
    'x509: certificate has expired or is not yet valid',
    'certificate has expired',
  ],
  matches: [/error parsing X509 certificate\/key pair/, /certificate has expired/, /failed to parse root ca/],
  *static(facts) {
    for (const document of facts.confs)
      for (const files of tlsFiles(document)) yield* inBlock(facts, document, files);
  },
});

function* inBlock(facts: StaticFacts, document: ConfDocument, files: TlsFiles): Iterable<Report> {
  const [certificate, key, authority] = [files.certificate, files.key, files.authority].map(
    (named) => named && { named, file: namedFile(facts, document, named.value) },
  );
  for (const one of [certificate, key, authority])
    if (one?.file !== undefined && one.file.kind !== 'text')
      yield* unreadable(one.named, one.file, one === authority);
  const [shown, secret] = [textOf(certificate?.file), textOf(key?.file)];
  const problem = shown === null || secret === null ? null : pairProblem(shown, secret);
  if (problem !== null) {
    const { named } = problem.of === 'key' ? key! : certificate!;
    const what =
      problem.of === 'certificate'
        ? 'no certificate'
        : problem.text.endsWith('match public key')
          ? `not the key of ${files.certificate!.value}`
          : 'no key that the server can read';
    yield {
      place: placeOf(named.span),
      cause: `${named.value} is ${what} (${problem.text}).`,
      fix: problem.text.endsWith('parse private key')
        ? 'nats-server opens no encrypted keys: write one without a passphrase, with openssl pkey -in FILE -out FILE.'
        : 'Name the certificate in cert_file and the key that was made with it in key_file.',
      symptom: `${PAIR}: ${problem.text}`,
    };
  }
  const root = textOf(authority?.file);
  if (root !== null && typeof certificateIn(root) !== 'object')
    yield {
      place: placeOf(authority!.named.span),
      cause: `${authority!.named.value} has no certificate in it.`,
      fix: 'Name the PEM file with the certificate of the authority.',
      symptom: 'failed to parse root ca certificate',
    };
  if (problem === null && shown !== null) yield* outOfDate(facts, certificate!.named, shown);
}

const textOf = (file: NamedFile | undefined): string | null => (file?.kind === 'text' ? file.text : null);

function* unreadable(
  named: Placed<string>,
  file: Exclude<NamedFile, { kind: 'text' }>,
  isAuthority: boolean,
): Iterable<Report> {
  const open = `open ${named.value}: no such file or directory`;
  const isElsewhere = file.kind === 'missing' && named.value.startsWith('/') && !file.hasFolder;
  yield {
    place: placeOf(named.span),
    // A file for another machine, or for a container.
    ...(isElsewhere ? { severity: 'note' as const } : {}),
    cause:
      file.kind === 'missing'
        ? `${named.key} is ${named.value}, and there is no such file${isElsewhere ? ' on this machine, so it was not checked' : ''}.`
        : `${named.key} is ${named.value}, which ${file.reason}.`,
    fix: isElsewhere
      ? 'Nothing, when the server runs on another machine or in a container that has the file.'
      : 'Make the file, or correct the path: it counts from the folder in which the server is started.',
    symptom: isAuthority ? open : `${PAIR}: ${open}`,
  };
}

function* outOfDate({ files }: StaticFacts, named: Placed<string>, text: string): Iterable<Report> {
  const certificate = certificateIn(text);
  if (certificate === null || certificate === 'none' || files === undefined) return;
  const [from, to] = [certificate.validFrom, certificate.validTo].map((date) => Date.parse(date));
  const isLate = to! < files.at;
  if (!isLate && from! <= files.at) return;
  const day = new Date(isLate ? to! : from!).toISOString().slice(0, 10);
  yield {
    place: placeOf(named.span),
    cause: `The certificate ${named.value} ${isLate ? `expired on ${day}` : `is not valid before ${day}`}, so that no client accepts it.`,
    fix: 'Renew the certificate and restart or reload the server (nats-server --signal reload).',
    symptom: 'x509: certificate has expired or is not yet valid',
  };
}
