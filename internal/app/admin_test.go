package app_test

import (
	"io"
	"testing"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
)

// TestQueuesOfAProcessThatStarts: from when a process holds its folder, whoever
// asks for the queues finds the process, and not a folder that is in use.
func TestQueuesOfAProcessThatStarts(t *testing.T) {
	cfg := apptest.Config(t)
	server, err := app.Open(t.Context(), cfg, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	_, closeQueues, err := app.OpenQueues(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := closeQueues(); err != nil {
		t.Error(err)
	}
}
