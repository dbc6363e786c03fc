# shellcheck shell=bash
# Jaeger, built once from the Go module proxy (some minutes, 85 MB) with the
# dependencies that its own release names. It is started where it is built.

jaeger_version=v1.76.0
jaeger_module=github.com/jaegertracing/jaeger
jaeger_home=$STACK_CACHE/jaeger-$jaeger_version
jaeger_binary=$jaeger_home/jaeger

jaeger_servers() { say jaeger; }
port_jaeger() { say "$((STACK_PORT + 70))"; }
port_jaeger_health() { say "$((STACK_PORT + 72))"; }
port_jaeger_otlp() { say "$((STACK_PORT + 74))"; }
answers_jaeger() { [[ $(ask "$(port_jaeger_health)" 'GET /status HTTP/1.0\r\n\r\n' 12) == *' 200' ]]; }
jaeger_endpoint() {
	say "STARLING_TEST_JAEGER=http://127.0.0.1:$(port_jaeger)"
	say "STARLING_TEST_OTLP=http://127.0.0.1:$(port_jaeger_otlp)"
}

jaeger_need() { [[ -x $jaeger_binary ]] || missing+=("Jaeger $jaeger_version (make jaeger builds it)"); }

# jaeger_build makes a module whose only tool is Jaeger. Its go.sum comes first,
# or the tool would be built with whatever is newest today.
jaeger_build() {
	[[ ! -x $jaeger_binary ]] || return 0
	command -v go >/dev/null || die "missing: Go, which builds Jaeger"
	say "stack: building Jaeger $jaeger_version, some minutes" >&2
	local source
	rm -rf "$jaeger_home"
	mkdir -p "$jaeger_home/module"
	(
		cd "$jaeger_home/module"
		export GOWORK=off CGO_ENABLED=0
		go mod init starling.invalid/jaeger
		source=$(go mod download -json "$jaeger_module@$jaeger_version" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
		install -m 644 "$source/go.sum" go.sum
		go get -tool "$jaeger_module/cmd/jaeger@$jaeger_version"
		nice go build -trimpath -ldflags='-s -w' -o "$jaeger_home/building" "$jaeger_module/cmd/jaeger"
	) >>"$run/jaeger-build.log" 2>&1 || die "Jaeger could not be built, see $run/jaeger-build.log"
	mv "$jaeger_home/building" "$jaeger_binary"
}

jaeger_configure() {
	mkdir -p "$STACK_DIR/jaeger"
	# enable_tracing: off, or it traces itself and stops slowly.
	cat >"$STACK_DIR/jaeger/jaeger.yaml" <<-YAML
		service:
		  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
		  pipelines:
		    traces: {receivers: [otlp], exporters: [jaeger_storage_exporter]}
		  telemetry:
		    metrics: {level: none}
		    logs: {level: warn}
		extensions:
		  healthcheckv2: {use_v2: true, http: {endpoint: "127.0.0.1:$(port_jaeger_health)"}}
		  jaeger_query:
		    storage: {traces: main}
		    enable_tracing: false
		    http: {endpoint: "127.0.0.1:$(port_jaeger)"}
		    grpc: {endpoint: "127.0.0.1:$((STACK_PORT + 71))"}
		  jaeger_storage: {backends: {main: {memory: {max_traces: 20000}}}}
		receivers:
		  otlp:
		    protocols:
		      grpc: {endpoint: "127.0.0.1:$((STACK_PORT + 73))"}
		      http: {endpoint: "127.0.0.1:$(port_jaeger_otlp)"}
		exporters:
		  jaeger_storage_exporter: {trace_storage: main}
	YAML
}

jaeger_start() {
	jaeger_configure
	launch jaeger "$jaeger_binary" --config "file:$STACK_DIR/jaeger/jaeger.yaml"
}
