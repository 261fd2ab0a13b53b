/** Every label that devenv puts on containers, networks, volumes and images. The world is read back from these. */
const PREFIX = 'dev.devenv';

export const LABELS = {
  /** Environment.id: what `observe` and `remove` select by. */
  environment: `${PREFIX}.environment`,
  /** Environment.name, for people who read `docker ps`. */
  name: `${PREFIX}.name`,
  /** Environment.projectDir: whose environment this is. */
  project: `${PREFIX}.project-dir`,
  /** Service of the topology that a container runs. */
  service: `${PREFIX}.service`,
  /** Hash of everything whose change needs the container to be recreated. */
  hash: `${PREFIX}.definition-hash`,
  /** Version of devenv that made the object. */
  version: `${PREFIX}.version`,
  /** What the object is for: `service`, `network`, `data`, `pipeline-image`. */
  role: `${PREFIX}.role`,
  /** Id of the image that an image was built on: a newer base of the same name means to build again. */
  base: `${PREFIX}.base-image`,
} as const;

export type Role = 'service' | 'network' | 'data' | 'pipeline-image';
