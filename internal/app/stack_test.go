package app_test

import (
	"net/http"
	"testing"

	"github.com/starlinghq/starling/internal/telemetry/telemetrytest"
	"github.com/starlinghq/starling/internal/testenv"
)

// TestManyProcesses runs the product as two processes of every role on
// Cassandra, RabbitMQ and Redis.
func TestManyProcesses(t *testing.T) {
	testenv.Long(t, "starts 22 processes")
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	collector := telemetrytest.NewReceiver(t)
	// Nothing is recorded but what a client asks for.
	f := startFleet(t, "STARLING_TELEMETRY_OTLP_ENDPOINT="+collector.URL, "OTEL_TRACES_SAMPLER=parentbased_always_off", "OTEL_BSP_SCHEDULE_DELAY=200")
	t.Run("one story", func(t *testing.T) { tellOneStory(t, f, collector) })
	t.Run("jaeger", func(t *testing.T) { tellJaeger(t, f, collector) })
	t.Run("random histories", func(t *testing.T) { playInBothWorlds(t, f) })
}
