#!/usr/bin/env bash
# Runs the audits of npm graphql-http against the binary, on addresses of this
# machine: against the product on an empty folder, and against the router on a
# foreign supergraph, which needs its subgraphs for no audit.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")"
[ -d node_modules ] || npm install --silent --no-audit --no-fund
data=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$data"' EXIT

# audit ADDRESS COMMAND...
audit() {
	local listen=$1 server failed=0
	shift
	"$@" --listen "$listen" 2>"$data/log" >/dev/null &
	server=$!
	for _ in $(seq 200); do
		curl -sf "http://$listen/ready" >/dev/null && break
		sleep 0.1
	done
	node audit.mjs "http://$listen/graphql" || failed=1
	kill "$server"
	wait "$server" || failed=1
	[ "$failed" = 0 ] || tail -n 20 "$data/log"
	return "$failed"
}

audit 127.0.0.1:4189 "$binary" serve --data "$data/data"
audit 127.0.0.1:4188 "$binary" router --supergraph ../../examples/shop/supergraph.graphqls
