/** How nats-server, Postgres and Node each say that a port is held by somebody else. */
const TAKEN = /address already in use|EADDRINUSE/i;

/**
 * The name of the port that a process could not bind, from the end of its log; undefined when that was not its trouble.
 * All three programs print the port number in that line or right beside it; a program that does not and has one port
 * can only mean that one.
 */
export function takenPort(log: string, ports: Readonly<Record<string, number>>): string | undefined {
  if (!TAKEN.test(log)) return undefined;
  const names = Object.keys(ports);
  const lines = log.split('\n');
  const at = lines.findIndex((line) => TAKEN.test(line));
  // Node prints `port: 8080` a few lines below the message when the error is dumped as an object.
  for (const text of [lines[at] ?? '', lines.slice(at, at + 12).join('\n')]) {
    const named = names.find((name) => new RegExp(`(?<!\\d)${ports[name]}(?!\\d)`).test(text));
    if (named !== undefined) return named;
  }
  return names.length === 1 ? names[0] : undefined;
}
