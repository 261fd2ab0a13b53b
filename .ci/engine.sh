#!/usr/bin/env bash
# Makes sure that a Docker engine answers and that Compose v2 is there. Idempotent. The engine comes from this machine's own
# Debian archive; Compose v2 from a newer release of it (Debian 12 has only v1). A dockerd started here is recorded in
# $DEVENV_CI_STATE/dockerd.pid, so that `engine.sh stop` ends that one and no other.
set -euo pipefail
cd "$(dirname "$0")"
state=${DEVENV_CI_STATE:-${XDG_CACHE_HOME:-$HOME/.cache}/devenv-ci}
mkdir -p "$state"
say() { echo "engine: $*" >&2; }
fail() { say "$*"; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
answers() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

stop() {
  [ -e "$state/dockerd.pid" ] || return 0
  local pid; pid=$(cat "$state/dockerd.pid")
  if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
    say "stopping the dockerd that was started here (pid $pid)"
    as_root kill "$pid"
    for _ in $(seq 300); do [ -e "/proc/$pid" ] || break; sleep 0.1; done
    [ ! -e "/proc/$pid" ] || fail "dockerd (pid $pid) did not stop within 30 s"
  fi
  rm -f "$state/dockerd.pid"
}

install_engine() {
  local wanted=()
  command -v dockerd >/dev/null || wanted+=(docker.io)
  command -v iptables >/dev/null || wanted+=(iptables)
  [ ${#wanted[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "no dockerd and no apt-get: cannot install ${wanted[*]}"
  say "installing ${wanted[*]}"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get -q -q -o Dpkg::Use-Pty=0 install -y --no-install-recommends)
  if ! as_root "${install[@]}" "${wanted[@]}" >"$state/apt.log" 2>&1; then
    as_root apt-get -q -q update >>"$state/apt.log" 2>&1 || true
    as_root "${install[@]}" "${wanted[@]}" >>"$state/apt.log" 2>&1 || { tail -n 20 "$state/apt.log" >&2; fail "apt-get could not install ${wanted[*]}"; }
  fi
}

start_engine() {
  say "starting dockerd"
  as_root sh -c 'umask 022; exec setsid dockerd >"$0/dockerd.log" 2>&1 </dev/null & echo $! >"$0/dockerd.pid"' "$state"
  local pid; pid=$(cat "$state/dockerd.pid")
  for _ in $(seq 600); do
    ! answers >/dev/null || return 0
    [ -e "/proc/$pid" ] || break
    sleep 0.1
  done
  tail -n 20 "$state/dockerd.log" >&2
  fail "dockerd did not answer (its last lines are above)"
}

install_compose() {
  docker compose version --short >/dev/null 2>&1 && return 0
  local plugins=${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins release unpacked
  for release in unstable trixie; do
    unpacked=$(mktemp -d)
    say "taking Compose v2 from Debian $release"
    if ./debian-package.sh "$release" docker-compose "$unpacked" >&2; then
      mkdir -p "$plugins"
      install -m 0755 "$unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$plugins/docker-compose"
      rm -rf "$unpacked"
      docker compose version --short >/dev/null 2>&1 && return 0
    fi
    rm -rf "$unpacked"
  done
  fail "Compose v2 could not be had from Debian unstable or trixie"
}

case ${1:-start} in
  start)
    if ! answers >/dev/null; then install_engine; start_engine; fi
    install_compose
    say "Docker $(answers), Compose $(docker compose version --short)"
    ;;
  stop) stop ;;
  *) fail "usage: engine.sh [start|stop]" ;;
esac
