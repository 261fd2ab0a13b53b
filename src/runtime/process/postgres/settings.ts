/** What of the settings is the environment's own. */
export interface PostgresSettings {
  port: number;
}

/**
 * postgresql.conf, written at every start: a local database that starts fast, survives any `kill -9` with everything
 * that it acknowledged, and does not survive a power cut, which a development database need not. Pure.
 */
export const renderPostgresConf = ({
  port,
}: PostgresSettings): string => `# Written by devenv at every start; changes made here are lost.

listen_addresses = '127.0.0.1'
port = ${port}
# No socket file: nothing to clean up, and no limit on the length of the path to the data.
unix_socket_directories = ''
max_connections = 100
password_encryption = 'scram-sha-256'

# A killed Postgres loses nothing: what a process has written is in the kernel. Only a power cut can lose or damage
# data, and then \`devenv down --volumes\` makes a new database. This is what makes it start and commit in milliseconds.
fsync = off
full_page_writes = off
# Left on: a commit that was acknowledged must survive the death of Postgres.
synchronous_commit = on

shared_buffers = '64MB'
# Inside the data directory: a killed Postgres leaves nothing in /dev/shm.
dynamic_shared_memory_type = 'mmap'
# No pool of I/O workers to start and stop; the data fits into memory.
io_method = 'sync'
max_wal_size = '512MB'

log_destination = 'stderr'
logging_collector = off
# devenv writes the time and the service in front of each line.
log_line_prefix = ''
log_checkpoints = off
# The log is read by devenv (which port was taken) as well as by people.
lc_messages = 'C'
log_timezone = 'UTC'
timezone = 'UTC'
`;

/** pg_hba.conf: passwords for everybody, from this machine only. */
export const renderPostgresHba =
  (): string => `# Written by devenv at every start; changes made here are lost.
host all         all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`;
