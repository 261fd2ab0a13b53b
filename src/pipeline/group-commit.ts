/**
 * Collects items while the previous group is being written and then writes them all at once: one at a time under no
 * load, hundreds together under load, with no timer in between.
 */
export class GroupCommit<Item, Result> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #maxGroup: number;
  readonly #maxGroups: number;
  #waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  #running = 0;
  #scheduled = false;
  #idle: (() => void)[] = [];

  /** `write` answers with one result per item, in order; when it throws, every item of the group fails with that. */
  constructor(
    write: (items: readonly Item[]) => Promise<readonly Result[]>,
    { maxGroup, maxGroups = 1 }: { maxGroup: number; maxGroups?: number },
  ) {
    this.#write = write;
    this.#maxGroup = maxGroup;
    this.#maxGroups = maxGroups;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when everything added so far has been written or has failed. */
  async idle(): Promise<void> {
    if (this.#running === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#maxGroups) return;
    this.#scheduled = true;
    // After the events of this turn of the loop: requests that arrived together share the group.
    setImmediate(() => {
      this.#scheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#running >= this.#maxGroups || this.#waiting.length === 0) return;
    const group = this.#waiting.splice(0, this.#maxGroup);
    this.#running += 1;
    try {
      const results = await this.#write(group.map(({ item }) => item));
      group.forEach(({ resolve }, at) => {
        resolve(results[at] as Result);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    this.#running -= 1;
    if (this.#waiting.length > 0) this.#schedule();
    else if (this.#running === 0) for (const done of this.#idle.splice(0)) done();
  }
}
