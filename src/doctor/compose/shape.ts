import type { YamlText } from '../facts.ts';

/** What Compose itself refuses at once; rules would pass it over, and say that all is well. */
export function composeProblems(
  compose: Record<string, unknown>,
  place: YamlText['place'],
): YamlText['errors'] {
  const keys = Object.keys(compose);
  if (!keys.some((key) => key.startsWith('x-') || COMPOSE_KEYS.has(key)))
    return [{ place: place([]), message: 'is no Compose file: it has no services' }];
  const { services } = compose;
  if (services === undefined || services === null) return [];
  if (!isMap(services))
    return [{ place: place(['services']), message: 'services: expected a map of names and services' }];
  return Object.entries(services).flatMap(([name, service]) =>
    service === null || isMap(service)
      ? []
      : [
          {
            place: place(['services', name]),
            message: `services.${name}: expected a map of keys and values`,
          },
        ],
  );
}

const COMPOSE_KEYS: ReadonlySet<string> = new Set(
  'version name include services networks volumes secrets configs models'.split(' '),
);

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
