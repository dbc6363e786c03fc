# shellcheck shell=bash
# One Cassandra node from Maven Central. Writes are acknowledged when they are
# on the disk (commitlog_sync: batch): with one replica, periodic syncs lose
# acknowledged writes when the node is killed.

: "${STACK_CASSANDRA_HEAP:=512m}"
cassandra_version=5.0.9
cassandra_lib=$STACK_CACHE/cassandra-$cassandra_version
cassandra_maven=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

cassandra_servers() { say cassandra; }
port_cassandra() { say "${STACK_CASSANDRA_PORT:-$((STACK_PORT + 42))}"; }
cassandra_endpoint() { say "STARLING_TEST_CASSANDRA=127.0.0.1:$(port_cassandra)"; }

# The node answers OPTIONS, in protocol version 4, once it serves.
answers_cassandra() { [[ $(ask "$(port_cassandra)" '\x04\x00\x00\x00\x05\x00\x00\x00\x00' 1) == $'\x84' ]]; }

cassandra_need() {
	need_command openjdk-17-jre-headless java
	[[ ! -f $cassandra_lib/complete ]] || return 0
	if [[ $STACK_INSTALL == yes ]]; then need_command maven mvn; else missing+=("the jars of Cassandra $cassandra_version"); fi
}

# cassandra_fetch copies the jars into the cache.
cassandra_fetch() {
	[[ ! -f $cassandra_lib/complete ]] || return 0
	say "stack: fetching Cassandra $cassandra_version" >&2
	rm -rf "$cassandra_lib"
	mkdir -p "$cassandra_lib"
	cat >"$cassandra_lib/pom.xml" <<-XML
		<project xmlns="http://maven.apache.org/POM/4.0.0">
		  <modelVersion>4.0.0</modelVersion>
		  <groupId>stack</groupId><artifactId>cassandra</artifactId><version>1</version><packaging>pom</packaging>
		  <dependencies><dependency>
		    <groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>$cassandra_version</version>
		  </dependency></dependencies>
		</project>
	XML
	mvn -B -q -f "$cassandra_lib/pom.xml" "$cassandra_maven:copy-dependencies" \
		-DincludeScope=runtime -DoutputDirectory="$cassandra_lib" >>"$run/maven.log" 2>&1 ||
		die "Maven could not fetch Cassandra, see $run/maven.log"
	[[ -f $cassandra_lib/cassandra-all-$cassandra_version.jar ]] || die "Maven fetched no Cassandra, see $run/maven.log"
	touch "$cassandra_lib/complete"
}

cassandra_configure() {
	local home=$STACK_DIR/cassandra
	mkdir -p "$home/conf" "$home/data"
	cat >"$home/conf/cassandra.yaml" <<-YAML
		cluster_name: starling
		partitioner: org.apache.cassandra.dht.Murmur3Partitioner
		num_tokens: 1
		initial_token: -9223372036854775808
		auto_bootstrap: false
		seed_provider: [{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: "127.0.0.1:$((STACK_PORT + 43))"}]}]
		endpoint_snitch: SimpleSnitch
		listen_address: 127.0.0.1
		rpc_address: 127.0.0.1
		storage_port: $((STACK_PORT + 43))
		native_transport_port: $(port_cassandra)
		storage_compatibility_mode: NONE
		data_file_directories: [$home/data/data]
		commitlog_directory: $home/data/commitlog
		saved_caches_directory: $home/data/saved_caches
		hints_directory: $home/data/hints
		cdc_raw_directory: $home/data/cdc_raw
		commitlog_sync: batch
		commitlog_segment_size: 16MiB
		commitlog_total_space: 512MiB
		commitlog_disk_access_mode: mmap
		memtable: {configurations: {trie: {class_name: TrieMemtable}, default: {inherits: trie}}}
		memtable_allocation_type: offheap_objects
		memtable_heap_space: 96MiB
		memtable_offheap_space: 128MiB
		sstable: {selected_format: bti}
		default_compaction: {class_name: UnifiedCompactionStrategy, parameters: {scaling_parameters: T4, target_sstable_size: 64MiB}}
		concurrent_compactors: 1
		concurrent_reads: 16
		concurrent_writes: 16
		file_cache_enabled: false
		auto_snapshot: false
		read_request_timeout: 1000ms
		range_request_timeout: 2000ms
		write_request_timeout: 1000ms
		cas_contention_timeout: 1000ms
		request_timeout: 2000ms
		authenticator: ${STACK_CASSANDRA_AUTHENTICATOR:-AllowAllAuthenticator}
		authorizer: AllowAllAuthorizer
	YAML
	cat >"$home/conf/logback.xml" <<-XML
		<configuration><appender name="F" class="ch.qos.logback.core.FileAppender"><file>$run/cassandra-system.log</file>
		<encoder><pattern>%-5level [%thread] %date{ISO8601} %F:%L - %msg%n</pattern></encoder></appender>
		<root level="INFO"><appender-ref ref="F"/></root></configuration>
	XML
}

# cassandra_opens prints what Cassandra needs of Java 17's insides.
cassandra_opens() {
	printf -- '--add-exports=%s=ALL-UNNAMED\n' java.base/jdk.internal.misc \
		java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry java.rmi/sun.rmi.server \
		java.sql/java.sql java.base/java.lang.ref jdk.unsupported/sun.misc jdk.compiler/com.sun.tools.javac.file \
		jdk.attach/sun.tools.attach
	printf -- '--add-opens=%s=ALL-UNNAMED\n' java.base/{java.lang.module,jdk.internal.loader,jdk.internal.ref} \
		java.base/{jdk.internal.reflect,jdk.internal.math,jdk.internal.module,jdk.internal.util.jar} \
		java.base/{sun.nio.ch,java.io,java.lang.reflect,java.lang,java.util,java.nio} \
		jdk.management/com.sun.management.internal jdk.compiler/com.sun.tools.javac
}

cassandra_start() {
	local home=$STACK_DIR/cassandra opens
	cassandra_fetch
	cassandra_configure
	mapfile -t opens < <(cassandra_opens)
	# A small collector and the quick compiler: a node for tests.
	launch cassandra java "${opens[@]}" -javaagent:"$(echo "$cassandra_lib"/jamm-*.jar)" -Djdk.attach.allowAttachSelf=true \
		-Xms"$STACK_CASSANDRA_HEAP" -Xmx"$STACK_CASSANDRA_HEAP" -XX:MaxDirectMemorySize=256m -Xss512k \
		-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+PerfDisableSharedMem -XX:+ExitOnOutOfMemoryError \
		-Xlog:disable -Xlog:all=error:stderr -Djava.net.preferIPv4Stack=true -Dio.netty.tryReflectionSetAccessible=true \
		-Dcassandra.storagedir="$home/data" -Dcassandra.config="file://$home/conf/cassandra.yaml" \
		-Dlogback.configurationFile="$home/conf/logback.xml" -Dcassandra.logdir="$run" \
		-Dcassandra.jmx.local.port=$((STACK_PORT + 44)) -Djava.rmi.server.hostname=127.0.0.1 \
		-Dcassandra.superuser_setup_delay_ms=0 -Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=1000 -Dcassandra.shutdown_announce_in_ms=100 \
		-Dcassandra-foreground=yes -cp "$home/conf:$cassandra_lib/*" org.apache.cassandra.service.CassandraDaemon
}
