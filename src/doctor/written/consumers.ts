import type { Consumer, CreatedConsumer } from '../../topology/model.ts';
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
    ...entries.flatMap(({ index, stream, items }) =>
      alike(items).map((same) =>
        inProject(project, same[0], {
          title: `consumer ${stream}/${same[0].name}`,
          streams: same.map((item) => item.stream),
          account: same[0].account,
          path: ['consumers', index],
        }),
      ),
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

/** On the members of a family, filters that hold the placeholder differ; nothing else does. */
function alike(items: readonly [Consumer, ...Consumer[]]): readonly (readonly [Consumer, ...Consumer[]])[] {
  const [first, ...others] = items;
  const shared = others.every(({ filterSubjects }) =>
    filterSubjects.every((filter, index) => filter === first.filterSubjects[index]),
  );
  return shared ? [items] : items.map((item) => [item]);
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
