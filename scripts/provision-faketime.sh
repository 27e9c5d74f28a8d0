#!/bin/sh
# Puts libfaketime into ${XDG_CACHE_HOME:-$HOME/.cache}/etcd-lock unless the machine has it: through the apt of Debian or
# Ubuntu, without root and without touching the system. The chaos suite steps the wall clocks of its workers with it;
# without it that one fault is left out.
set -eu

home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${XDG_CACHE_HOME:-$home/.cache}/etcd-lock
library=libfaketime.so.1

fail() {
	echo "provision-faketime: no libfaketime: $1; without it the chaos suite steps no wall clock" >&2
	exit 1
}

# apt-get on the system's sources, with every file it writes below $work.
private_apt() {
	(cd "$work" && apt-get -qq \
		-o Dir::State="$work/state" -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" \
		-o Dir::Cache="$work/apt" -o Dir::Log="$work/log" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@") >/dev/null 2>&1 </dev/null
}

[ ! -e "$cache/$library" ] || exit 0
for installed in /usr/lib/*-linux-*/faketime/$library; do
	[ ! -e "$installed" ] || exit 0
done
[ "$(uname -s)" = Linux ] || exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "there is no apt here"
echo "provision-faketime: fetching libfaketime with apt into $cache"
mkdir -p "$cache"
work=$(mktemp -d "$cache/.faketime.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
mkdir -p "$work/lists/partial" "$work/state" "$work/apt/archives/partial" "$work/log"
: >"$work/status"
private_apt update || :
private_apt download libfaketime || fail "apt could not fetch it (offline?)"
dpkg-deb -x "$work"/libfaketime_*.deb "$work/unpacked"
found=$(find "$work/unpacked" -name "$library" | head -n 1)
[ -n "$found" ] || fail "the package has no $library"
mv -f "$found" "$cache/$library"
