import type { Stream } from '../../topology/model.ts';
import type { Spelled } from './dialect.ts';

/** What rules look at; bytes and milliseconds. Absent = not written, and no default of devenv's own. */
export type StreamFields = Partial<
  Pick<
    Stream,
    | 'subjects'
    | 'storage'
    | 'retention'
    | 'discard'
    | 'maxBytes'
    | 'maxAge'
    | 'maxMsgs'
    | 'maxMsgSize'
    | 'duplicateWindow'
    | 'replicas'
    | 'placement'
  >
> & {
  /** It answers no publish. */
  noAck?: boolean;
};

/** One subject that one stream captures. */
export interface Captured {
  /** The stream that captures it: for a family, one of its members. */
  stream: string;
  pattern: string;
  /** Which of the written subjects it comes from. */
  item: number;
}

/** A stream, or a family of them, as somebody wrote it down. */
export interface WrittenStream extends Spelled<keyof StreamFields, 'name'> {
  /** `stream MESSAGES`, `family chat_{channel}_post`, `stream MESSAGES of service api`, `stream MESSAGES of streams.json` */
  title: string;
  kind: 'stream' | 'family' | 'created' | 'manifest';
  /** The service whose code creates it. */
  service?: string;
  /** Of a family with its placeholder. */
  name: string;
  account: string;
  fields: StreamFields;
  /**
   * Every subject of every member. A family that may get more members has one called `{}` besides, so that what holds
   * for any member is seen; no subject that is written out matches that word by accident.
   */
  captured: readonly Captured[];
  /** Each written subject as one pattern, placeholders as stars: what its streams capture together. */
  reach: readonly string[];
}
