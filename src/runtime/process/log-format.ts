/** What the supervisor itself writes into the log of a service begins so. */
export const REMARK = 'devenv: ';
