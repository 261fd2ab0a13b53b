import type { CreatedStream, StreamFamily } from '../../topology/model.ts';
import { withStar, withStarsOf } from '../../topology/subjects.ts';
import type { DeclaredProject, StaticFacts } from '../facts.ts';
import { onceFor } from '../once.ts';
import { DECLARATION, spelled } from './dialect.ts';
import { manifestStreams } from './manifest-streams.ts';
import type { WrittenStream } from './stream.ts';

/** Every stream that any of the files tells of: those that devenv makes, then those of services, then other files. */
export const writtenStreams = onceFor((facts: StaticFacts): readonly WrittenStream[] => {
  const account = facts.project?.topology.accounts[0]?.name ?? '$G';
  return [
    ...(facts.project === null ? [] : declared(facts.project)),
    ...facts.manifests.flatMap((text) => manifestStreams(text, account)),
  ];
});

function declared(project: DeclaredProject): WrittenStream[] {
  const { streams, families, services } = project.topology;
  return [
    ...streams
      .filter(({ family }) => family === undefined)
      .map((stream, index) =>
        inProject(project, stream, {
          title: `stream ${stream.name}`,
          kind: 'stream',
          account: stream.account,
          path: ['streams', index],
        }),
      ),
    ...families.map((family, index) => ({
      ...inProject(project, family.pattern, {
        title: `family ${family.name}`,
        kind: 'family',
        account: family.pattern.account,
        path: ['families', index],
      }),
      ...capturedByFamily(family),
    })),
    ...services.flatMap(({ name, account, creates }) =>
      creates.streams.map((stream, index) =>
        inProject(project, stream, {
          title: `stream ${stream.name} of service ${name}`,
          kind: 'created',
          service: name,
          account: stream.account ?? account,
          path: ['services', name, 'creates', 'streams', index],
        }),
      ),
    ),
  ];
}

function inProject(
  project: DeclaredProject,
  stream: CreatedStream,
  {
    path,
    ...whose
  }: Pick<WrittenStream, 'title' | 'kind' | 'service' | 'account'> & { path: readonly (string | number)[] },
): WrittenStream {
  const { name, account: _, family: __, ...fields } = stream;
  const captured = (fields.subjects ?? []).map((subject, item) => ({
    stream: name,
    // A service that creates a stream for any channel has its own placeholder; devenv makes what is written.
    pattern: whose.kind === 'created' ? withStarsOf(name, subject) : subject,
    item,
  }));
  return {
    ...whose,
    name,
    fields,
    captured,
    reach: captured.map(({ pattern }) => pattern),
    ...spelled(project, path, DECLARATION),
  };
}

function capturedByFamily({
  placeholder,
  members,
  atMost,
  pattern,
}: StreamFamily): Pick<WrittenStream, 'captured' | 'reach'> {
  const all = atMost > members.length ? [...members, '{}'] : members;
  return {
    captured: all.flatMap((member) => {
      const filled = (text: string) => text.replaceAll(`{${placeholder}}`, () => member);
      return pattern.subjects.map((subject, item) => ({
        stream: filled(pattern.name),
        pattern: filled(subject),
        item,
      }));
    }),
    reach: pattern.subjects.map((subject) => withStar(subject, placeholder)),
  };
}
