import { defineRule } from '../../rule.ts';
import { refusals, refused } from './refusals.ts';

/** C19: users that exclude each other. */
export const c19UsersConflict = defineRule({
  id: 'C19',
  title: 'users that exclude each other',
  severity: 'error',
  meaning:
    'A user is declared twice, or a single user and password stand beside a list of users or accounts.',
  cause:
    'The server finds a user by its name alone, whatever account it is in, so a name may be used once in the whole file. A single user (or token) in authorization is another way of logging in than a list of users or accounts; both at once are refused.',
  fix: 'Give every user a name of its own; put the single user into the list of users, or into an account.',
  symptoms: [
    'Can not have a single user/pass and accounts',
    'Can not have a single user/pass and a users array',
    'Duplicate user "api" detected',
  ],
  matches: [/single user\/pass and/, /Duplicate (user|nkey) /i],
  *static(facts) {
    for (const refusal of refusals(facts, 'C19')) {
      const { fault } = refusal;
      const other = fault?.other === undefined ? '' : ` (the other one stands on line ${fault.other.line})`;
      yield refused(refusal, {
        cause:
          fault?.code === 'duplicate'
            ? `The user ${fault.subject ?? ''} is declared twice${other}: users are found by name alone, over all accounts.`
            : `A single user in authorization excludes a list of users and accounts: ${refusal.message}.`,
        fix:
          fault?.code === 'duplicate'
            ? 'Give one of the two another name, or take it out.'
            : 'Move the single user into the list of users, or into an account.',
      });
    }
  },
});
