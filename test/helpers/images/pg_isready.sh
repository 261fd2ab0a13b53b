#!/bin/sh
# Enough of pg_isready for a health check: whether the server accepts connections on a TCP port.
host=127.0.0.1 port=5432
while getopts 'qh:p:d:U:t:' option; do
  case $option in
    h) host=$OPTARG ;;
    p) port=$OPTARG ;;
    *) ;;
  esac
done
nc -w 1 "$host" "$port" </dev/null >/dev/null 2>&1 || exit 2
