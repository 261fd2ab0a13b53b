import type { Word } from './words.ts';
import type { YamlPath } from './yaml-parts.ts';

/** Switches of nats-server (`server/opts.go`, ConfigureOptions), each with the name that rules know it by. */
const SWITCHES: Readonly<Record<string, string>> = {
  ...same('DV', 'DVV', 'VV', 'help_tls', 'logtime_utc', 'no_advertise', 't', 'tls', 'tlsverify'),
  ...named('help', 'h', 'help'),
  ...named('version', 'v', 'version'),
  ...named('debug', 'D', 'debug'),
  ...named('trace', 'V', 'trace'),
  ...named('logtime', 'T', 'logtime'),
  ...named('syslog', 's', 'syslog'),
  ...named('jetstream', 'js', 'jetstream'),
};

const WITH_VALUE: Readonly<Record<string, string>> = {
  ...same(
    'auth',
    'client_advertise',
    'cluster_advertise',
    'cluster_name',
    'connect_retries',
    'log_size_limit',
  ),
  ...same('max_traced_msg_len', 'pass', 'ports_file_dir', 'profile', 'routes', 'tlscacert', 'tlscert'),
  ...same('tlskey', 'user'),
  ...named('port', 'p', 'port'),
  ...named('host', 'a', 'addr', 'net'),
  ...named('name', 'n', 'name', 'server_name'),
  ...named('http_port', 'm', 'http_port'),
  ...named('https_port', 'ms', 'https_port'),
  ...named('config', 'c', 'config'),
  ...named('signal', 'sl', 'signal'),
  ...named('pid', 'P', 'pid'),
  ...named('log', 'l', 'log'),
  ...named('remote_syslog', 'r', 'remote_syslog'),
  ...named('cluster', 'cluster', 'cluster_listen'),
  ...named('store_dir', 'sd', 'store_dir'),
};

export const NATS_FLAGS: readonly string[] = [...Object.keys(SWITCHES), ...Object.keys(WITH_VALUE)];

export interface NatsFlag {
  /** The long name, whatever was written: `config` for `-c`. */
  name: string;
  value: string;
  /** Of the value. */
  path: YamlPath;
}

export interface NatsArguments {
  flags: readonly NatsFlag[];
  /** The first thing that nats-server stops at. */
  refused?: { kind: 'flag' | 'word'; word: Word; name: string };
}

/** Reads arguments as Go's flag package does: one dash or two, `-x v` or `-x=v`, and nothing after the first refusal. */
export function natsArguments(words: readonly Word[]): NatsArguments {
  const flags: NatsFlag[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    const [, written, value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word.text) ?? [];
    if (written === undefined) {
      // `help` and `version` may be said without dashes.
      if (/^(help|version)$/i.test(word.text))
        return { flags: [...flags, { name: word.text.toLowerCase(), value: 'true', path: word.path }] };
      return word.text === '--' ? { flags } : { flags, refused: { kind: 'word', word, name: word.text } };
    }
    if (Object.hasOwn(SWITCHES, written)) {
      flags.push({ name: SWITCHES[written]!, value: value ?? 'true', path: word.path });
    } else if (Object.hasOwn(WITH_VALUE, written)) {
      const next = value === undefined ? words[++index] : undefined;
      flags.push({
        name: WITH_VALUE[written]!,
        value: value ?? next?.text ?? '',
        path: next?.path ?? word.path,
      });
    } else {
      return { flags, refused: { kind: 'flag', word, name: written } };
    }
  }
  return { flags };
}

function named(name: string, ...spellings: readonly string[]): Record<string, string> {
  return Object.fromEntries(spellings.map((spelling) => [spelling, name]));
}

function same(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
