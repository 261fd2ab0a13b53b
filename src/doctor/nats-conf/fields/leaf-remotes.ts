import type { ConfValue } from '../document.ts';
import type { Site } from '../fault.ts';
import { isUrl } from '../go-addresses.ts';
import { goDuration } from '../go-durations.ts';
import { entryOf } from '../shapes.ts';
import { isAtLeast } from '../versions.ts';

const textOf = (value: ConfValue | undefined): string => (value?.kind === 'string' ? value.value : '');

const urlsOf = (remote: ConfValue): string[] =>
  ['url', 'urls'].flatMap((name) => {
    const value = entryOf(remote, name)?.value;
    if (value === undefined) return [];
    return (value.kind === 'list' ? value.items : [value]).map((item) => textOf(item).trim());
  });

/** An HTTP proxy on the way to a remote. */
export function checkProxy(site: Site): void {
  const entry = entryOf(site.value, 'proxy');
  if (entry === undefined || entry.value.kind !== 'map') return;
  const place = site.inside(entry);
  const url = textOf(entryOf(entry.value, 'url')?.value);
  const timeout = goDuration(textOf(entryOf(entry.value, 'timeout')?.value));
  const has = (name: string): boolean => textOf(entryOf(entry.value, name)?.value) !== '';
  if (url === '') {
    const waits = 'nanoseconds' in timeout && timeout.nanoseconds !== 0n;
    if ((has('username') || has('password') || waits) && isAtLeast(site.version, '2.15.0'))
      place.report({
        code: 'missing',
        message: 'proxy URL must be specified when other proxy options are set',
      });
    return;
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase() ?? '';
  const problem = !isUrl(url)
    ? 'invalid proxy URL'
    : !['http', 'https'].includes(scheme)
      ? `proxy URL scheme must be http or https, got: ${scheme}`
      : !/^[^:]*:\/\/([^/?#]*@)?[^/?#]+/.test(url)
        ? 'proxy URL must specify a host'
        : 'nanoseconds' in timeout && timeout.nanoseconds < 0n
          ? 'proxy timeout must be >= 0'
          : has('username') !== has('password')
            ? 'proxy username and password must both be specified or both be empty'
            : null;
  if (problem !== null) place.report({ code: 'conflict', message: problem });
  else checkUse(site, place);
}

/** A proxy is for WebSocket only, and for TLS it needs TLS settings. */
function checkUse(site: Site, place: Site): void {
  const urls = urlsOf(site.value);
  if (urls.length === 0) return;
  const isWebSocket = (url: string): boolean => /^wss?:/i.test(url);
  const wanting = urls.find((url) => /^wss:/i.test(url));
  if (wanting !== undefined && entryOf(site.value, 'tls') === undefined)
    place.report({
      code: 'conflict',
      message: `proxy is configured but remote URL ${wanting} requires TLS and no TLS configuration is provided. When using proxy with TLS endpoints, ensure TLS is properly configured for the leafnode remote`,
    });
  else if (!urls.some(isWebSocket))
    place.report({
      code: 'conflict',
      severity: 'warning',
      message:
        'proxy configuration will be ignored: proxy settings only apply to WebSocket connections (ws:// or wss://), but all configured URLs use TCP connections (nats://)',
    });
  else if (!urls.every(isWebSocket))
    place.report({
      code: 'conflict',
      severity: 'warning',
      message:
        'proxy configuration will only be used for WebSocket URLs: proxy settings do not apply to TCP connections (nats://)',
    });
}

/** The same remote twice: the same URLs, account and credentials. */
export function checkSameRemotes(site: Site): void {
  if (site.value.kind !== 'list') return;
  const seen = new Map<string, ConfValue>();
  for (const [index, item] of site.value.items.entries()) {
    if (item.kind !== 'map') continue;
    const own = (...names: string[]): string => textOf(entryOf(item, ...names)?.value);
    const name = JSON.stringify([
      urlsOf(item),
      own('account', 'local') || '$G',
      own('creds', 'credentials'),
      own('nkey', 'seed'),
    ]);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, item);
    else
      site.item(item, index).report({
        code: 'duplicate',
        message: `duplicate remote urls=[${urlsOf(item).join(' ')}]`,
        other: first.span,
      });
  }
}
