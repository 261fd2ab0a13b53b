import { intersects } from '../../topology/subjects.ts';
import { isLiteral, isValidSubject } from './server-subjects.ts';
import { type AccountShares, covers, isExported } from './share-subjects.ts';
import { transformProblem, withPlaceholders, withWildcards } from './transforms.ts';
import { isAtLeast } from './versions.ts';

export interface StreamImport {
  kind: 'stream';
  from: AccountShares;
  subject: string;
  to: string;
  prefix: string;
}

export interface ServiceImport {
  kind: 'service';
  from: AccountShares;
  subject: string;
  /** Where requests are sent in the importing account. */
  to: string;
}

const CYCLE = 'import forms a cycle';

/** What the server says against an import, null when it takes it; then it belongs to the account. */
export const importProblem = (
  own: AccountShares,
  wanted: StreamImport | ServiceImport,
  version: string,
): string | null =>
  wanted.kind === 'stream' ? streamProblem(own, wanted, version) : serviceProblem(own, wanted, version);

function streamProblem(own: AccountShares, wanted: StreamImport, version: string): string | null {
  const { from, subject, prefix } = wanted;
  if (!isValidSubject(subject) || !isExported(from.streams, subject, own.name))
    return 'stream import not authorized';
  if (prefix !== '' && !isLiteral(prefix)) return 'stream import prefix can not contain wildcard tokens';
  let to = prefix === '' ? wanted.to || subject : `${prefix.replace(/\.$/, '')}.${subject}`;
  const looked = isAtLeast(version, '2.10.0') ? [to, subject] : [to];
  if (looked.some((name) => streamsCircle(from, name, new Set([own.name])))) return CYCLE;
  if (!isLiteral(subject) && to !== subject) {
    const problem = transformProblem(subject, withPlaceholders(to), { strict: true, version });
    if (problem !== null)
      return `failed to create mapping transform for stream import subject from "${subject}" to "${to}": ${problem}`;
    to = withWildcards(to);
  }
  if (own.imports.some((other) => other.from === from && other.subject === subject))
    return 'stream import already exists';
  own.imports.push({ from, subject, to });
  return null;
}

function streamsCircle(account: AccountShares, to: string, visited: Set<string>): boolean {
  if (!account.streams.some(({ subject }) => covers(subject, to))) return false;
  for (const imported of account.imports) {
    if (!intersects(to, imported.to)) continue;
    if (visited.has(imported.from.name)) return true;
    visited.add(account.name);
    const next = covers(to, imported.to) ? imported.to : to;
    if (streamsCircle(imported.from, next, visited)) return true;
  }
  return false;
}

function serviceProblem(own: AccountShares, wanted: ServiceImport, version: string): string | null {
  const { from, to: here, subject: there } = wanted;
  if (!isValidSubject(here) || !isValidSubject(there)) return 'invalid subject';
  if (!isExported(from.services, there, own.name)) return 'service import not authorized';
  const isWild = !isLiteral(there);
  const asked = isWild && isAtLeast(version, '2.10.0') ? withWildcards(here) : here;
  if (servicesCircle(from, asked, new Set([own.name]))) return CYCLE;
  const perAccount = isAtLeast(version, '2.10.28');
  const known = own.routes.find((route) => route.here === here && (!perAccount || route.from === from));
  if (known !== undefined)
    return `duplicate service import subject "${here}", previously used in import for account "${known.from.name}", subject "${known.there}"`;
  if (!isWild || there === here) {
    own.routes.push({ from, here, there });
    return null;
  }
  const target = withWildcards(there);
  const problem = transformProblem(target, withPlaceholders(here), { strict: true, version });
  if (problem !== null)
    return `failed to create mapping transform for service import subject from "${here}" to "${target}": ${problem}`;
  own.routes.push({ from, here: withWildcards(here), there: target });
  return null;
}

function servicesCircle(account: AccountShares, asked: string, visited: Set<string>): boolean {
  for (const route of account.routes) {
    if (!intersects(asked, route.there)) continue;
    if (visited.has(route.from.name)) return true;
    visited.add(account.name);
    const next = covers(asked, route.here) ? route.here : asked;
    if (servicesCircle(route.from, next, visited)) return true;
  }
  return false;
}
