import type { AccountGraph, Flow, TopologyGraph } from '../topology/graph.ts';

/**
 * The same picture for Markdown: a flowchart of Mermaid, one box for each account. Ids are numbers and every label is
 * quoted with its special characters as entities, so that no name can be read as syntax or as HTML.
 * https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
 */
export function topologyMermaid({ accounts }: TopologyGraph): string {
  return ['flowchart LR', ...accounts.flatMap(accountLines), ''].join('\n');
}

function accountLines(account: AccountGraph, index: number): string[] {
  const draw = new Drawing(`a${index + 1}`);
  for (const { name, subjects, members, publishers, consumers, observers } of account.streams) {
    const title = members === undefined ? name : `${name} × ${members.length}`;
    const stream = draw.node('stream', name, [title, ...subjects], ['[(', ')]']);
    for (const flow of publishers) draw.edge(draw.actor(flow), stream, flow.subjects);
    for (const consumer of consumers) {
      const node = draw.node('consumer', `${name}/${consumer.name}`, [consumer.name], ['([', '])']);
      draw.edge(stream, node, consumer.filterSubjects);
      for (const worker of consumer.workers) draw.edge(node, draw.actor(worker), []);
    }
    for (const observer of observers) draw.edge(stream, draw.actor(observer), ['reads'], '-.->');
  }
  for (const { subject, publishers, subscribers } of account.core) {
    const node = draw.node('core', subject, [subject], ['{{', '}}']);
    for (const flow of publishers) draw.edge(draw.actor(flow), node, others(flow, subject));
    for (const flow of subscribers) draw.edge(node, draw.actor(flow), others(flow, subject));
  }
  for (const { subject, requesters, servers } of account.requests) {
    const node = draw.node('request', subject, [subject], ['{{', '}}']);
    for (const flow of requesters) draw.edge(draw.actor(flow), node, ['asks'], '<-->');
    for (const flow of servers) draw.edge(node, draw.actor(flow), ['answers'], '<-->');
  }
  for (const flow of account.unheard) {
    const nobody = draw.node('nobody', '', ['heard by nobody'], ['[', ']']);
    draw.edge(draw.actor(flow), nobody, flow.subjects, '-.->');
  }
  return [
    `  subgraph ${draw.prefix}[${label([`account ${account.account}`])}]`,
    ...draw.lines.map((text) => `    ${text}`),
    '  end',
  ];
}

/** What its own pattern adds to the subject that the node shows already. */
const others = (flow: Flow, subject: string): readonly string[] =>
  flow.subjects.filter((pattern) => pattern !== subject);

class Drawing {
  readonly lines: string[] = [];
  readonly #ids = new Map<string, string>();

  constructor(readonly prefix: string) {}

  /** The id of a node, which is written down when it is first asked for. */
  node(
    kind: string,
    name: string,
    texts: readonly string[],
    [open, close]: readonly [string, string],
  ): string {
    const key = JSON.stringify([kind, name]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = `${this.prefix}n${this.#ids.size + 1}`;
    this.#ids.set(key, id);
    this.lines.push(`${id}${open}${label(texts)}${close}`);
    return id;
  }

  actor({ kind, name }: Pick<Flow, 'kind' | 'name'>): string {
    return this.node(kind, name, [`${kind} ${name}`], ['[', ']']);
  }

  edge(from: string, to: string, texts: readonly string[], arrow = '-->'): void {
    this.lines.push(`${from} ${arrow}${texts.length === 0 ? '' : `|${label([texts.join(', ')])}|`} ${to}`);
  }
}

/** Only what can mean nothing to Mermaid, Markdown or HTML stays as it is. */
const label = (texts: readonly string[]): string =>
  `"${texts
    .map((text) =>
      text
        .replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
        .replace(/[^\p{L}\p{N} _.,:/()-]/gu, (character) => `#${character.codePointAt(0)};`),
    )
    .join('<br>')}"`;
