import { composeServices, type EnvironmentVariable } from '../compose/services.ts';
import type { Word } from '../compose/words.ts';
import { isMap, mapAt, textOf, type YamlMap, type YamlPart, type YamlPath } from '../compose/yaml-parts.ts';
import type { StaticFacts, YamlText } from '../facts.ts';

/** A program in a container, whether a Compose file or a manifest of Kubernetes tells of it. */
export interface Container extends YamlPart {
  /** `service surveyor`, `container metrics of Deployment nats` */
  label: string;
  image: string;
  /** Entry point, command and arguments as far as they are given. */
  words: readonly Word[];
  environment: readonly EnvironmentVariable[];
  /** Whether it has more variables, whose names stand elsewhere (`envFrom`, `env_file`). */
  takesOver?: boolean;
}

/** All containers that the files tell of, those of Compose files first. */
export const containers = (facts: StaticFacts): readonly Container[] => [
  ...composeServices(facts).flatMap(({ yaml, path, name, image, entrypoint, command, environment }) =>
    image === undefined
      ? []
      : [
          {
            yaml,
            path,
            label: `service ${name}`,
            image,
            words: [...(entrypoint ?? []), ...(command ?? [])],
            environment,
          },
        ],
  ),
  ...facts.manifests.flatMap(containersOfManifest),
];

/** Of a Pod, or of what makes Pods: Deployment, StatefulSet, DaemonSet, Job, CronJob. */
export function containersOfManifest(yaml: YamlText): Container[] {
  if (!isMap(yaml.value) || textOf(yaml.value.kind) === undefined) return [];
  const pods: YamlPath[] = [
    ['spec'],
    ['spec', 'template', 'spec'],
    ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ];
  const owner = `${textOf(yaml.value.kind)} ${textOf(mapAt(yaml.value, 'metadata')?.name) ?? ''}`.trim();
  return pods.flatMap((path) => {
    const list = mapAt(yaml.value, ...path.map(String))?.containers;
    return Array.isArray(list)
      ? list.flatMap((item, index) =>
          isMap(item) ? containerOf(item, { yaml, path: [...path, 'containers', index] }, owner) : [],
        )
      : [];
  });
}

function containerOf(item: YamlMap, { yaml, path }: YamlPart, owner: string): Container[] {
  const image = textOf(item.image);
  if (image === undefined) return [];
  const words = (key: 'command' | 'args'): Word[] => {
    const list = item[key];
    return Array.isArray(list)
      ? list.flatMap((word, index) => {
          const text = textOf(word);
          return text === undefined ? [] : [{ text, path: [...path, key, index] }];
        })
      : [];
  };
  const variables = Array.isArray(item.env) ? item.env : [];
  return [
    {
      yaml,
      path,
      label: `container ${textOf(item.name) ?? image} of ${owner}`,
      image,
      words: [...words('command'), ...words('args')],
      takesOver: Array.isArray(item.envFrom) && item.envFrom.length > 0,
      environment: variables.flatMap((variable, index) => {
        const name = isMap(variable) ? textOf(variable.name) : undefined;
        return name === undefined
          ? []
          : [{ name, value: textOf((variable as YamlMap).value), path: [...path, 'env', index] }];
      }),
    },
  ];
}
