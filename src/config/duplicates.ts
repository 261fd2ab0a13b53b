import { type Problem, problem, shown } from './problems.ts';

interface Claim {
  path: Problem['path'];
  word: string;
  /** Within which the word has to be unique. */
  scope?: string;
}

/** The second and every further use of a word that may be used once. */
export function duplicates(claims: readonly Claim[], owners = new Map<string, string>()): Problem[] {
  return claims.flatMap(({ path, word, scope = '' }): Problem[] => {
    const id = JSON.stringify([scope, word]);
    const owner = owners.get(id);
    if (owner !== undefined) return [problem(path, `${shown(word)} is already used by ${owner}`)];
    owners.set(id, path.slice(0, -1).join('.'));
    return [];
  });
}
