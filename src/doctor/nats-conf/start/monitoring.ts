import { entryOf } from '../conf-values.ts';
import type { ConfEntry, ConfSpan } from '../document.ts';
import { splitHostPort } from '../go-addresses.ts';
import type { StartedConf, StartRefusal } from './started-conf.ts';

/** Monitoring speaks one of HTTP and HTTPS, and HTTPS needs the certificate of the server. */
export function* monitoringRefusals({ conf, entries, flags }: StartedConf): Iterable<StartRefusal> {
  const plain = portOf(entries, 'http', 'http_port', 'monitor_port');
  const secure = portOf(entries, 'https', 'https_port');
  if (secure === undefined) return;
  if (plain !== undefined)
    yield {
      at: secure.at,
      message: `Can't start monitoring: can't specify both HTTP (${plain.port}) and HTTPs (${secure.port}) ports`,
      cause: `Monitoring is wanted with HTTP on ${plain.port} and with HTTPS on ${secure.port}, and the server does one of them.`,
      fix: 'Leave out one of the two.',
    };
  else if (conf.tls === undefined && flags.hasTls !== true)
    yield {
      at: secure.at,
      message: "Can't start monitoring: TLS cert and key required for HTTPS",
      cause: 'Monitoring is wanted with HTTPS, and the server has no certificate.',
      fix: 'Write tls { cert_file: "…", key_file: "…" }, or http in place of https.',
    };
}

function portOf(
  entries: readonly ConfEntry[],
  ...names: readonly string[]
): { port: number; at: ConfSpan } | undefined {
  const entry = entryOf(entries, ...names);
  if (entry === undefined) return undefined;
  const { value } = entry;
  const port =
    value.kind === 'integer'
      ? Number(value.value)
      : value.kind === 'string'
        ? Number(splitHostPort(value.value)?.port ?? 0)
        : 0;
  return port === 0 ? undefined : { port, at: value.span };
}
