import type { Draft } from './draft.ts';
import { duplicates } from './duplicates.ts';
import { type Path, type Problem, problem, shown, unknownWord } from './problems.ts';

/**
 * Names of accounts and users that refer to nothing, and names of users that cannot be told apart. Streams and consumers
 * that are not there are told by the doctor (S10), which knows what services create.
 */
export const referenceProblems = (draft: Draft): Problem[] => [
  ...userProblems(draft),
  ...draft.streams.flatMap(({ key, value }) =>
    accountProblem(['streams', key, 'account'], value.account, draft),
  ),
  ...draft.families.flatMap(({ key, value }) =>
    accountProblem(['families', key, 'account'], value.account, draft),
  ),
  ...draft.services.flatMap(({ key, value }) => [
    ...accountProblem(['services', key, 'account'], value.account, draft),
    ...userOfService(key, value, draft),
  ]),
];

/** devenv's own users: itself in each account, and monitoring. */
const isReserved = (name: string): boolean =>
  name === 'monitor' || name === 'devenv' || name.startsWith('devenv-');

/** A server looks users up by name alone, whatever their account. */
function userProblems(draft: Draft): Problem[] {
  const users = draft.accounts.flatMap(({ key, value }) =>
    Object.keys(value.users).map((name) => ({ name, path: ['accounts', key, 'users', name] as Path })),
  );
  return [
    ...users
      .filter(({ name }) => isReserved(name))
      .map(({ name, path }) =>
        problem(path, `the user ${shown(name)} is devenv's own; choose another name`, 'key'),
      ),
    ...duplicates(users.map(({ path, name }) => ({ path, word: name }))).map((each) => ({
      ...each,
      on: 'key' as const,
    })),
  ];
}

function accountProblem(
  path: Path,
  account: string | undefined,
  { accountNames, accounts }: Draft,
): Problem[] {
  if (account === undefined || accountNames.includes(account)) return [];
  // Without accounts of one's own everything is in the server's.
  if (accounts.length === 0 && account === '$G') return [];
  return [problem(path, unknownWord(`no account is called ${shown(account)}`, account, accountNames))];
}

function userOfService(
  key: string,
  service: { user?: string | undefined; account?: string | undefined },
  draft: Draft,
) {
  const { user, account } = service;
  const owner = (name: string) => draft.accounts.find(({ value }) => Object.hasOwn(value.users, name))?.key;
  if (user === undefined) {
    if (!isReserved(key)) return [];
    return [
      problem(
        ['services', key],
        `it would log in as ${shown(key)}, which is devenv's own user; choose another name or give it a \`user\``,
        'key',
      ),
    ];
  }
  const home = owner(user);
  const path = ['services', key, 'user'];
  if (home === undefined) {
    if (draft.accountNames.length > draft.accounts.length + 1) return [];
    const known = draft.accounts.flatMap(({ value }) => Object.keys(value.users));
    const what = `no user is called ${shown(user)} in accounts`;
    return [
      problem(
        path,
        known.length === 0
          ? `${what}; leave it out, and the service has a user of its own`
          : unknownWord(what, user, known),
      ),
    ];
  }
  if (account === undefined || account === home) return [];
  return [problem(path, `${shown(user)} is a user of ${home}, and the service is in ${account}`)];
}
