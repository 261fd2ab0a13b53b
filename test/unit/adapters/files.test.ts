import { describe, expect, it } from 'vitest';
import { errnoOf, unwritable } from '../../../src/adapters/files.ts';
import { DevenvError } from '../../../src/errors.ts';

const system = (code: string): Error => Object.assign(new Error(code), { code });

describe('unwritable', () => {
  it.each([
    ['ENOSPC', 'no space left'],
    ['EDQUOT', 'quota'],
    ['EROFS', 'read-only'],
    ['EACCES', 'permission denied'],
    ['EMFILE', 'EMFILE'],
  ])('%s becomes STATE_UNWRITABLE that says where and why', (code, words) => {
    const error = unwritable('/state/x', system(code));
    expect(error).toBeInstanceOf(DevenvError);
    expect(error).toMatchObject({ code: 'STATE_UNWRITABLE', exit: 3, hint: expect.stringMatching(/\.$/) });
    expect((error as Error).message).toContain('/state/x');
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).toContain(code);
  });

  it('leaves anything else as it is', () => {
    const bug = new TypeError('x');
    expect(unwritable('/state/x', bug)).toBe(bug);
    expect(errnoOf(system('ERR_INVALID_ARG_TYPE'))).toBeUndefined();
    expect(errnoOf('ENOSPC')).toBeUndefined();
  });
});
