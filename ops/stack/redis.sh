# shellcheck shell=bash
# Redis as a cache: no persistence, so that a restart loses all or nothing.

redis_servers() { say redis; }
redis_need() { need_command redis-server redis-server; }
port_redis() { say "${STACK_REDIS_PORT:-$((STACK_PORT + 60))}"; }
answers_redis() { [[ $(ask "$(port_redis)" 'PING\r\n' 5) == +PONG ]]; }
redis_endpoint() { say "STARLING_TEST_REDIS=127.0.0.1:$(port_redis)"; }

redis_start() {
	mkdir -p "$STACK_DIR/redis"
	launch redis redis-server --bind 127.0.0.1 --port "$(port_redis)" --dir "$STACK_DIR/redis" \
		--daemonize no --save '' --appendonly no
}
