# shellcheck shell=bash
# RabbitMQ with an epmd of its own, as the installed package has it, without
# plugins (they make a stop five times as long).

rabbitmq_servers() { printf '%s\n' epmd rabbitmq; }
port_epmd() { say "$((STACK_PORT + 50))"; }
port_rabbitmq() { say "${STACK_RABBITMQ_PORT:-$((STACK_PORT + 10))}"; }
answers_epmd() { connects "$(port_epmd)"; }
answers_rabbitmq() { [[ $(ask "$(port_rabbitmq)" 'AMQP\0\0\x09\x01' 1) == $'\x01' ]]; }
rabbitmq_endpoint() { say "STARLING_TEST_RABBITMQ=amqp://guest:guest@127.0.0.1:$(port_rabbitmq)"; }

rabbitmq_sbin() { printf '%s\n' /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin | sort -V | tail -n 1; }

rabbitmq_need() {
	if [[ ! -x $(rabbitmq_sbin)/rabbitmq-server ]]; then missing+=(rabbitmq-server); fi
}

# rabbitmq_vars sets vars to the environment of this node and its commands.
rabbitmq_vars() {
	local home=$STACK_DIR/rabbitmq
	# RUNNING_UNDER_SYSTEMD makes the start script become the server: one pid.
	vars=(
		HOME="$home" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$(port_epmd)" RUNNING_UNDER_SYSTEMD=true
		RABBITMQ_NODENAME="starling$STACK_PORT@localhost" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
		RABBITMQ_NODE_PORT="$(port_rabbitmq)" RABBITMQ_DIST_PORT=$((STACK_PORT + 20))
		RABBITMQ_MNESIA_BASE="$home/data" RABBITMQ_LOG_BASE="$home/log"
		RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$home/enabled_plugins"
		RABBITMQ_PID_FILE="$home/pid" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_GENERATED_CONFIG_DIR="$home/config"
		RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
	)
}

rabbitmq_ctl() {
	local vars
	rabbitmq_vars
	env "${vars[@]}" "$(rabbitmq_sbin)/rabbitmqctl" "$@"
}

rabbitmq_start() {
	local home=$STACK_DIR/rabbitmq
	mkdir -p "$home"
	if [[ ! -f $home/.erlang.cookie ]]; then
		head -c 24 /dev/urandom | base64 | tr -d '+/=' | install -m 400 /dev/stdin "$home/.erlang.cookie"
	fi
	say '[].' >"$home/enabled_plugins"
	cat >"$home/rabbitmq.conf" <<-CONF
		listeners.tcp.1 = 127.0.0.1:$(port_rabbitmq)
		vm_memory_high_watermark.absolute = 1GiB
		disk_free_limit.absolute = 500MB
		log.console = false
	CONF
	launch epmd epmd -port "$(port_epmd)" -address 127.0.0.1
	await epmd
	local vars
	rabbitmq_vars
	launch rabbitmq env "${vars[@]}" "$(rabbitmq_sbin)/rabbitmq-server"
}
