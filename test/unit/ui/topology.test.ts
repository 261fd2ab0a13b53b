import { describe, expect, it } from 'vitest';
import { topologyGraph } from '../../../src/topology/graph.ts';
import type { Topology } from '../../../src/topology/model.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { textWidth } from '../../../src/ui/text-width.ts';
import { topologyMermaid } from '../../../src/ui/topology-mermaid.ts';
import { topologyTreeLines } from '../../../src/ui/topology-tree.ts';
import { consumer, someService, someTopology, stream } from '../../helpers/topology.ts';

const plain = {
  style: createStyle(false),
  width: Number.POSITIVE_INFINITY,
  invocation: (verb: string) => verb,
};
const tree = (parts: Partial<Topology> = {}, options = plain) =>
  topologyTreeLines(topologyGraph(someTopology(parts)), options);
const mermaid = (parts: Partial<Topology> = {}) => topologyMermaid(topologyGraph(someTopology(parts)));

const HOSTILE = 'x\u001b[2J"]|<script>alert(1)</script>\n%%{init}%% `end` #quot; \u202e;';

describe('the tree', () => {
  it('draws the shipped pipeline', () => {
    expect(tree().join('\n')).toBe(`account $G
├─ stream MESSAGES         messages.ingest.>  (file, 256MiB)
│  ├─ from service api     messages.ingest.>
│  ├─ consumer workers     every subject
│  │  └─ to service worker
│  └─ read by service api
└─ stream MESSAGESDLQ      messages.dlq.>  (file, 256MiB)
   └─ from service worker  messages.dlq.>`);
  });

  it('says where something is missing', () => {
    const lines = tree({
      streams: [stream('S', 's.>')],
      consumers: [consumer('S', 'c', { filterSubjects: ['s.1'] })],
      coreSubjects: ['core.x'],
      services: [someService('a', { requests: ['ask'], publishes: ['void'] })],
    });
    expect(lines.join('\n')).toBe(`account $G
├─ stream S               s.>  (file, 256MiB)
│  ├─ nobody publishes
│  └─ consumer c          s.1
│     └─ nobody works it
├─ core core.x
│  ├─ nobody publishes
│  └─ nobody subscribes
├─ request ask
│  ├─ asked by service a  ask
│  └─ nobody answers
└─ published and heard by nobody
   └─ from service a      void`);
  });

  it('says that nothing flows', () => {
    expect(tree({ streams: [], consumers: [], services: [] })).toEqual([
      'shop declares no streams, and nobody who publishes or subscribes',
    ]);
  });

  it('fits a narrow terminal', () => {
    for (const text of tree({}, { ...plain, width: 40 })) expect(textWidth(text)).toBeLessThanOrEqual(40);
  });

  it('lets no name move the cursor or begin a line', () => {
    const lines = tree({ streams: [stream(HOSTILE, HOSTILE)], consumers: [], services: [] });
    expect(lines).toHaveLength(3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe('Mermaid', () => {
  it('draws the shipped pipeline', () => {
    expect(mermaid()).toBe(`flowchart LR
  subgraph a1["account #36;G"]
    a1n1[("MESSAGES<br>messages.ingest.#62;")]
    a1n2["service api"]
    a1n2 -->|"messages.ingest.#62;"| a1n1
    a1n3(["workers"])
    a1n1 --> a1n3
    a1n4["service worker"]
    a1n3 --> a1n4
    a1n1 -.->|"reads"| a1n2
    a1n5[("MESSAGESDLQ<br>messages.dlq.#62;")]
    a1n4 -->|"messages.dlq.#62;"| a1n5
  end
`);
  });

  it('keeps a service and a user of one name, and streams called alike, apart', () => {
    const text = mermaid({
      streams: [stream('a', 'x'), stream('b', 'y')],
      consumers: [consumer('a', 'same'), consumer('b', 'same')],
      services: [someService('a', { publishes: ['x'] })],
    });
    expect(text.match(/^ {4}a1n\d+[[({]/gm)).toHaveLength(5);
  });

  it('writes every special character of a name as an entity', () => {
    const text = mermaid({ streams: [stream(HOSTILE, HOSTILE)], consumers: [], services: [] });
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    const label = /^ {4}a1n1\[\("(.*)"\)\]$/.exec(lines[2]!)?.[1];
    expect(label?.replace('<br>', '')).toMatch(/^([\p{L}\p{N} _.,:/()-]|#\d+;)+$/u);
  });
});
