/** What an account gives to others. */
export interface Export {
  subject: string;
  /** The token that names the importing account, from 1; 0 = none. */
  position: number;
  /** Accounts that may have it; null = all. */
  to: readonly string[] | null;
  /** Of a service: one answer for a request. */
  single: boolean;
}

/** What an account shares, in the order in which it is read. */
export interface AccountShares {
  name: string;
  streams: Export[];
  services: Export[];
  /** Streams that it has from others, by the subject here. */
  imports: { from: AccountShares; subject: string; to: string }[];
  /** Services of others: where requests are sent here, and where they go there. */
  routes: { from: AccountShares; here: string; there: string }[];
}

/** Does a pattern of the server match all that another one does? A token that begins with a star counts as one. */
export function covers(pattern: string, subject: string): boolean {
  const tokens = subject.split('.');
  const wide = pattern.split('.');
  for (const [index, token] of wide.entries()) {
    const own = tokens[index];
    if (own === undefined || token === '') return false;
    if (token === '>') return true;
    if (own === '' || own === '>') return false;
    if (own === '*') {
      if (token !== '*') return false;
    } else if (!token.startsWith('*') && token !== own) return false;
  }
  return tokens.length === wide.length;
}

/** May that account have that subject of an export, which matches it as `tokens`? */
function isApproved({ position, to }: Export, account: string, tokens: readonly string[]): boolean {
  if (position > 0) return tokens[position - 1] === account;
  return to?.includes(account) ?? true;
}

/** Is the subject exported to that account? */
export function isExported(exports: readonly Export[], subject: string, account: string): boolean {
  const exact = exports.findLast((one) => one.subject === subject);
  if (exact !== undefined) return isApproved(exact, account, []);
  const wider = exports.find((one) => covers(one.subject, subject));
  return wider !== undefined && isApproved(wider, account, subject.split('.'));
}
