import { DevenvError } from '../../errors.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { EngineError } from './engine-client.ts';

/** What the engine says when a container cannot be started, as an error of ours. The only place that reads its texts. */
export function explainStart(error: unknown, service: string, { ports, environment }: Deployment): unknown {
  if (!(error instanceof EngineError)) return error;
  const { message } = error;
  if (/port is already allocated|address already in use|ports are not available/i.test(message)) {
    const port = Number(/(?:\d+\.){3}\d+:(\d+)/.exec(message)?.[1]);
    const name = Object.keys(ports).find((candidate) => ports[candidate] === port) ?? service;
    return new DevenvError(
      'PORT_TAKEN',
      `Port ${ports[name] ?? port} of ${name} was taken by somebody else in the meantime.`,
      {
        hint: 'Run the command again: devenv chooses another port.',
        details: [name],
        cause: error,
      },
    );
  }
  if (/OCI runtime|executable file not found|no such file or directory|permission denied/i.test(message)) {
    return new DevenvError('SERVICE_DIED', `${service} cannot be started: ${oneLine(message)}`, {
      hint: `Look at the command and the image of "${service}" in devenv.yaml.`,
      cause: error,
    });
  }
  return new DevenvError(
    'COMPOSE_FAILED',
    `The engine could not start ${service} of ${environment.id}: ${oneLine(message)}`,
    {
      hint: "The text is the engine's own; `docker events` and its log say more.",
      cause: error,
    },
  );
}

/** What a failed `docker compose` printed, as an error of ours. */
export function explainCompose(command: string, lines: readonly string[], fallback: string): DevenvError {
  const text = lines.join('\n');
  if (/non-overlapping IPv4 address pool|predefined address pools have been fully subnetted/i.test(text)) {
    return new DevenvError('COMPOSE_FAILED', 'The engine has no address range left for another network.', {
      hint: 'Every Compose project takes one: remove unused ones with `docker network prune`, or widen default-address-pools in /etc/docker/daemon.json.',
      details: lines,
    });
  }
  const image =
    /(?:No such image: |pull access denied for |unable to get image '|manifest for )([^\s,']+)/i.exec(
      text,
    )?.[1];
  if (image !== undefined) {
    return new DevenvError('IMAGE_UNAVAILABLE', `The image ${image} is not on this machine any more.`, {
      hint: 'Run the command again: devenv gets what is missing.',
      details: lines,
    });
  }
  return new DevenvError('COMPOSE_FAILED', `${command} failed: ${lines.at(-1) ?? fallback}`, {
    hint: 'The rendered file is compose.yaml in the state folder of the environment.',
    details: lines,
  });
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
