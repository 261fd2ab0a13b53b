import { goInteger, goQuoted } from './go-values.ts';

/** `host:port`, `[::1]:port` or `:port` as Go's `net.SplitHostPort` takes it apart; null when it cannot. */
export function splitHostPort(text: string): { host: string; port: string } | null {
  const colon = text.lastIndexOf(':');
  if (colon === -1) return null;
  let host: string;
  let after = 0;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end === -1 || end + 1 !== colon) return null;
    host = text.slice(1, end);
    after = end + 1;
    if (text.indexOf('[', 1) !== -1 || text.indexOf(']', after) !== -1) return null;
  } else {
    host = text.slice(0, colon);
    if (host.includes(':') || text.includes('[') || text.includes(']')) return null;
  }
  return { host, port: text.slice(colon + 1) };
}

/** What nats-server says to a `listen` that it cannot read; null when it can. */
export function addressProblem(text: string): string | null {
  const address = splitHostPort(text);
  if (address === null) return `could not parse address string ${goQuoted(text)}`;
  return goInteger(address.port) === null ? `could not parse port ${goQuoted(address.port)}` : null;
}

/** Does Go's `url.Parse` take it? Hardly anything that looks like a URL is refused. */
export function isUrl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Go refuses.
  if (/[\u0000-\u001f\u007f]/.test(text)) return false;
  if (text === '*') return true;
  const beforeFragment = cut(text, '#');
  if (!isEscaped(beforeFragment.after)) return false;
  const scheme = schemeOf(beforeFragment.before);
  if (scheme === null) return false;
  const { before: rest } = cut(scheme.rest, '?');
  if (scheme.scheme !== '' && !rest.startsWith('/')) return true;
  if (scheme.scheme === '' && !rest.startsWith('/') && rest.split('/')[0]!.includes(':')) return false;
  if (!rest.startsWith('//') || (rest.startsWith('///') && scheme.scheme === '')) return isEscaped(rest);
  const authority = rest.slice(2).split('/')[0]!;
  return isAuthority(authority) && isEscaped(rest.slice(2 + authority.length));
}

function cut(text: string, at: string): { before: string; after: string } {
  const index = text.indexOf(at);
  return index === -1
    ? { before: text, after: '' }
    : { before: text.slice(0, index), after: text.slice(index + 1) };
}

/** Null for a colon with nothing before it. */
function schemeOf(text: string): { scheme: string; rest: string } | null {
  for (const [index, character] of [...text].entries()) {
    if (/[a-zA-Z]/.test(character)) continue;
    if (/[0-9+.-]/.test(character)) {
      if (index === 0) return { scheme: '', rest: text };
      continue;
    }
    if (character !== ':') return { scheme: '', rest: text };
    return index === 0 ? null : { scheme: text.slice(0, index), rest: text.slice(index + 1) };
  }
  return { scheme: '', rest: text };
}

const isEscaped = (text: string): boolean => !/%(?![0-9a-fA-F]{2})/.test(text);

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  if (at !== -1) {
    const user = authority.slice(0, at);
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) || !isEscaped(user)) return false;
  }
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    return end !== -1 && isPort(host.slice(end + 1));
  }
  const colon = host.lastIndexOf(':');
  if (colon !== -1 && !isPort(host.slice(colon))) return false;
  return (
    /^[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\uffff]*$/.test(host) &&
    !/%(?!25|[89a-fA-F][0-9a-fA-F])/.test(host)
  );
}

const isPort = (text: string): boolean => text === '' || /^:[0-9]*$/.test(text);
