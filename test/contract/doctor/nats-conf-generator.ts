import fc from 'fast-check';
import {
  ACCOUNT_KEY,
  address,
  blockOf,
  bool,
  bytes,
  duration,
  type Fields,
  int,
  listOf,
  OPERATOR_KEY,
  pick,
  queueSubjects,
  subject,
  subjects,
  USER_KEY,
  url,
  type Written,
  word,
} from './nats-conf-values.ts';

type Gen = fc.Arbitrary<Written>;

const listening: Fields = { listen: address, port: int, 'host net': word };

const permission = (own: Gen): Gen => fc.oneof(own, blockOf({ allow: own, deny: own }));
const permissions = blockOf({
  'publish pub import': permission(subjects),
  'subscribe sub export': permission(queueSubjects),
  'allow_responses publish_allow_responses': fc.oneof(
    bool,
    blockOf({ 'max max_msgs max_messages max_responses': int, 'expires expiration ttl': duration }),
  ),
});

const name = pick('alice', 'bob', '"carol d"', 'dave', 'eve', 'frank', 'grace', 'heidi', 'ivan', 'judy');
const user = fc.oneof(
  {
    weight: 6,
    arbitrary: blockOf(
      {
        'user username': name,
        'password pass': word,
        'permissions permission authorization': permissions,
        'allowed_connection_types connection_types clients': listOf(
          pick('STANDARD', 'websocket', '"MQTT"', 'IN_PROCESS', 'leafnode_ws'),
        ),
        proxy_required: bool,
      },
      { required: ['user username'] },
    ),
  },
  {
    weight: 1,
    arbitrary: blockOf(
      { nkey: pick(USER_KEY, `"${USER_KEY}"`), 'permissions permission': permissions, 'password pass': word },
      { required: ['nkey'], max: 1 },
    ),
  },
);
const users: Gen = fc.array(user, { maxLength: 3 }).map((items) => ({ items }));

const callout = blockOf(
  {
    issuer: pick(ACCOUNT_KEY),
    'account acc': name,
    'auth_users users': fc.array(name, { minLength: 1, maxLength: 2 }).map((items) => ({ items })),
    allowed_accounts: listOf(pick('A', 'B', 'C'), 2),
  },
  { required: ['issuer', 'auth_users users'], max: 2 },
);

const timeout = fc.oneof(pick('1', '2.5', '0.5', '90', '61.5', '1m'), duration);

const authorization = fc.oneof(
  blockOf({ 'user username': name, 'password pass': word, timeout }),
  blockOf({ token: word, timeout, 'pass password': word }, { max: 2 }),
  blockOf({
    users,
    'default_permissions default_permission permissions': permissions,
    timeout,
    proxy_required: bool,
    'auth_callout auth_hook': callout,
    'user username': name,
  }),
);
const simple = blockOf({ 'user username': name, 'pass password': word, token: word, timeout });

const tls = blockOf({
  insecure: bool,
  verify: bool,
  verify_and_map: bool,
  verify_cert_and_check_known_urls: bool,
  timeout,
  connection_rate_limit: int,
  'handshake_first first immediate': fc.oneof(bool, pick('auto', '"50ms"', '"on"')),
  min_version: pick('"1.2"', '"1.3"', '"1.1"', '1.2'),
  cipher_suites: listOf(
    pick(
      'TLS_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
      'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
      'TLS_RSA_WITH_AES_256_CBC_SHA',
      'TLS_RSA_WITH_AES_128_GCM_SHA256',
    ),
  ),
  curve_preferences: listOf(pick('CurveP256', 'X25519', 'CurveP521', 'X25519MLKEM768', 'P256')),
  pinned_certs: listOf(pick('a'.repeat(64), '"0F"', '"123"'), 2),
  allow_insecure_cipher_suites: bool,
  cert_match_by: pick('Issuer', 'Subject', 'Thumbprint', 'nobody'),
  cert_match: word,
  cert_match_skip_invalid: bool,
  ca_certs_match: listOf(word),
  'certs certificates': fc.constant({ items: [] }),
  ocsp_peer: fc.oneof(
    bool,
    blockOf({
      verify: bool,
      warn_only: bool,
      unknown_is_good: bool,
      allow_when_ca_unreachable: bool,
      allowed_clockskew: timeout,
      ca_timeout: timeout,
      cache_ttl_when_next_update_unset: timeout,
    }),
  ),
});

