import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DevenvEvent } from '../../../src/events.ts';
import { createProgress } from '../../../src/ui/progress-modes.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { eventually } from '../../helpers/eventually.ts';
import { EVENTS } from '../../helpers/fake-engine.ts';

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

function startTree() {
  let text = '';
  const stderr = {
    isTTY: true,
    columns: 120,
    rows: 50,
    write: (part: string) => {
      text += part;
      return true;
    },
  };
  const style = createStyle(false);
  const tree = createProgress('tree', { stderr, style, now: () => 0, verbose: false });
  /** What the last frame leaves on the screen. */
  const frame = (): string[] =>
    text
      .slice(text.lastIndexOf('\u001b[G') + 3)
      .split('\n')
      .map((line) => stripVTControlCharacters(line).trimEnd())
      .filter((line) => line !== '');
  return { tree, frame, raw: () => text };
}

const started = (id: string): DevenvEvent => ({
  type: 'step-started',
  id,
  title: `start ${id}`,
  cause: 'no process',
});

describe('the tree', () => {
  it('ends with one line for each step, remark and probe', async () => {
    const { tree, frame, raw } = startTree();
    for (const event of EVENTS) tree.emit(event);
    tree.emit({ type: 'probe-started', probe: 'retry', summary: 'Fails once.' });
    tree.emit({ type: 'probe-done', probe: 'retry', status: 'failed', ms: 90, brokenHop: 'row in orders' });
    await tree.end();
    expect(frame()).toEqual([
      '✔ start nats (no process; pid 11; 118 ms)',
      '✖ start api: failed after 3.00 s: api was not ready after 3.0 s',
      '• api: exited with code 1, will be started again',
      '✔ probe flow (something was started; 90 ms)',
      '✖ probe retry: broken at: row in orders; 90 ms',
    ]);
    expect(raw()).toContain('[+0.000s] no Docker engine: process runtime\n');
  });

  it('shows concurrent steps, each with its own progress', async () => {
    const { tree, frame, raw } = startTree();
    tree.emit(started('nats'));
    tree.emit(started('postgres'));
    await eventually(() => expect(raw()).toContain('start postgres'));
    tree.emit({ type: 'step-progress', id: 'nats', text: 'downloading', done: 1, total: 2 });
    // Without the icon: a spinner that turns.
    expect(frame().map((line) => line.trim().slice(2))).toEqual([
      'start nats (no process)',
      'downloading 50%',
      'start postgres (no process)',
    ]);
    await tree.end();
  });

  it('hides the cursor and gives it back, also when steps never ended', async () => {
    const { tree, frame, raw } = startTree();
    tree.emit(started('nats'));
    await tree.end();
    expect(frame()).toEqual(['✖ start nats: not finished']);
    expect(raw()).toContain(HIDE);
    expect(raw().lastIndexOf(SHOW)).toBeGreaterThan(raw().lastIndexOf(HIDE));
  });

  it('is not loaded for verbs without steps, and prints plain lines after its end', async () => {
    const { tree, raw } = startTree();
    tree.emit({ type: 'note', level: 'info', text: 'one' });
    await tree.end();
    tree.emit(started('nats'));
    expect(raw()).toBe('[+0.000s] one\n[+0.000s] start nats: started (no process)\n');
  });
});
