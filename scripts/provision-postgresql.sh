#!/bin/sh
# Puts a PostgreSQL for the tests into ${XDG_CACHE_HOME:-$HOME/.cache}/etcd-lock/postgresql unless the machine has one:
# through the apt of Debian or Ubuntu, without root and without touching the system. Elsewhere install it; the tests
# look at the PATH, at /usr/lib/postgresql and at this folder, in this order.
# Quick when there is nothing to do, and may run twice at the same time.
set -eu

home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${XDG_CACHE_HOME:-$home/.cache}/etcd-lock
place=$cache/postgresql

fail() {
	cat >&2 <<-END
		provision-postgresql: no PostgreSQL: $1
		Everything but the tests of JdbcFence on PostgreSQL runs without it; with CI=true they fail. To get one:
		  - Debian, Ubuntu:  apt-get install postgresql
		  - macOS:           brew install postgresql
	END
	exit 1
}

have_one() {
	for folder in $(echo "$PATH" | tr ':' ' ') /usr/lib/postgresql/*/bin "$place"/usr/lib/postgresql/*/bin; do
		[ ! -x "$folder/postgres" ] || [ ! -x "$folder/initdb" ] || return 0
	done
	return 1
}

# A tool of apt on the system's sources, with every file it writes below $work.
private() {
	tool=$1
	shift
	(cd "$work" && "$tool" -q=2 \
		-o Dir::State="$work/state" -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" \
		-o Dir::Cache="$work/apt" -o Dir::Log="$work/log" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=2 \
		-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@") 2>/dev/null </dev/null
}

dependencies() {
	private apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@"
}

have_one && exit 0
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "there is no apt here"
echo "provision-postgresql: fetching PostgreSQL with apt into $place"
mkdir -p "$cache"
work=$(mktemp -d "$cache/.postgresql.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
mkdir -p "$work/lists/partial" "$work/state" "$work/apt/archives/partial" "$work/log" "$work/tree/lib"
: >"$work/status"
private apt-get update >/dev/null || :
server=$(dependencies postgresql | awk '/Depends: postgresql-[0-9]+$/ { print $2; exit }')
[ -n "$server" ] || fail "apt knows no package postgresql (offline?)"
# With every library it may need but the system's own and the compiler's.
libraries=$(dependencies --recurse "$server" | grep -E '^lib[a-z0-9+.-]+$' |
	grep -Ev '^(libc6|libc-bin|libllvm|libclang|libperl|libjson-perl|libcommon|liblocale|libterm|libtext|libdebconf)' | sort -u)
private apt-get download "$server" $libraries >/dev/null || fail "apt could not fetch $server (offline?)"
for package in "$work"/*.deb; do
	dpkg-deb -x "$package" "$work/unpacked"
done
rm -rf "$work"/unpacked/usr/lib/postgresql/*/lib/bitcode
mkdir -p "$work/tree/usr/lib" "$work/tree/usr/share"
mv "$work/unpacked/usr/lib/postgresql" "$work/tree/usr/lib/"
mv "$work/unpacked/usr/share/postgresql" "$work/tree/usr/share/"
find "$work/unpacked" -name 'lib*.so*' -exec cp -P {} "$work/tree/lib/" \;
for binary in "$work"/tree/usr/lib/postgresql/*/bin/postgres; do
	LD_LIBRARY_PATH=$work/tree/lib "$binary" --version || fail "what was fetched does not run here"
done
have_one && exit 0
rm -rf "$place"
mv "$work/tree" "$place"
