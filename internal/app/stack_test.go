package app_test

import (
	"net/http"
	"testing"
)

// TestManyProcesses runs the product as two processes of every role on
// Cassandra, RabbitMQ and Redis.
func TestManyProcesses(t *testing.T) {
	if testing.Short() {
		t.Skip("DID NOT RUN: starts 22 processes, left out of short tests")
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	f := startFleet(t)
	t.Run("random histories", func(t *testing.T) { playInBothWorlds(t, f) })
}