const serverJetStream = blockOf(
  {
    'store_dir storedir store': word,
    'max_memory_store max_mem_store max_mem': bytes,
    'max_file_store max_file': fc.oneof(bytes, pick('"10G"', '"512M"')),
    'sync_interval sync': fc.oneof(duration, pick('always', '"Always"')),
    domain: word,
    'enabled enable': bool,
    'key ek encryption_key': word,
    'prev_key prev_ek prev_encryption_key': word,
    cipher: pick('aes', 'ChaCha', '"chachapoly"'),
    extension_hint: word,
    unique_tag: pick('"az:"', 'az'),
    max_outstanding_catchup: bytes,
    strict: bool,
    max_buffered_size: bytes,
    max_buffered_msgs: int,
    request_queue_limit: int,
    info_queue_limit: int,
    meta_compact: int,
    meta_compact_size: bytes,
    meta_compact_sync: bool,
    max_concurrent_io: pick('4', '64', '3', '9000'),
    limits: blockOf({
      max_ack_pending: int,
      max_ha_assets: int,
      max_request_batch: int,
      default_max_consumers: int,
      duplicate_window: duration,
      batch: blockOf({ max_inflight_per_stream: int, max_msgs: int, timeout: duration }),
    }),
    tpm: blockOf({ keys_file: word, encryption_password: word, pcr: int, cipher: pick('aes') }),
  },
  { max: 5 },
);
const switches = pick('true', 'off', 'enabled', '"disabled"', 'enable');

const accountJetStream = blockOf({
  'max_memory max_mem mem memory': bytes,
  'max_file max_store max_disk store disk': bytes,
  'max_streams streams': int,
  'max_consumers consumers': int,
  'max_bytes_required max_stream_bytes max_bytes': bool,
  'mem_max_stream_bytes memory_max_stream_bytes': bytes,
  'disk_max_stream_bytes store_max_stream_bytes': bytes,
  max_ack_pending: int,
  cluster_traffic: pick('system', 'owner', '""'),
});

const destination = pick(
  'bar',
  '"bar.$1"',
  '"bar.{{wildcard(1)}}"',
  '"bar.>"',
  '"b.{{partition(3,1)}}"',
  '"b.{{partition(3)}}"',
  '"b.{{random(2)}}"',
  '"b.$2"',
  '"b.{{left(1,2)}}"',
  '"{{Right(1, 2)}}.$2"',
  '"b.{{split(1,-)}}"',
  '"b.{{SplitFromLeft(1,2)}}"',
  '"b.{{slicefromright(1)}}"',
  '"b.$1.$2"',
  '"b.$2.$1.>"',
  '"b.{{wildcard(3)}}"',
  '"{{nothing(1)}}"',
);
const mapping = blockOf(
  {
    'destination dest': destination,
    weight: pick('50%', '100', '"20%"', '101', '40', '"60"'),
    cluster: name,
  },
  { required: ['destination dest', 'weight'], max: 1 },
);
const mappings: Gen = fc
  .uniqueArray(
    fc.tuple(
      pick('foo', '"foo.*"', '"foo.>"', '"a.*.*"', '"a..b"', '"x y"'),
      fc.oneof(
        destination,
        mapping,
        fc.array(mapping, { maxLength: 3 }).map((items) => ({ items })),
      ),
    ),
    { maxLength: 2, selector: ([source]) => source },
  )
  .map((block) => ({ block }));

const shared = pick('pub.a', '"pub.*"', '"pub.>"', 'svc.x', '"svc.*"', '"acc.*.x"');
const exports = fc.oneof(
  blockOf(
    { stream: shared, accounts: listOf(pick('A', 'B', 'C'), 2), account_token_position: pick('0', '2', '1') },
    { required: ['stream'], max: 1 },
  ),
  blockOf(
    {
      service: shared,
      'response_type response': pick('single', 'Stream', 'chunked', 'many'),
      'response_threshold threshold': duration,
      accounts: listOf(pick('A', 'B'), 2),
      latency: fc.oneof(
        pick('lat.x', '"lat.*"'),
        blockOf(
          { sampling: pick('50', '"10%"', 'headers', '101'), subject: pick('lat.y') },
          { required: ['subject'] },
        ),
      ),
      allow_trace: bool,
    },
    { required: ['service'], max: 2 },
  ),
);
const source = blockOf(
  { account: pick('A', 'B', 'C'), subject: shared },
  { required: ['account', 'subject'] },
);
const imports = fc.oneof(
  blockOf(
    { stream: source, prefix: pick('in', '"in.x"', '"in.*"'), allow_trace: bool },
    { required: ['stream'], max: 1 },
  ),
  blockOf(
    { stream: source, to: pick('here', '"here.*"', '"here.$1"', '"pub.>"') },
    { required: ['stream'], max: 1 },
  ),
  blockOf(
    { service: source, to: pick('my.svc', '"my.*"', '"my.$1"'), share: bool, allow_trace: bool },
    { required: ['service'], max: 1 },
  ),
);

