# shellcheck shell=bash
# Processes of the stack: started in sessions of their own, recorded by pid and
# start time, ended by that record only.

# started_at PID prints the start tick of a running process. One that has ended
# but was not yet reaped does not count, unless threads of it still hold ports.
started_at() {
	local stat
	{ stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
	read -ra stat <<<"${stat##*) }"
	[[ ${stat[0]} != [ZX] || ${stat[17]} -gt 1 ]] && say "${stat[19]}"
}

# alive SERVER tells whether the recorded process runs; it sets pid.
alive() {
	local at
	pid=
	[[ -f $run/$1.pid ]] && read -r pid at <"$run/$1.pid" && [[ -n $at && $(started_at "$pid") == "$at" ]]
}

memory() { awk '/^VmRSS/ {n = int($2 / 1024)} END {print n + 0}' "/proc/$1/status" 2>/dev/null || say 0; }

# launch SERVER COMMAND... starts a server unless it runs.
launch() {
	local server=$1
	shift
	if alive "$server"; then return; fi
	if connects "$("port_$server")"; then die "$server: port $("port_$server") is taken by another process"; fi
	setsid "$@" </dev/null >>"$run/$server.log" 2>&1 9>&- &
	say "$! $(started_at $!)" >"$run/$server.pid"
}

# halt SERVER ends it: TERM, repeated since a server that just starts may lose
# it, at last KILL.
halt() {
	local tries=$((STACK_TIMEOUT * 10))
	if alive "$1"; then
		kill -TERM "$pid"
		while alive "$1" && ((tries-- > 0)); do
			sleep 0.1
			if ((tries % 20 == 0)); then kill -TERM "$pid" 2>/dev/null || true; fi
		done
		if alive "$1"; then
			say "stack: $1 did not stop, killing it" >&2
			kill -KILL "$pid"
		fi
	fi
	rm -f "$run/$1.pid"
}

# slay SERVER is kill -9, and waits until it is gone.
slay() {
	alive "$1" || die "$1 is not running"
	kill -KILL "$pid"
	while alive "$1"; do sleep 0.02; done
}

# await SERVER waits until it answers in its own protocol.
await() {
	local tries=$((STACK_TIMEOUT * 10))
	until "answers_$1"; do
		if ! alive "$1"; then
			tail -n 20 "$run/$1.log" >&2 || true
			die "$1 has ended, see $run/$1.log"
		fi
		((tries-- > 0)) || die "$1 does not answer after $STACK_TIMEOUT s, see $run/$1.log"
		sleep 0.1
	done
}

connects() { (exec 8<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# ask PORT BYTES LIMIT sends (escaped) bytes and prints at most LIMIT bytes of
# the first line of the answer.
ask() {
	local LC_ALL=C line=
	{
		exec 8<>"/dev/tcp/127.0.0.1/$1" || return 1
		printf '%b' "$2" >&8
		IFS= read -r -t 2 -n "$3" line <&8 || true
		exec 8>&-
	} 2>/dev/null
	printf '%s' "$line"
}
