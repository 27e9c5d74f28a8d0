#!/bin/sh
# Puts a Redis for the benchmarks into ${XDG_CACHE_HOME:-$HOME/.cache}/etcd-lock/redis unless the machine has one:
# through the apt of Debian or Ubuntu, without root and without touching the system. ZooKeeper comes from Maven.
# Without a Redis the benchmarks leave it out.
set -eu

home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${XDG_CACHE_HOME:-$home/.cache}/etcd-lock
place=$cache/redis

fail() {
	echo "provision-rivals: no Redis: $1; install redis-server, and the benchmarks find it on the PATH" >&2
	exit 1
}

# apt-get on the system's sources, with every file it writes below $work.
private_apt() {
	(cd "$work" && apt-get -qq \
		-o Dir::State="$work/state" -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" \
		-o Dir::Cache="$work/apt" -o Dir::Log="$work/log" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=2 \
		-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@") >/dev/null 2>&1 </dev/null
}

command -v redis-server >/dev/null && exit 0
[ ! -x "$place/redis-server" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "there is no apt here"
echo "provision-rivals: fetching Redis with apt into $place"
mkdir -p "$cache"
work=$(mktemp -d "$cache/.rivals.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
mkdir -p "$work/lists/partial" "$work/state" "$work/apt/archives/partial" "$work/log" "$work/redis/lib"
: >"$work/status"
private_apt update || :
# The server and those of its libraries that few systems have.
private_apt download redis-server redis-tools libjemalloc2 liblzf1 libatomic1 || fail "apt could not fetch it (offline?)"
for package in "$work"/*.deb; do
	dpkg-deb -x "$package" "$work/unpacked"
done
find "$work/unpacked" -name 'lib*.so*' -exec cp -P {} "$work/redis/lib/" \;
cp -L "$work/unpacked/usr/bin/redis-server" "$work/redis/"
LD_LIBRARY_PATH=$work/redis/lib "$work/redis/redis-server" --version || fail "what was fetched does not run here"
rm -rf "$place"
mv "$work/redis" "$place"
