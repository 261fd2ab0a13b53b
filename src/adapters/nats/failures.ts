import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { DevenvError, type ErrorCode } from '../../errors.ts';
import { messageOf } from '../deadline.ts';

interface Translation {
  code: ErrorCode;
  /** What `devenv explain` has more about: a rule, or the code itself where several rules come into question. */
  about: string;
  says: string;
  hint: string;
}

/** JetStream's own error codes whose text misleads, each with what it means and what to do. Numbers: server errors.json. */
const API_ERRORS: Readonly<Record<number, Translation>> = {
  10047: {
    code: 'BUDGET_EXCEEDED',
    about: 'R01',
    says: 'JetStream has not enough unreserved storage: max_bytes is reserved when a stream is created, even while it is empty',
    hint: 'Lower max_bytes of the streams so that their sum fits max_file_store (or max_memory_store), or raise that limit.',
  },
  10005: {
    code: 'NATS_FAILED',
    about: 'R08',
    says: 'no server, or too few of them, can hold a copy: each needs the storage, the tags of `placement`, and has to be up',
    hint: 'See `devenv status` for the servers; lower replicas or max_bytes, or correct placement, in devenv.yaml.',
  },
  10008: {
    code: 'NATS_FAILED',
    about: 'C18',
    says: 'the servers have no leader at the moment: more than half of them must be up and connected',
    hint: 'See `devenv status`; after a server went away, a new leader is elected within some ten seconds.',
  },
  10023: {
    code: 'BUDGET_EXCEEDED',
    about: 'R05',
    says: 'JetStream has not enough resources left for this',
    hint: 'Lower max_bytes of the streams or raise the limits of the server.',
  },
  10065: {
    code: 'SUBJECTS_OVERLAP',
    about: 'S01',
    says: 'another stream already captures some of these subjects; a subject can belong to one stream only',
    hint: 'List the streams with `devenv status` and narrow the subjects of one of them.',
  },
  10058: {
    code: 'TOPOLOGY_CONFLICT',
    about: 'S02',
    says: 'a stream of this name exists with a different configuration',
    hint: 'Change the declaration to match, or start over with `devenv down --volumes`.',
  },
  10148: {
    code: 'TOPOLOGY_CONFLICT',
    about: 'S09',
    says: 'a consumer of this name exists with a different configuration',
    hint: 'Change the declaration to match, or start over with `devenv down --volumes`.',
  },
  10052: {
    code: 'TOPOLOGY_CONFLICT',
    about: '10052',
    says: 'the server refuses this stream configuration',
    hint: 'Correct the declaration of the stream in devenv.yaml.',
  },
  10074: {
    code: 'TOPOLOGY_CONFLICT',
    about: 'R07',
    says: 'replicas above 1 need a cluster',
    hint: 'Declare replicas: 1 for a single server.',
  },
  10039: {
    code: 'NATS_FAILED',
    about: 'A07',
    says: 'JetStream is not enabled for this account',
    hint: 'Enable JetStream for the account that the credentials belong to.',
  },
  10059: {
    code: 'NATS_FAILED',
    about: 'S10',
    says: 'there is no stream of this name',
    hint: 'Run `devenv up`: it creates the declared streams that are missing.',
  },
  10014: {
    code: 'NATS_FAILED',
    about: 'S10',
    says: 'there is no consumer of this name',
    hint: 'Run `devenv up`: it creates the declared consumers that are missing.',
  },
  10060: {
    code: 'NATS_FAILED',
    about: '10060',
    says: 'another stream than the expected one captures this subject, so nothing was stored',
    hint: 'Compare the subjects of the live streams with the declared ones: `devenv status`.',
  },
  10077: {
    code: 'NATS_FAILED',
    about: 'R09',
    says: 'the stream is full and its discard policy refuses new messages',
    hint: 'Raise max_bytes or max_msgs, or declare discard: old.',
  },
};

/**
 * Whatever the NATS client throws, as a DevenvError that says what it means. `doing` names the attempt:
 * `create stream MESSAGES`, `publish to messages.ingest.Order`.
 */
