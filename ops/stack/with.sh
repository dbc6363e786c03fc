#!/usr/bin/env bash
# Runs a command with Cassandra, RabbitMQ and Redis around it, required:
#
#   with.sh COMMAND...
#
# Servers are, in this order: those that STARLING_TEST_CASSANDRA,
# STARLING_TEST_RABBITMQ and STARLING_TEST_REDIS name; those of make stack, where
# they run; containers, where an engine answers; else native ones by stack.sh,
# which installs what is missing. What was started for the command is stopped
# after it, and its data is forgotten.
#
# STACK_ENGINE=containers or =native decides between the last two.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${STACK_ENGINE:=}"
: "${STACK_PORT:=21000}"
export STACK_PORT
stack=$here/stack.sh
[[ $# -gt 0 ]] || { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }

say() { printf 'servers: %s\n' "$*" >&2; }

containers() { docker compose --file "$here/containers.yml" --project-name "starling-$STACK_PORT" "$@"; }

# engine tells whether containers can be started here.
engine() {
	case $STACK_ENGINE in
	containers) return 0 ;;
	native) return 1 ;;
	esac
	docker compose version && timeout 10 docker info
} &>/dev/null

# answering tells whether the servers of make stack run.
answering() { "$stack" endpoints &>/dev/null && "$stack" status | awk '$NF == "ready" {n++} END {exit n < 4}'; } 2>/dev/null

# take exports the lines NAME=VALUE of its input.
take() {
	local line
	while read -r line; do export "${line?}"; done
}

require() { export STARLING_REQUIRE="${STARLING_REQUIRE:+$STARLING_REQUIRE,}$1"; }

start_containers() {
	say "starting containers"
	export STACK_CASSANDRA_PORT=$((STACK_PORT + 42)) STACK_RABBITMQ_PORT=$((STACK_PORT + 10)) STACK_REDIS_PORT=$((STACK_PORT + 60))
	trap 'containers down --volumes' EXIT
	containers up --detach --wait >&2 || return
	export STARLING_TEST_CASSANDRA=127.0.0.1:$STACK_CASSANDRA_PORT
	export STARLING_TEST_RABBITMQ=amqp://guest:guest@127.0.0.1:$STACK_RABBITMQ_PORT
	export STARLING_TEST_REDIS=127.0.0.1:$STACK_REDIS_PORT
}

start_native() {
	say "starting them natively"
	export STACK_DIR=${STACK_DIR:-$root/.stack}/test
	trap '"$stack" wipe' EXIT
	"$stack" wipe
	take < <("$stack" up cassandra rabbitmq redis)
	[[ -n ${STARLING_TEST_REDIS:-} ]] || { # stack.sh has said why
		say "not there. Start a container engine, or install what is missing, or name running servers:"
		say "STARLING_TEST_CASSANDRA=HOST:PORT STARLING_TEST_RABBITMQ=amqp://... STARLING_TEST_REDIS=HOST:PORT"
		exit 1
	}
	require private # tests start and kill servers of their own
}

if [[ -n ${STARLING_TEST_CASSANDRA:-} && -n ${STARLING_TEST_RABBITMQ:-} && -n ${STARLING_TEST_REDIS:-} ]]; then
	say "those that the environment names"
elif answering; then
	say "those of make stack"
	take < <("$stack" endpoints)
	require private
elif engine; then
	start_containers || {
		[[ $STACK_ENGINE != containers ]] || exit 1
		containers down --volumes || true
		start_native
	}
else
	start_native
fi
require cassandra,rabbitmq,redis
"$@"