const account = blockOf(
  {
    users,
    jetstream: fc.oneof(switches, accountJetStream),
    default_permissions: permissions,
    'mappings maps': mappings,
    limits: blockOf({
      'max_connections max_conn': int,
      'max_subscriptions max_subs': int,
      max_payload: bytes,
      max_leafs: int,
    }),
    'msg_trace trace_dest': fc.oneof(
      subject,
      blockOf({ dest: pick('trace.x', '"t.*"'), sampling: pick('10', '"50%"', '0') }, { max: 2 }),
    ),
    nkey: pick(ACCOUNT_KEY),
    exports: fc.array(exports, { maxLength: 1 }).map((items) => ({ items })),
    imports: fc.array(imports, { maxLength: 2 }).map((items) => ({ items })),
  },
  { max: 3 },
);

const accounts: Gen = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .uniqueArray(fc.tuple(pick('A', 'B', 'C', 'SYS', '"$G"'), account), {
        maxLength: 3,
        selector: ([own]) => own,
      })
      .map((block) => ({ block })),
  },
  { weight: 1, arbitrary: listOf(pick('A', 'B', '"C D"', '"$G"')) },
);

const compression = fc.oneof(
  bool,
  pick('s2_fast', 's2_auto', 'accept'),
  blockOf({ mode: pick('s2_auto'), 'rtt_thresholds rtt': listOf(duration) }),
);
const writeTimeout = pick('default', 'close', 'retry', 'Close');

const cluster = blockOf(
  {
    name: pick('C1', '"C 1"', 'cluster'),
    ...listening,
    authorization: fc.oneof(blockOf({ user: name, password: word, timeout }), authorization),
    routes: listOf(url),
    tls,
    'advertise cluster_advertise': word,
    no_advertise: bool,
    connect_retries: int,
    connect_backoff: bool,
    permissions,
    pool_size: int,
    accounts: listOf(pick('A', 'B')),
    compression,
    ping_interval: duration,
    ping_max: int,
    write_deadline: duration,
    write_timeout: writeTimeout,
  },
  { max: 5 },
);

const gateway = blockOf({
  name: pick('G1', '"G 1"'),
  ...listening,
  authorization: blockOf({ user: name, password: word }),
  tls,
  advertise: word,
  connect_retries: int,
  connect_backoff: bool,
  'reject_unknown reject_unknown_cluster': bool,
  gateways: listOf(blockOf({ name: word, url, urls: listOf(url), tls })),
  write_deadline: duration,
  write_timeout: writeTimeout,
});

const remote = blockOf({
  'url urls': fc.oneof(url, listOf(url)),
  'account local': pick('A', 'B'),
  'no_randomize dont_randomize': bool,
  hub: bool,
  tls,
  'deny_imports deny_import': subjects,
  'deny_exports deny_export': queueSubjects,
  'ws_compress ws_compression websocket_compress websocket_compression': bool,
  'ws_no_masking websocket_no_masking': bool,
  'jetstream_cluster_migrate js_cluster_migrate': fc.oneof(
    bool,
    word,
    blockOf({ leader_migrate_delay: duration }),
  ),
  compression,
  first_info_timeout: duration,
  dial_timeout: duration,
  disabled: bool,
  'isolate_leafnode_interest isolate': bool,
  request_isolation: bool,
  ignore_discovered_servers: bool,
  creds: word,
  proxy: blockOf({
    url: pick('"http://p:1"', '"ftp://p"', '"https://u@p"'),
    username: word,
    password: word,
    timeout: duration,
  }),
});

const leafnodes = blockOf({
  ...listening,
  authorization: fc.oneof(
    blockOf({
      user: name,
      password: word,
      timeout,
      account: word,
      proxy_required: bool,
      nkey: pick(USER_KEY),
    }),
    blockOf({
      users: listOf(
        blockOf({ user: name, pass: word, account: word, proxy_required: bool }, { required: ['user'] }),
      ),
    }),
  ),
  remotes: fc.array(remote, { maxLength: 2 }).map((items) => ({ items })),
  'reconnect reconnect_delay reconnect_interval': fc.oneof(int, duration),
  dial_timeout: duration,
  tls,
  'leafnode_advertise advertise': word,
  no_advertise: bool,
  'min_version minimum_version': pick('2.8.0', '"2.9.1"', '2.7.0', '"v2.10"', 'x', '"2.10.0-dev"'),
  compression,
  isolate_leafnode_interest: bool,
  write_deadline: duration,
  write_timeout: writeTimeout,
});

