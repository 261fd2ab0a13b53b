import { field } from '../blocks.ts';
import { integer, listen, text } from '../shapes.ts';

/** Where a server listens, in every block that listens. */
export const listenFields = [
  field('listen', listen),
  field('port', integer(undefined, 'a port')),
  field('host net', text(undefined, 'an address or a host name')),
] as const;
