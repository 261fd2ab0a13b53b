import { describe, expect, it } from 'vitest';
import { DevenvError, ERROR_EXITS, type ErrorCode } from '../../../src/errors.ts';
import { NOW, runCli } from '../../helpers/run-cli.ts';

const failing = (error: unknown) => ({
  script: {
    up: async () => {
      throw error;
    },
  },
});

describe.each(Object.entries(ERROR_EXITS) as [ErrorCode, number][])('%s', (code, exit) => {
  const error = new DevenvError(code, 'What was read.', {
    hint: 'What to do.',
    details: ['line 1', 'line 2'],
  });

  it(`exits with ${exit} and says what, the details and what to do`, async () => {
    expect(await runCli(['up'], failing(error))).toMatchObject({
      status: exit,
      stdout: '',
      stderr: 'error: What was read.\n  line 1\n  line 2\nhint: What to do.\n',
    });
  });

  it('with --json the same is the last event', async () => {
    const { status, stdout, stderr } = await runCli(['up', '--json'], failing(error));
    expect({ status, stdout, event: JSON.parse(stderr) }).toEqual({
      status: exit,
      stdout: '',
      event: {
        at: new Date(NOW).toISOString(),
        type: 'error',
        code,
        message: 'What was read.',
        hint: 'What to do.',
        details: ['line 1', 'line 2'],
        exit,
      },
    });
  });
});

describe('an unexpected error', () => {
  const bug = new TypeError('x is not a function');

  it('is one sentence that says whose fault it is, without a stack', async () => {
    const { status, stderr } = await runCli(['up'], failing(bug));
    expect(status).toBe(1);
    expect(stderr).toBe(
      'error: This is a bug in devenv: x is not a function\n' +
        'hint: Run it again with --verbose and report what it prints.\n',
    );
  });

  it('has its stack with --verbose', async () => {
    const { status, stderr } = await runCli(['up', '--verbose'], failing(bug));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: This is a bug in devenv: x is not a function\nTypeError: .*\n\s+at /);
  });

  it('is an event with --json, never with a stack', async () => {
    const { stderr } = await runCli(['up', '--json', '--verbose'], failing(bug));
    expect(JSON.parse(stderr)).toMatchObject({ type: 'error', code: 'INTERNAL', exit: 1 });
    expect(stderr).not.toContain('    at ');
  });

  it('may be anything that can be thrown', async () => {
    expect((await runCli(['up'], failing('a text'))).stderr).toContain('bug in devenv: a text');
    expect((await runCli(['up'], failing(undefined))).status).toBe(1);
  });
});

it('causes are told with --verbose only', async () => {
  const error = new DevenvError('NOT_READY', 'No answer.', { cause: new Error('ECONNREFUSED') });
  expect((await runCli(['up'], failing(error))).stderr).not.toContain('ECONNREFUSED');
  expect((await runCli(['up', '--verbose'], failing(error))).stderr).toContain('caused by: ECONNREFUSED');
});

it('a hostile message cannot move the cursor', async () => {
  const error = new DevenvError('CONFIG_INVALID', 'bad \u001b[2J\u001b[31mvalue\u0007');
  expect((await runCli(['up'], failing(error))).stderr).toBe('error: bad value\n');
});

it('errors of opening the project count as well', async () => {
  const open = async () => {
    throw new DevenvError('CONFIG_INVALID', 'devenv.yaml:3:5 is wrong.');
  };
  expect(await runCli(['status'], { open })).toMatchObject({
    status: 2,
    stderr: 'error: devenv.yaml:3:5 is wrong.\n',
  });
});

describe('after Ctrl-C', () => {
  const interrupted = () => {
    const controller = new AbortController();
    controller.abort(new DevenvError('INTERRUPTED', 'Interrupted by SIGINT.'));
    return controller.signal;
  };

  it('whatever it makes fail exits with 130, and is no bug', async () => {
    const world = {
      ...failing(new DOMException('This operation was aborted', 'AbortError')),
      signal: interrupted(),
    };
    expect(await runCli(['up'], world)).toMatchObject({
      status: 130,
      stderr: 'error: Interrupted by SIGINT.\n',
    });
  });

  it('what the engine says about it is kept', async () => {
    const world = {
      ...failing(new DevenvError('INTERRUPTED', 'Stopped; nothing is left.')),
      signal: interrupted(),
    };
    expect(await runCli(['up'], world)).toMatchObject({
      status: 130,
      stderr: 'error: Stopped; nothing is left.\n',
    });
  });
});
