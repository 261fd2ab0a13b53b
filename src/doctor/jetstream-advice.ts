/** What to know about an error code of the JetStream API that no rule of the doctor is about. */
export interface JetStreamAdvice {
  cause: string;
  fix: string;
}

/** Undefined for a code that nothing but its own words is known about. */
export function jetStreamAdvice(code: number): JetStreamAdvice | undefined {
  known ??= new Map(
    ADVICE.flatMap(([codes, cause, fix]) => codes.map((one) => [one, { cause, fix }] as const)),
  );
  return known.get(code);
}

let known: ReadonlyMap<number, JetStreamAdvice> | undefined;

/** Codes, cause, fix. */
const ADVICE: readonly (readonly [readonly number[], string, string])[] = [
  [
    [10003, 10038],
    'The request to the JetStream API has a body that this call does not take, mostly from a client that is much newer or older than the server.',
    'Update the client, or ask with `nats` of the same year as the server; the subject of the request says which call it is.',
  ],
  [
    [10004, 10118, 10119, 10194, 10195],
    'Some servers that hold the stream or the consumer do not answer, or the server found it unusable when it started.',
    'See that all servers of the cluster run, and read in their logs why the stream or the consumer is offline; retry then.',
  ],
  [
    [10006, 10007, 10009, 10010, 10044, 10040, 10075, 10202],
    'A call that only a cluster of servers can carry out, or about a server that is no member of it.',
    'Leave the call out on a single server; in a cluster, see with `nats server report jetstream` who is a member and who leads.',
  ],
  [
    [10011, 10036],
    'The setting is not supported in this mode: placement by tags needs several servers, others need a single one.',
    'Take the setting out of the stream, or run the servers in the other mode.',
  ],
  [
    [10013, 10105, 10106, 10130],
    'A consumer or a stream of that name is there already and in use, with another configuration.',
    'Take another name, stop who uses the old one, or delete it first; durable consumers are shared by name, so use the same configuration everywhere.',
  ],
  [
    [10015, 10079, 10081, 10112],
    'The deliver subject of a push consumer has wildcards, is captured by the stream itself, or is no subject.',
    'Use a subject of its own such as `deliver.<consumer>` that no stream captures, or a pull consumer, which needs none.',
  ],
  [
    [10016, 10018, 10019, 10020, 10085, 10131, 10132],
    'The name of the consumer, its durable name and the subject of the create request do not agree; the client and the server mean different forms of the call.',
    'Give `durable_name` alone for a durable consumer and neither for an ephemeral one, and do not send create requests by hand; an update of the client mends most of these.',
  ],
  [
    [10021, 10022, 10024, 10030, 10031, 10032, 10033, 10034, 10046, 10055, 10140, 10141, 10142, 10143].concat(
      [
        10144, 10145, 10146, 10147, 10150, 10151, 10152, 10154, 10155, 10156, 10173, 10186, 10187, 10198,
        10209,
      ],
    ),
    'The configuration of a mirror, a source or a subject transform contradicts itself: a mirror has no subjects and one origin that cannot be changed later, sources may not overlap, and sizes have to fit those of the origin.',
    'Write the mirror with a name and `mirror` only, give each source a filter of its own, and delete and create a mirror anew to change its origin.',
  ],
  [
    [10029, 10045, 10213, 10214, 10215, 10216, 10217],
    'The consumer that feeds a mirror or a source cannot be set up: the origin is missing, in another account without an export, or of a server too old for it.',
    'See that the origin exists and, across accounts, that its API and its deliver subject are exported and imported.',
  ],
  [
    [10035],
    'The account that is asked for is not known to the server.',
    'Look for its name in `accounts` of nats.conf; with operator mode push the account to the resolver.',
  ],
  [
    [10037, 10043],
    'There is no message with that sequence or on that subject: it was never stored, or limits, an ack on a work queue, a delete or a purge removed it.',
    'Compare with first and last sequence of `nats stream info`; a get of the last message of a subject needs a subject that the stream captures.',
  ],
  [
    [10041, 10048, 10049, 10050, 10051, 10053, 10057, 10062, 10064, 10066, 10067, 10069, 10104, 10110].concat(
      [10042, 10072],
    ),
    'The server failed while it carried the request out; the text behind the code is the error itself, often of the disk (full, not writable) or of a stream limit.',
    'Read the text behind the code and the log of the server at that moment; look at free space and at the owner of store_dir.',
  ],
  [
    [10060],
    'The publisher expects a stream (`Nats-Expected-Stream`) and another one captures the subject.',
    'Correct the expected name, or give the subject to the stream that was meant; `devenv topology show` tells who captures what.',
  ],
  [
    [10063, 10070, 10071, 10164, 10163, 10193],
    'The publisher expects a last sequence or message id, and another message was stored in between: optimistic concurrency, as with the update of a KV key whose revision is old.',
    'Read the current value with its revision and publish again with that; a retry of the same request cannot succeed. Two writers of one key have to take turns this way.',
  ],
  [
    [10061, 10126, 10133, 10134, 10123, 10124, 10129, 10226],
    'Replicas cannot be changed so: there are not enough servers, the consumer asks for more than its stream, or a move is still going on.',
    'Use 1, 3 or 5 replicas and no more than servers; leave the consumer at 0 (as its stream); wait for a move to end before the next change.',
  ],
  [
    [10068, 10073],
    'Stream templates are gone from nats-server; something old still asks for them.',
    'Update the client or the tool; declare streams one by one, or as a family.',
  ],
  [
    [10078, 10149],
    'The request updates a consumer that is not there, or has no configuration.',
    'Create it first (`devenv up` or `devenv topology apply` does, from the declaration).',
  ],
  [
    [10080, 10086, 10089, 10090, 10091, 10092, 10108, 10178, 10218, 10219],
    'The setting belongs to the other kind of consumer: max_waiting and batches to pull consumers, flow control, heartbeats and rate limits to push consumers (those with a deliver_subject).',
    'Take the setting out, or give the consumer (or take away) its deliver_subject.',
  ],
  [
    [10082, 10181, 10182, 10220, 10221, 10222],
    'The ack policy does not go with another setting; max_ack_pending, for one, needs acks.',
    'Use `ack_policy: explicit` with it, which is what workers want, or leave the other setting out.',
  ],
  [
    [10083, 10087, 10095, 10114, 10115, 10183, 10184],
    'A number or duration of the consumer is out of range: zero, negative, or in the wrong unit (the API takes nanoseconds).',
    'Correct the value; 30 seconds are 30000000000 in JSON. An idle heartbeat is at least 100 ms.',
  ],
  [
    [10094],
    'deliver_policy contradicts opt_start_seq or opt_start_time: each goes with its own policy only.',
    'Give opt_start_seq with by_start_sequence, opt_start_time with by_start_time, and neither with all, new or last.',
  ],
  [
    [10096],
    'The stream is not usable at this moment: it is being deleted, recovered or moved.',
    'Retry after a moment; see `nats stream info` and the log of the server when it stays.',
  ],
  [
    [10097, 10117, 10199, 10135, 10107, 10102],
    'Something is larger than the server takes: headers (64 KiB), a batch, a name, a description, metadata or the list of subjects.',
    'Make it smaller; put what is large into the body of the message, and ask for fewer subjects with a filter.',
  ],
  [
    [10103],
    'The durable name has a character that separates subjects (a dot, *, >) or a space.',
    'Use letters, digits, - and _ in names of consumers.',
  ],
  [
    [10109],
    'The stream is sealed: nothing may be published to it, deleted or changed any more, and a seal cannot be broken.',
    'Publish to another stream, or delete this one and create it anew.',
  ],
  [
    [10111],
    'The message carries a Nats-Rollup header and the stream does not allow roll-ups, or the value is neither `sub` nor `all`.',
    'Set `allow_rollup_hdrs: true` (and not `deny_purge`) on the stream; KV buckets and their purges need it.',
  ],
  [
    [10120],
    'The account has limits by number of replicas (tiers) and none for this one.',
    'Use a number of replicas that the account has a limit for, or add the tier.',
  ],
  [
    [10121, 10125, 10153],
    'The consumer asks for more than the server or the account allows (`limits` within `jetstream`).',
    'Lower the setting of the consumer, or raise the limit in nats.conf.',
  ],
  [
    [10136, 10137, 10139],
    'The filters of the consumer are given in two ways, or one of several is empty.',
    'Give filter_subject for one and filter_subjects (server 2.10 and newer) for several, never both.',
  ],
  [
    [10157],
    'The request is in pedantic mode, in which the server refuses what it would otherwise correct by itself.',
    'Write the value that the text names, or leave pedantic mode.',
  ],
  [
    [10158],
    'A message with the same id is being stored at this very moment: two publishers, or a retry that came before the answer.',
    'Retry after a moment: the answer then says that it is a duplicate, and nothing is stored twice.',
  ],
  [
    [10159, 10160, 10161, 10162, 10196, 10197],
    'The priority groups of the consumer and the group that the worker asks for do not agree.',
    'Declare priority_policy together with priority_groups, and name one of these groups in each pull.',
  ],
  [
    [10165, 10166, 10191],
    'The message has a Nats-TTL, and the stream does not allow it (server 2.11 and newer) or the value is no duration of a second or more.',
    'Set `allow_msg_ttl: true` on the stream, and write the header as `5s` or as whole seconds.',
  ],
  [
    [10167, 10210, 10211],
    'More requests are under way than the server keeps in its queue, mostly because all clients list or create at once after a restart.',
    'Retry with a growing pause; ask for streams and consumers once, not for each message.',
  ],
  [
    [10168, 10169, 10170, 10171, 10172],
    'The stream and the message do not agree on counting: a counter takes Nats-Incr and no body, on a stream with `allow_msg_counter`.',
    'Set `allow_msg_counter: true` when the stream is created, and send the header without a body; other messages need another stream.',
  ],
  [
    [10174, 10175, 10176, 10177, 10179, 10200, 10201, 10205, 10206, 10207, 10208],
    'A batch that is to be stored as one was refused: the stream does not allow batches, or its sequence, id, commit or headers are not as the server wants them.',
    'Set `allow_atomic` (or `allow_batched`) on the stream, use a client that knows batches, and send the whole batch again under a new id.',
  ],
  [
    [10180],
    'The read asks for a state that this replica has not reached yet.',
    'Retry after a moment, or read from the leader of the stream.',
  ],
  [
    [10185],
    'The stream or the consumer uses what this server does not know yet.',
    'Run a newer nats-server, or leave out the setting that needs it.',
  ],
  [
    [10188, 10189, 10190, 10192, 10203, 10212, 10223, 10227],
    'The message is scheduled, and the stream does not allow it (server 2.12 and newer), or its schedule, source or target is not valid.',
    'Set `allow_msg_schedules: true` on the stream, and give a target subject that the same stream captures.',
  ],
  [
    [10204],
    'A consumer cannot be reset to that place: the sequence does not fit its stream or its deliver policy.',
    'Give a sequence that the stream still holds, or delete the consumer and create it anew.',
  ],
];
