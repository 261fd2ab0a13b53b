import type { Actor } from './actors.ts';
import { SubjectTree } from './subject-tree.ts';

/** A service or a user, with the patterns by which it is connected. */
export interface Flow {
  kind: Actor['kind'];
  name: string;
  subjects: readonly string[];
}

/** Which actors have a pattern, in one part of their role, that shares a subject with a given one. */
export class FlowIndex {
  readonly #actors: readonly Actor[];
  readonly #tree = new SubjectTree<readonly [actor: number, pattern: string]>();

  constructor(actors: readonly Actor[], part: 'publishes' | 'subscribes' | 'requests' | 'serves') {
    this.#actors = actors;
    for (const [index, { role }] of actors.entries()) {
      for (const pattern of new Set(role[part])) this.#tree.add(pattern, [index, pattern]);
    }
  }

  /** In the order of the actors, each with its patterns in the order of the text. */
  crossing(patterns: readonly string[]): Flow[] {
    const found = new Map<number, Set<string>>();
    for (const pattern of patterns) {
      for (const [actor, own] of this.#tree.crossing(pattern)) {
        found.set(actor, (found.get(actor) ?? new Set()).add(own));
      }
    }
    return [...found]
      .sort(([a], [b]) => a - b)
      .map(([index, subjects]) => {
        const { kind, name } = this.#actors[index]!;
        return { kind, name, subjects: [...subjects].sort() };
      });
  }
}
