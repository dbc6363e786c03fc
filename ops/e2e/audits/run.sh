#!/usr/bin/env bash
# Starts the binary on an empty folder and runs the audits of npm graphql-http
# against it. The address is this machine's.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")"
[ -d node_modules ] || npm install --silent --no-audit --no-fund
data=$(mktemp -d)
listen=127.0.0.1:4189
"$binary" serve --data "$data/data" --listen "$listen" &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$data"' EXIT
for _ in $(seq 200); do
	curl -sf "http://$listen/ready" >/dev/null && break
	sleep 0.1
done
node audit.mjs "http://$listen/graphql"
