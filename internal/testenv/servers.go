package testenv

import (
	"cmp"
	"net"
	"os"
	"testing"
	"time"
)

// Addresses of the servers that make stack starts.
const (
	stackCassandra = "127.0.0.1:21042"
	stackRabbitMQ  = "amqp://guest:guest@127.0.0.1:21010"
	stackRedis     = "127.0.0.1:21060"
)

// howStack is what to do where a server is missing.
const howStack = "run make stack"

// Cassandra returns the host:port of a running node, from
// STARLING_TEST_CASSANDRA or else of make stack. Others use it at the same
// time: keep to keys of your own.
func Cassandra(t testing.TB) string {
	t.Helper()
	addr := cmp.Or(os.Getenv("STARLING_TEST_CASSANDRA"), stackCassandra)
	demand(t, "cassandra", addr)
	return addr
}

// RabbitMQ returns the amqp URL of a running broker, from
// STARLING_TEST_RABBITMQ or else of make stack. Others use it at the same time:
// keep to a prefix of your own.
func RabbitMQ(t testing.TB) string {
	t.Helper()
	at := cmp.Or(os.Getenv("STARLING_TEST_RABBITMQ"), stackRabbitMQ)
	demand(t, "rabbitmq", hostPort(t, at))
	return at
}

// Redis returns the host:port of a running server, from STARLING_TEST_REDIS or
// else of make stack. Others use it at the same time: keep to a prefix of your
// own, and flush nothing.
func Redis(t testing.TB) string {
	t.Helper()
	addr := cmp.Or(os.Getenv("STARLING_TEST_REDIS"), stackRedis)
	demand(t, "redis", addr)
	return addr
}

// demand ends the test where nobody listens at addr. The stack's own start
// waits until the server answers in its protocol.
func demand(t testing.TB, what, addr string) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, 2*time.Second)
	if err != nil {
		Missing(t, what, howStack+" ("+err.Error()+")")
		return
	}
	_ = conn.Close()
}
