import { list, path, text } from './scalars.ts';
import { section } from './section.ts';

const files = (what: string) => list(path(), 'files').prefault([]).describe(what);

/** `doctor:`: files of the project that devenv does not write but whose mistakes it knows. */
export const doctorSettings = section({
  nats_conf: files('Configurations of nats-server; one for each server of a cluster.'),
  compose: files('Compose files.'),
  manifests: files('Kubernetes manifests, Helm values, dashboards, and stream configurations as JSON.'),
  ignore: list(text({ pattern: /^[A-Z][0-9]{2}$/, expected: 'the id of a rule, such as E14' }), 'rule ids')
    .prefault([])
    .describe('Rules that are not to report anything.'),
});
