import { describe, expect, it } from 'vitest';
import { printableCommand } from '../../../src/adapters/process-table.ts';
import {
  parseLsofCwd,
  parseLsofPids,
  parseParents,
  parsePs,
} from '../../../src/adapters/process-table-darwin.ts';
import { parseSockets, parseStat } from '../../../src/adapters/process-table-linux.ts';

describe('linux: /proc/<pid>/stat', () => {
  const tail =
    'S 812 4711 4711 0 -1 4194560 3000 0 1 0 12 5 0 0 20 0 11 0 987654 1200000 9000 18446744073709551615';

  it('reads state, parent and start ticks (field 22)', () => {
    expect(parseStat(`4711 (node) ${tail}\n`)).toEqual({ state: 'S', parent: 812, ticks: '987654' });
  });

  it('is not confused by a name with spaces, parentheses and numbers', () => {
    expect(parseStat(`4711 (a) R 1 (b c) 5) ${tail}`)).toEqual({ state: 'S', parent: 812, ticks: '987654' });
  });

  it('refuses text that is cut short', () => {
    expect(parseStat('4711 (node) S 1')).toBeUndefined();
    expect(parseStat('')).toBeUndefined();
  });
});

describe('linux: /proc/net/tcp', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 45678 1 0 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 45999 1 0 0 20 4 30 10 -1
   2: 0100007F:107E 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 45000 1 0 0 100 0 0 10 0
`;
  const text6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 46000 1 0 0 100 0 0 10 0
`;

  it('takes listening sockets of the port only', () => {
    expect([...parseSockets(text, 8080)]).toEqual([['45678', '1000']]);
    expect([...parseSockets(text, 4222)]).toEqual([['45000', '0']]);
    expect([...parseSockets(text, 50000)]).toEqual([]);
  });

  it('reads the IPv6 table alike', () => {
    expect([...parseSockets(text6, 8080)]).toEqual([['46000', '33']]);
  });
});

describe('darwin: ps and lsof', () => {
  it('reads state, start time and command of ps', () => {
    expect(
      parsePs(501, 'S+   Fri Nov 14 10:00:05 2025     /opt/homebrew/bin/node server.js --port 8080\n'),
    ).toEqual({
      pid: 501,
      startedAt: 'Fri Nov 14 10:00:05 2025',
      command: '/opt/homebrew/bin/node server.js --port 8080',
    });
    expect(parsePs(501, 'Ss   Sat Nov  1 09:00:05 2025     launchd\n')).toMatchObject({
      startedAt: 'Sat Nov 1 09:00:05 2025',
    });
  });

  it('takes a zombie and no output for gone', () => {
    expect(parsePs(501, 'Z    Fri Nov 14 10:00:05 2025     (node)\n')).toBe('gone');
    expect(parsePs(501, '')).toBe('gone');
  });

  it('reads parents without zombies', () => {
    expect([...parseParents('    1     0 Ss\n  501     1 S+\n  502   501 Z\n\n')]).toEqual([
      [1, 0],
      [501, 1],
    ]);
  });

  it('reads the pids and the folder of lsof -F', () => {
    expect(parseLsofPids('p501\nf21\nf22\np777\nf3\n')).toEqual([501, 777]);
    expect(parseLsofPids('')).toEqual([]);
    expect(parseLsofCwd('p501\nfcwd\nn/Users/a b/project\n')).toBe('/Users/a b/project');
    expect(parseLsofCwd('p501\nfcwd\n')).toBeUndefined();
  });
});

describe('a command line for people', () => {
  it('carries no terminal escapes and no newlines', () => {
    expect(printableCommand('node\u001b[31m x\r\ny \u202e z\u0000')).toBe('node [31m x y z');
  });

  it('is cut to one line', () => {
    expect(printableCommand('x'.repeat(500))).toHaveLength(200);
  });
});
