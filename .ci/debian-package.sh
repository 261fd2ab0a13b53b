#!/usr/bin/env bash
# debian-package.sh <release> <package> <directory>
# Unpacks one package of another Debian release into a directory: signature checked by apt, the machine's own apt
# state untouched, the archive taken from the site this machine already uses, so that no host is named here.
set -euo pipefail
release=$1 package=$2 target=$3

codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Release: $codename" | head -n 1)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -n "$site" ] || { echo "debian-package: apt on this machine knows no Debian site for '$codename'" >&2; exit 1; }
[ -e "$keyring" ] || { echo "debian-package: $keyring is missing (package debian-archive-keyring)" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,deb} "$target"
echo "deb [signed-by=$keyring] $site $release main" > "$work/sources.list"
options=(
  -q -q
  -o "Dir::State::lists=$work/lists"
  -o "Dir::Cache=$work/cache"
  -o "Dir::Etc::sourcelist=$work/sources.list"
  -o "Dir::Etc::sourceparts=/dev/null"
  -o "APT::Sandbox::User="
  -o "Acquire::Languages=none"
  -o "Acquire::Retries=3"
)
apt-get "${options[@]}" update >&2
(cd "$work/deb" && apt-get "${options[@]}" download "$package/$release") >&2
dpkg-deb -x "$work"/deb/*.deb "$target"
basename "$work"/deb/*.deb
