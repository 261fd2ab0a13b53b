import type { Healthcheck } from '../../compose/healthcheck.ts';
import { type NatsService, natsServices } from '../../compose/nats-services.ts';
import type { Report } from '../../finding.ts';
import { defineRule } from '../../rule.ts';

/** E08: a health check runs inside the container, with what is in there. */
export const e08HealthCheckCannotRun = defineRule({
  id: 'E08',
  title: 'health check that can never succeed',
  severity: 'error',
  meaning:
    'The health check of a NATS server calls a program that its image does not have, or a port that is closed.',
  cause:
    'The image nats:<version> holds nats-server and nothing else: no shell, no wget, no curl. nats:<version>-alpine has a shell, wget and nc, but no curl and no nats. And without -m or http nothing listens on 8222. The server works, Docker calls it unhealthy, and whatever waits for it with condition: service_healthy never starts.',
  fix: 'Take the -alpine image and ask with wget: test: ["CMD", "wget", "-q", "-O-", "http://127.0.0.1:8222/healthz"], with -m 8222 in the command or http: 8222 in nats.conf.',
  symptoms: [
    'exec: "/bin/sh": stat /bin/sh: no such file or directory',
    'exec: "wget": executable file not found in $PATH',
    'curl: not found',
    "wget: can't connect to remote host (127.0.0.1): Connection refused",
    'dependency failed to start: container is unhealthy',
  ],
  matches: [/executable file not found in \$PATH/, /dependency failed to start: container .*unhealthy/],
  *static(facts) {
    for (const nats of natsServices(facts))
      if (nats.service.healthcheck !== undefined) yield* inService(nats, nats.service.healthcheck);
  },
});

/** What people call and busybox of the -alpine image does not have. */
const ABSENT = new Set(['curl', 'nats', 'bash', 'jq', 'python', 'python3', 'http', 'natscli']);

function* inService({ service, contents, monitorPort }: NatsService, check: Healthcheck): Iterable<Report> {
  const place = service.yaml.place(check.path);
  const programs = programsOf(check);
  const absent = programs.find((program) => ABSENT.has(program));
  const asked = /(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d+)/.exec(check.text)?.[1];
  if (contents === 'scratch' && (check.kind === 'shell' || !/(^|\/)nats-server$/.test(programs[0] ?? '')))
    yield {
      place,
      cause: `The image ${service.image} holds nats-server alone, so that the health check cannot run ${check.kind === 'shell' ? '/bin/sh' : programs[0]}.`,
      fix: `Take the image ${alpine(service.image!)}, which has a shell and wget.`,
      symptom:
        check.kind === 'shell'
          ? 'exec: "/bin/sh": stat /bin/sh: no such file or directory'
          : `exec: "${programs[0]}": executable file not found in $PATH`,
    };
  else if (contents === 'alpine' && absent !== undefined)
    yield {
      place,
      cause: `The health check calls ${absent}, which is not in the image ${service.image}.`,
      fix: `Ask with wget, which is there: test: ["CMD", "wget", "-q", "-O-", "http://127.0.0.1:${monitorPort ?? 8222}/healthz"].`,
      symptom:
        check.kind === 'shell'
          ? `/bin/sh: ${absent}: not found`
          : `exec: "${absent}": executable file not found in $PATH`,
    };
  else if (monitorPort === null && asked !== undefined && /https?:|wget|curl|healthz|varz/.test(check.text))
    yield {
      place,
      cause: `The health check asks port ${asked}, and this server is started without monitoring.`,
      fix: `Add -m ${asked} to the command, or http: ${asked} to its nats.conf.`,
      symptom: "wget: can't connect to remote host (127.0.0.1): Connection refused",
    };
}

const alpine = (image: string): string => {
  const [, name = image, tag = 'latest'] = /^([^:@]+)(?::([\w.-]+))?/.exec(image) ?? [];
  const version = tag.replace(/-?(scratch|linux|latest)$/, '');
  return version === '' ? `${name}:alpine` : `${name}:${version}-alpine`;
};

/** The first word of every command of the line. */
function programsOf({ words }: Healthcheck): string[] {
  const starts = words.flatMap(({ text }, index) => {
    const before = words[index - 1]?.text;
    return before === undefined || /^(&&|\|\|?|;|!)$|;$/.test(before) ? [text.replace(/;$/, '')] : [];
  });
  return starts.filter((word) => !['!', 'exit', 'true', 'false'].includes(word));
}
