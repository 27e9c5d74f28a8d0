#!/bin/sh
# Puts etcd and etcdctl into ${XDG_CACHE_HOME:-$HOME/.cache}/etcd-lock unless the machine has them: on Debian and
# Ubuntu through apt, without root and without touching the system; on macOS through Homebrew. Tests and
# `etcd-lock.embedded` look at ETCD_BINARY, the PATH and this folder, in this order.
# Quick when there is nothing to do, and may run twice at the same time.
# With the name of a Debian release, such as bookworm (etcd 3.4), it gets that one's etcd into a folder of that name
# below, for tests on another etcd: ETCD_BINARY=~/.cache/etcd-lock/bookworm/etcd mvn -B verify
set -eu

wanted=${1:-}
home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${XDG_CACHE_HOME:-$home/.cache}/etcd-lock${wanted:+/$wanted}

say() {
	echo "provision-etcd: $*"
}

fail() {
	cat >&2 <<-END
		provision-etcd: no etcd: $1
		Everything compiles without it, but tests and etcd-lock.embedded need a real etcd. Any of these helps:
		  - set ETCD_BINARY to an etcd binary (3.4 or later; etcdctl beside it)
		  - Debian, Ubuntu:  apt-get install etcd-server etcd-client
		  - macOS:           brew install etcd
		  - copy etcd and etcdctl of an etcd release into $cache
	END
	exit 1
}

# Prints the path of etcd or etcdctl, wherever the tests would find it.
find_tool() {
	if [ -n "$wanted" ]; then
		[ -x "$cache/$1" ] && echo "$cache/$1"
		return
	fi
	if [ -n "${ETCD_BINARY:-}" ]; then
		beside=$(dirname "$ETCD_BINARY")/$1
		[ "$1" != etcd ] || { echo "$ETCD_BINARY" && return; }
		[ ! -x "$beside" ] || { echo "$beside" && return; }
	fi
	command -v "$1" || { [ -x "$cache/$1" ] && echo "$cache/$1"; }
}

have_both() {
	find_tool etcd >/dev/null && find_tool etcdctl >/dev/null
}

# Moves a binary to its place in one step, so that a build beside us never sees half of it.
publish() {
	"$work/$1" "$2" >/dev/null 2>&1 || return 1
	mv -f "$work/$1" "$cache/$1"
}

# Newer releases first: what a binary of theirs needs of the C library is old enough, and publish() tries it.
releases() {
	case "$1" in
		bullseye | bookworm) echo "trixie $1" ;;
		jammy | noble) echo "resolute $1" ;;
		*) echo "$1" ;;
	esac
}

# apt-get on the mirror that the system uses, with every file it writes below $work.
private_apt() {
	(cd "$work" && apt-get -qq \
		-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State="$work/state" -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status" \
		-o Dir::Cache="$work/apt" -o Dir::Log="$work/log" -o APT::Sandbox::User=root \
		-o APT::Get::List-Cleanup=false -o Acquire::Languages=none -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@") >>"$work/output" 2>&1 </dev/null
}

from_release() {
	rm -rf "$work/lists" "$work/state" "$work/apt"
	mkdir -p "$work/lists/partial" "$work/state" "$work/apt/archives/partial" "$work/log"
	echo "deb [arch=$(dpkg --print-architecture)${keyring:+ signed-by=$keyring}] $site $1 $components" >"$work/sources.list"
	: >"$work/status"
	rm -f "$work"/*.deb
	private_apt update || :
	private_apt download etcd-server etcd-client || return 1
	for package in "$work"/*.deb; do
		dpkg-deb -x "$package" "$work/unpacked" || return 1
	done
	mv -f "$work/unpacked/usr/bin/etcd" "$work/unpacked/usr/bin/etcdctl" "$work/"
	# For the test of a restore; not every release has it.
	[ ! -x "$work/unpacked/usr/bin/etcdutl" ] || mv -f "$work/unpacked/usr/bin/etcdutl" "$cache/"
	publish etcdctl version && publish etcd --version
}

from_apt() {
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	site=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
		awk -v release="$codename" '$2 == release { print $1; exit }')
	[ -n "$site" ] || fail "apt has no mirror for the release '$codename' of this system"
	case "$(. /etc/os-release && echo "$ID")" in
		ubuntu) components='main universe' keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
		*) components=main keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
	esac
	[ -r "$keyring" ] || keyring=
	for release in ${wanted:-$(releases "$codename")}; do
		say "fetching etcd of $release with apt into $cache"
		from_release "$release" && return
	done
	host=${site#*//}
	tail -n 3 "$work/output" | sed "s|${host%%/*}|<mirror>|g" >&2
	fail "apt could not fetch etcd-server and etcd-client (offline?)"
}

from_homebrew() {
	say "installing etcd with Homebrew"
	brew install --quiet etcd >&2 || fail "Homebrew could not install it"
	ln -sf "$(brew --prefix etcd)/bin/etcd" "$(brew --prefix etcd)/bin/etcdctl" "$cache/"
}

[ -n "$wanted" ] || [ -z "${ETCD_BINARY:-}" ] || [ -x "$ETCD_BINARY" ] || fail "ETCD_BINARY=$ETCD_BINARY is no executable file"
have_both && exit 0
mkdir -p "$cache"
work=$(mktemp -d "$cache/.provision.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
	from_apt
elif [ -z "$wanted" ] && command -v brew >/dev/null; then
	from_homebrew
else
	fail "there is neither apt here nor Homebrew"
fi
have_both || fail "what was fetched does not run here"
say "$("$(find_tool etcd)" --version | head -n 1) is in $cache"
