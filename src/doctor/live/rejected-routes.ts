import type { LiveFacts } from '../facts.ts';
import type { Report } from '../finding.ts';
import { object } from './readings.ts';
import { serverLines } from './server-log.ts';

/** Routes that a server refuses because the other one calls its cluster something else: C17 as the log tells it. */
export function* rejectedRoutes(facts: LiveFacts): Iterable<Report> {
  const told = new Set<string>();
  for (const { service, text } of serverLines(facts)) {
    const [symptom, theirs, ours] =
      /Rejecting connection, cluster name "([^"]*)" does not match "([^"]*)"/.exec(text) ?? [];
    if (symptom === undefined || told.has(`${service} ${theirs}`)) continue;
    told.add(`${service} ${theirs}`);
    yield {
      place: object(`server ${service}`),
      cause: `${service} calls its cluster "${ours}" and refuses routes from a server whose cluster is "${theirs}".`,
      fix: `Give both the same cluster name, or take the address of the other one out of the routes; a server of another environment on a route port of ours is the usual reason.`,
      symptom,
    };
  }
}