export function natsFailure(error: unknown, doing: string): DevenvError {
  if (error instanceof DevenvError) return error;
  if (error instanceof JetStreamApiError) {
    const known = API_ERRORS[error.code];
    const server = `the server said: ${error.message} (${error.code})`;
    return known === undefined
      ? new DevenvError('NATS_FAILED', `cannot ${doing}; ${server}`, {
          cause: error,
          hint: more(String(error.code)),
        })
      : new DevenvError(known.code, `cannot ${doing}: ${known.says}; ${server}`, {
          cause: error,
          hint: `${known.hint} ${more(known.about)}`,
        });
  }
  const denied = within(error, errors.PermissionViolationError);
  if (denied !== undefined) return notPermitted(denied, doing, error);
  const silent = within(error, errors.NoRespondersError)?.subject;
  if (silent !== undefined) return unanswered(silent, doing, error);
  if (error instanceof errors.TimeoutError)
    return new DevenvError('NATS_FAILED', `cannot ${doing}: the servers did not answer in time`, {
      cause: error,
      hint: 'See `devenv status`: of several servers more than half have to run. `devenv up` starts those that stopped.',
    });
  return new DevenvError('NATS_FAILED', `cannot ${doing}: ${messageOf(error)}`, { cause: error });
}

/** JetStream's own code of a failure, however `natsFailure` explained it; undefined for any other. */
export const apiCodeOf = (error: unknown): number | undefined => {
  const api = error instanceof DevenvError ? error.cause : error;
  return api instanceof JetStreamApiError ? api.code : undefined;
};

const more = (about: string): string => `\`devenv explain ${about}\` tells more.`;

/** The client reports a subject that no stream captures as "jetstream is not enabled"; the cause tells them apart. */
function unanswered(subject: string, doing: string, cause: unknown): DevenvError {
  if (subject.startsWith('$JS.API.')) {
    return new DevenvError('NATS_FAILED', `cannot ${doing}: JetStream is not enabled on the server`, {
      cause,
      hint: `Start nats-server with a jetstream block (devenv renders one) or with -js. ${more('E09')}`,
    });
  }
  return new DevenvError('NATS_FAILED', `cannot ${doing}: no stream captures the subject ${subject}`, {
    cause,
    hint: `Declare a stream whose subjects cover it, then run \`devenv up\`. ${more('S04')}`,
  });
}

/** A request that fails because of its reply subject names a subject that nobody has written: say what it is for. */
function notPermitted(
  { operation, subject }: InstanceType<typeof errors.PermissionViolationError>,
  doing: string,
  cause: unknown,
): DevenvError {
  const deed = operation === 'publish' ? 'publish to' : 'subscribe to';
  const [hint, about] = subject.startsWith('$JS.ACK.')
    ? ['Acks are messages to that subject: declare `works` for the user.', 'A05']
    : subject.startsWith('$JS.')
      ? [
          'Declare what the user does (`publishes`, `works`, `observes`); its permissions follow from that.',
          'A04',
        ]
      : operation === 'subscription' && subject.startsWith('_INBOX.')
        ? [
            'Answers come there: the user has to be allowed to subscribe to "_INBOX.>". What was published may be stored all the same.',
            'A02',
          ]
        : [
            `Declare the subject under ${operation === 'publish' ? 'publishes' : 'subscribes'} of the user.`,
            'A04',
          ];
  return new DevenvError('NATS_FAILED', `cannot ${doing}: the user is not permitted to ${deed} ${subject}`, {
    cause,
    hint: `${hint} ${more(about)}`,
  });
}

/** An error of that kind, however deep the client wrapped it. */
function within<E extends Error>(error: unknown, kind: abstract new (...args: never[]) => E): E | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof kind) return at;
  }
  return undefined;
}

/** Why a connection did not come about, in a few words, for a readiness detail. */
export function connectFailure(error: unknown): string {
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return `credentials refused (${error.message})`;
  }
  if (error instanceof errors.TimeoutError) return 'no answer in time';
  return messageOf(error);
}

/** The rule behind a failed connection, where there is one. */
export function ruleOfConnectFailure(error: unknown): 'A01' | 'A10' | undefined {
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError)
    return 'A01';
  return /does not support 'tls'|secure connection|self[- ]signed|certificate|TLS/i.test(messageOf(error))
    ? 'A10'
    : undefined;
}
