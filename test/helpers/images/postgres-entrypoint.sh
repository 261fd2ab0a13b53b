#!/bin/sh
# The contract of the official image that devenv relies on: POSTGRES_USER / PASSWORD / DB (each also as …_FILE),
# POSTGRES_INITDB_ARGS, PGDATA, /docker-entrypoint-initdb.d/*.{sh,sql} once on an empty data directory, scram over TCP, root
# steps down to `postgres`, and the server ends up as process 1.
set -eu

from_file() {
  eval "file=\${$1_FILE:-}"
  if [ -n "$file" ]; then eval "export $1=\"\$(cat \"\$file\")\""; fi
}

if [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec su -s /bin/sh postgres -c 'exec "$0" "$@"' -- "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  from_file POSTGRES_USER
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_DB
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    exit 1
  fi
  printf '%s\n' "${POSTGRES_PASSWORD:-}" >/tmp/pwfile
  # shellcheck disable=SC2086
  initdb -D "$PGDATA" --username="$user" --pwfile=/tmp/pwfile --encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 ${POSTGRES_INITDB_ARGS:-}
  rm -f /tmp/pwfile
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  printf "\nlisten_addresses = '*'\n" >>"$PGDATA/postgresql.conf"
  # There is no psql here: the single-user server runs the files. -j: a statement ends at `;` and an empty line.
  if [ "$database" != postgres ]; then
    printf 'CREATE DATABASE "%s";\n\n' "$database" | postgres --single -F -j -D "$PGDATA" postgres >/dev/null
  fi
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) echo "$0: running $file"; . "$file" ;;
      *.sql) echo "$0: running $file"; { cat "$file"; printf '\n;\n\n'; } | postgres --single -F -j -D "$PGDATA" "$database" >/dev/null ;;
    esac
  done
  echo 'PostgreSQL init process complete; ready for start up.'
fi
exec "$@"
