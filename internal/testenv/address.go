package testenv

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"testing"
)

// hostPort returns where the server of an amqp URL listens.
func hostPort(t testing.TB, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatalf("testenv: address of the broker: %v", err)
	}
	if u.Port() != "" {
		return u.Host
	}
	port := "5672"
	if u.Scheme == "amqps" {
		port = "5671"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// FreeAddress returns an address on which nobody listens, for a process that is
// told where to listen. It is none that the system gives to connections or to
// listeners that leave the choice to it: between our look and the process's
// start one of those would take it every now and then.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 50 {
		if port := 10_000 + rand.IntN(10_000); isFree(port) {
			return fmt.Sprintf("127.0.0.1:%d", port)
		}
	}
	t.Fatal("testenv: no free port")
	return ""
}
