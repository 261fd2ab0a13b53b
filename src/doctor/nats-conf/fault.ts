import type { ConfEntry, ConfSpan, ConfValue } from './document.ts';

/** What is wrong with a setting, for rules to tell apart. */
export type FaultCode =
  | 'unknown-field'
  /** A value of another type than the server takes. */
  | 'type'
  | 'size'
  | 'duration'
  | 'address'
  | 'url'
  | 'subject'
  /** A number outside of what is allowed. */
  | 'range'
  /** None of the words that are allowed. */
  | 'choice'
  /** A name that holds a space, or is reserved. */
  | 'name'
  /** No public key or seed of the wanted kind. */
  | 'key'
  /** Said twice. */
  | 'duplicate'
  /** Two settings that exclude each other. */
  | 'conflict'
  /** Something that has to be there is not. */
  | 'missing'
  /** Refers to an account that is not declared, or that does not share. */
  | 'reference'
  /** The server would start all the same; only `-t` refuses it. */
  | 'deprecated';

/** One thing that `nats-server -t` refuses. */
export interface ConfFault {
  code: FaultCode;
  /** A warning stops `-t`, but not the start. */
  severity: 'error' | 'warning';
  /** In the server's words. */
  message: string;
  /** Where the server says it is: the key. */
  span: ConfSpan;
  /** The part to look at or to change: mostly the value. */
  at: ConfSpan;
  /** Names of the blocks around it and its own, outermost first. */
  path: readonly string[];
  /** The entry concerned, where it is one. */
  entry?: ConfEntry;
  /** What the server takes there, in words. */
  wanted?: string;
  /** Since which version of nats-server the field exists, of a field that this version does not know yet. */
  since?: string;
  /** The known fields of the block, of an unknown one. */
  known?: readonly string[];
  /** The name or the subject that it is about. */
  subject?: string;
  /** Where the other one stands, of a duplicate or a conflict. */
  other?: ConfSpan;
}

export type Fault = Omit<ConfFault, 'span' | 'at' | 'path' | 'entry' | 'severity'> &
  Partial<Pick<ConfFault, 'span' | 'at' | 'severity'>>;

/** An entry on its way through the checks: what it is, where it stands, and where faults go. */
export class Site {
  readonly entry: ConfEntry;
  readonly path: readonly string[];
  readonly version: string;
  private readonly faults: ConfFault[];

  constructor(entry: ConfEntry, path: readonly string[], version: string, faults: ConfFault[]) {
    this.entry = entry;
    this.path = path;
    this.version = version;
    this.faults = faults;
  }

  get key(): string {
    return this.entry.key;
  }

  get value(): ConfValue {
    return this.entry.value;
  }

  /** An entry of this one's map. */
  inside(entry: ConfEntry): Site {
    return new Site(entry, [...this.path, entry.key], this.version, this.faults);
  }

  /** An item of this one's list, told by its index. */
  item(value: ConfValue, index: number): Site {
    const entry = { key: this.key, keySpan: value.span, value };
    return new Site(entry, [...this.path, String(index)], this.version, this.faults);
  }

  report(fault: Fault): void {
    this.faults.push({
      severity: 'error',
      span: this.entry.keySpan,
      at: this.value.span,
      ...fault,
      path: this.path,
      entry: this.entry,
    });
  }
}
