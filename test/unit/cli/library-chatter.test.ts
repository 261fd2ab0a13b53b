import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { divertConsole } from '../../../src/cli/library-chatter.ts';

it('what libraries print goes where it is told, and nowhere else', () => {
  const printed: string[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      printed.push(String(chunk));
      done();
    },
  });
  const console = new Console(sink, sink);
  const told: string[] = [];
  divertConsole(console, (text) => told.push(text));
  console.log('reader closed', 7);
  console.error('%s is gone', 'x');
  console.trace('here');
  console.dir({ a: 1 });
  expect(told).toEqual(['reader closed 7\n', 'x is gone\n', 'here\n', '{ a: 1 }\n']);
  expect(printed).toEqual([]);
});
