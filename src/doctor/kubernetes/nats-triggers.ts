import { isMap, mapAt, textOf, type YamlMap, type YamlPart } from '../compose/yaml-parts.ts';
import type { StaticFacts } from '../facts.ts';

/** A trigger by which KEDA scales on the lag of a consumer. https://keda.sh/docs/latest/scalers/nats-jetstream/ */
export interface NatsTrigger extends YamlPart {
  /** `ScaledObject worker` */
  owner: string;
  metadata: YamlMap;
  /** Name of the TriggerAuthentication that adds to the metadata. */
  authentication?: string;
}

export const natsTriggers = ({ manifests }: StaticFacts): readonly NatsTrigger[] =>
  manifests.flatMap((yaml) => {
    const { value } = yaml;
    if (!isMap(value) || (value.kind !== 'ScaledObject' && value.kind !== 'ScaledJob')) return [];
    const triggers = mapAt(value, 'spec')?.triggers;
    const owner = `${value.kind} ${textOf(mapAt(value, 'metadata')?.name) ?? ''}`.trim();
    return (Array.isArray(triggers) ? triggers : []).flatMap((trigger, index) => {
      if (!isMap(trigger) || trigger.type !== 'nats-jetstream') return [];
      const authentication = textOf(mapAt(trigger, 'authenticationRef')?.name);
      return [
        {
          yaml,
          path: ['spec', 'triggers', index],
          owner,
          metadata: mapAt(trigger, 'metadata') ?? {},
          ...(authentication === undefined ? {} : { authentication }),
        },
      ];
    });
  });

/** Parameters that a TriggerAuthentication gives; undefined when it is in none of the manifests. */
export function parametersOf({ manifests }: StaticFacts, name: string): readonly string[] | undefined {
  const found = manifests.find(
    ({ value }) =>
      isMap(value) &&
      /^(Cluster)?TriggerAuthentication$/.test(textOf(value.kind) ?? '') &&
      mapAt(value, 'metadata')?.name === name,
  );
  const spec = found && mapAt(found.value, 'spec');
  if (spec === undefined) return undefined;
  return Object.values(spec).flatMap((list) =>
    Array.isArray(list) ? list.flatMap((item) => (isMap(item) ? (textOf(item.parameter) ?? []) : [])) : [],
  );
}
