import type { CreatedConsumer } from '../../topology/model.ts';
import type { DeclaredProject, StaticFacts } from '../facts.ts';
import { onceFor } from '../once.ts';
import type { WrittenConsumer } from './consumer.ts';
import { DECLARATION, spelled } from './dialect.ts';
import { fileEntries } from './file-entries.ts';
import { manifestConsumers } from './manifest-consumers.ts';

/** Every consumer that any of the files tells of. */
export const writtenConsumers = onceFor((facts: StaticFacts): readonly WrittenConsumer[] => [
  ...(facts.project === null ? [] : declaredConsumers(facts.project)),
  ...facts.manifests.flatMap(manifestConsumers),
]);

/** Those of devenv.yaml: what devenv creates, then what services create. */
function declaredConsumers(project: DeclaredProject): WrittenConsumer[] {
  const { consumers, services, streams } = project.topology;
  const entries = fileEntries(consumers, project.written(['consumers']), streams);
  return [
    ...entries.map(({ index, stream, items }) =>
      inProject(project, items[0], {
        title: `consumer ${stream}/${items[0].name}`,
        streams: items.map((item) => item.stream),
        account: items[0].account,
        path: ['consumers', index],
      }),
    ),
    ...services.flatMap(({ name, account, creates }) =>
      creates.consumers.map((consumer, index) =>
        inProject(project, consumer, {
          title: `consumer ${consumer.stream}/${consumer.name} of service ${name}`,
          streams: [consumer.stream],
          account: consumer.account ?? account,
          path: ['services', name, 'creates', 'consumers', index],
        }),
      ),
    ),
  ];
}

function inProject(
  project: DeclaredProject,
  consumer: CreatedConsumer,
  {
    path,
    ...whose
  }: Pick<WrittenConsumer, 'title' | 'streams' | 'account'> & { path: readonly (string | number)[] },
): WrittenConsumer {
  const { name, stream: _, account: __, ...fields } = consumer;
  return {
    ...whose,
    name,
    durable: true,
    delivery: 'pull',
    fields,
    ...spelled(project, path, DECLARATION),
  };
}
