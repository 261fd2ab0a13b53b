import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { DevenvError, type ErrorCode } from '../../errors.ts';
import { messageOf } from '../deadline.ts';

/** JetStream's own error codes whose text misleads, each with what it means and what to do. Numbers: server errors.json. */
const API_ERRORS: Readonly<Record<number, { code: ErrorCode; says: string; hint: string }>> = {
  10047: {
    code: 'BUDGET_EXCEEDED',
    says: 'JetStream has not enough unreserved storage: max_bytes is reserved when a stream is created, even while it is empty',
    hint: 'Lower max_bytes of the streams so that their sum fits max_file_store (or max_memory_store), or raise that limit.',
  },
  10005: {
    code: 'NATS_FAILED',
    says: 'no server, or too few of them, can hold a copy: each needs the storage, the tags of `placement`, and has to be up',
    hint: 'See `devenv status` for the servers; lower replicas or max_bytes, or correct placement, in devenv.yaml.',
  },
  10008: {
    code: 'NATS_FAILED',
    says: 'the servers have no leader at the moment: more than half of them must be up and connected',
    hint: 'See `devenv status`; after a server went away, a new leader is elected within some ten seconds.',
  },
  10023: {
    code: 'BUDGET_EXCEEDED',
    says: 'JetStream has not enough resources left for this',
    hint: 'Lower max_bytes of the streams or raise the limits of the server.',
  },
  10065: {
    code: 'SUBJECTS_OVERLAP',
    says: 'another stream already captures some of these subjects; a subject can belong to one stream only',
    hint: 'List the streams with `devenv status` and narrow the subjects of one of them.',
  },
  10058: {
    code: 'TOPOLOGY_CONFLICT',
    says: 'a stream of this name exists with a different configuration',
    hint: 'Change the declaration to match, or start over with `devenv down --volumes`.',
  },
  10148: {
    code: 'TOPOLOGY_CONFLICT',
    says: 'a consumer of this name exists with a different configuration',
    hint: 'Change the declaration to match, or start over with `devenv down --volumes`.',
  },
  10052: {
    code: 'TOPOLOGY_CONFLICT',
    says: 'the server refuses this stream configuration',
    hint: 'Correct the declaration of the stream in devenv.yaml.',
  },
  10074: {
    code: 'TOPOLOGY_CONFLICT',
    says: 'replicas above 1 need a cluster',
    hint: 'Declare replicas: 1 for a single server.',
  },
  10039: {
    code: 'NATS_FAILED',
    says: 'JetStream is not enabled for this account',
    hint: 'Enable JetStream for the account that the credentials belong to.',
  },
  10059: {
    code: 'NATS_FAILED',
    says: 'there is no stream of this name',
    hint: 'Run `devenv up`: it creates the declared streams that are missing.',
  },
  10014: {
    code: 'NATS_FAILED',
    says: 'there is no consumer of this name',
    hint: 'Run `devenv up`: it creates the declared consumers that are missing.',
  },
  10060: {
    code: 'NATS_FAILED',
    says: 'another stream than the expected one captures this subject, so nothing was stored',
    hint: 'Compare the subjects of the live streams with the declared ones: `devenv status`.',
  },
  10077: {
    code: 'NATS_FAILED',
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
      ? new DevenvError('NATS_FAILED', `cannot ${doing}; ${server}`, { cause: error })
      : new DevenvError(known.code, `cannot ${doing}: ${known.says}; ${server}`, {
          cause: error,
          hint: known.hint,
        });
  }
  const silent = noResponders(error);
  if (silent !== undefined) return unanswered(silent, doing, error);
  return new DevenvError('NATS_FAILED', `cannot ${doing}: ${messageOf(error)}`, { cause: error });
}

/** JetStream's own code of a failure, however `natsFailure` explained it; undefined for any other. */
export const apiCodeOf = (error: unknown): number | undefined => {
  const api = error instanceof DevenvError ? error.cause : error;
  return api instanceof JetStreamApiError ? api.code : undefined;
};

/** The client reports a subject that no stream captures as "jetstream is not enabled"; the cause tells them apart. */
function unanswered(subject: string, doing: string, cause: unknown): DevenvError {
  if (subject.startsWith('$JS.API.')) {
    return new DevenvError('NATS_FAILED', `cannot ${doing}: JetStream is not enabled on the server`, {
      cause,
      hint: 'Start nats-server with a jetstream block (devenv renders one) or with -js.',
    });
  }
  return new DevenvError('NATS_FAILED', `cannot ${doing}: no stream captures the subject ${subject}`, {
    cause,
    hint: 'Declare a stream whose subjects cover it, then run `devenv up`.',
  });
}

/** The subject that nobody answered, however deep the client wrapped it. */
function noResponders(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof errors.NoRespondersError) return at.subject;
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
