import type { YamlText } from '../facts.ts';
import { type Container, containersOfManifest } from '../kubernetes/containers.ts';

/** What `$NAME` in a nats.conf stands for in the pods that read it. */
export interface PodEnvironment {
  /**
   * For one text. `unknown` are variables whose values are nowhere, in `env` they stand for their own names; of these,
   * `unset` are the ones that no container sets either, as far as the files tell.
   */
  of(text: string): {
    env: Readonly<Record<string, string>>;
    unknown: readonly string[];
    unset: readonly string[];
  };
}

/** Of all containers that run nats-server, because which of them reads what is not always told. */
export function environmentOf(manifests: readonly YamlText[]): PodEnvironment {
  const servers = manifests.flatMap(containersOfManifest).filter(isServer);
  const values = new Map<string, string | undefined>();
  for (const { environment } of servers) for (const { name, value } of environment) values.set(name, value);
  // Without a server among the manifests, or with variables taken over in one, any name may be set.
  const mayBeAny = servers.length === 0 || servers.some(({ takesOver }) => takesOver);
  return {
    of(text) {
      const named = new Set([...text.matchAll(/\$(\w+)/g)].map(([, name]) => name!));
      const keys = keysIn(text);
      const unknown = [...named].filter(
        (name) =>
          values.get(name) === undefined &&
          !keys.has(name) &&
          !isOfHash(name) &&
          (mayBeAny || values.has(name)),
      );
      const known = [...values].flatMap(([name, value]) =>
        // Kubernetes itself replaces $(OTHER).
        value === undefined ? [] : [[name, /\$\(\w+\)/.test(value) ? JSON.stringify(name) : value] as const],
      );
      return {
        env: {
          ...Object.fromEntries(known),
          ...Object.fromEntries(unknown.map((name) => [name, JSON.stringify(name)])),
        },
        unknown,
        unset: unknown.filter((name) => !values.has(name)),
      };
    },
  };
}

/** Every word that may be a key of the file itself, with or without a colon behind it. */
const keysIn = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/^[ \t]*["']?(\w+)|(?<!\w)(\w+)["']?\s*[:=]/gm)].map((match) => match[1] ?? match[2]!),
  );

/** What follows a dollar sign in hashes of passwords: `$2a$…` */
const isOfHash = (name: string): boolean => /^\d/.test(name);

const isServer = ({ image, words }: Container): boolean =>
  /(^|\/)nats(-server)?([:@]|$)/.test(image) || words.some(({ text }) => /(^|\/)nats-server$/.test(text));