const websocket = blockOf({
  ...listening,
  advertise: word,
  no_tls: bool,
  same_origin: bool,
  'allowed_origins allowed_origin allow_origins allow_origin origins origin': fc.oneof(word, listOf(word)),
  handshake_timeout: fc.oneof(int, duration),
  'compression compress': bool,
  'authorization authentication': simple,
  jwt_cookie: word,
  user_cookie: word,
  pass_cookie: word,
  token_cookie: word,
  no_auth_user: name,
  headers: blockOf({ 'X-A': word, 'X-B': word }),
  ping_interval: duration,
  tls,
});

const mqtt = blockOf({
  ...listening,
  'authorization authentication': simple,
  no_auth_user: name,
  'ack_wait ackwait': duration,
  'js_api_timeout api_timeout': duration,
  'max_ack_pending max_pending max_inflight': pick('0', '100', '65535', '65536', '-1'),
  js_domain: word,
  stream_replicas: int,
  consumer_replicas: int,
  consumer_memory_storage: bool,
  'consumer_inactive_threshold consumer_auto_cleanup': duration,
  reject_qos2_publish: bool,
  downgrade_qos2_subscribe: bool,
});

/** All blocks, and enough of the plain fields. */
export const topLevel: Gen = blockOf(
  {
    listen: address,
    port: int,
    'host net': word,
    client_advertise: word,
    server_name: pick('n1', '"n 1"', 'nats-1'),
    debug: bool,
    trace: bool,
    trace_verbose: bool,
    trace_headers: bool,
    logtime: bool,
    logtime_utc: bool,
    'mappings maps': mappings,
    'disable_sublist_cache no_sublist_cache': bool,
    accounts,
    default_sentinel: word,
    authorization,
    http: address,
    https: address,
    'http_port monitor_port': int,
    https_port: int,
    http_base_path: word,
    remote_syslog: word,
    ports_file_dir: word,
    reconnect_error_reports: int,
    'no_system_account no_system no_sys_acc': bool,
    'trusted_keys trusted': fc.oneof(word, listOf(pick(OPERATOR_KEY, ACCOUNT_KEY))),
    resolver_tls: tls,
    cluster,
    gateway,
    'leafnodes leaf': leafnodes,
    'store_dir storedir': word,
    jetstream: fc.oneof({ weight: 1, arbitrary: switches }, { weight: 6, arbitrary: serverJetStream }),
    'log_file logfile': word,
    'logfile_size_limit log_size_limit': bytes,
    logfile_max_num: int,
    syslog: bool,
    'pid_file pidfile': word,
    prof_port: int,
    prof_block_rate: int,
    max_control_line: bytes,
    max_payload: bytes,
    max_pending: bytes,
    proxy_protocol: bool,
    'max_connections max_conn': int,
    'max_subscriptions max_subs': int,
    'max_sub_tokens max_subscription_tokens': pick('10', '255', '256', '0'),
    max_traced_msg_len: int,
    ping_interval: duration,
    ping_max: int,
    tls,
    allow_non_tls: bool,
    write_deadline: duration,
    write_timeout: writeTimeout,
    lame_duck_duration: pick('"2m"', '"30s"', '"10s"', '30s', '"29.999s"'),
    lame_duck_grace_period: duration,
    no_auth_user: name,
    'system_account system': pick('SYS', '$SYS'),
    no_header_support: bool,
    connect_error_reports: int,
    'websocket ws': websocket,
    mqtt,
    server_tags: fc.oneof(word, listOf(word)),
    server_metadata: blockOf({ a: word, b: word }),
    feature_flags: blockOf({ a: bool, b: bool }),
    default_js_domain: blockOf({ A: word, B: word }),
    ocsp: fc.oneof(bool, blockOf({ mode: pick('auto', 'Must', 'x'), url: word })),
    ocsp_cache: fc.oneof(
      bool,
      blockOf({
        type: pick('none', 'local', 'x'),
        local_store: word,
        preserve_revoked: bool,
        save_interval: timeout,
      }),
    ),
    no_fast_producer_stall: bool,
    max_closed_clients: int,
    resolver_pinned_accounts: listOf(word),
    proxies: blockOf({
      trusted: listOf(blockOf({ 'key public_key': pick(USER_KEY, 'x') }, { required: ['key public_key'] })),
    }),
    'resolver account_resolver accounts_resolver': fc.oneof(
      pick('MEMORY', '"URL(http://h/jwt)"', '"x"', 'URL(http://h)'),
      blockOf(
        {
          type: pick('MEM', 'memory', 'full', 'CACHE', 'x'),
          dir: pick('""'),
          ttl: duration,
          interval: duration,
          timeout: duration,
          limit: int,
          allow_delete: bool,
          hard_delete: bool,
        },
        { required: ['type'] },
      ),
    ),
    resolver_preload: blockOf({ A: pick('abc', '"a.b.c"') }),
  },
  { max: 5 },
);
