package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestLeaving: a process that stops answers what still comes, and tells those
// who ask to connect elsewhere, before it refuses.
func TestLeaving(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- serveUntil(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }), time.Second)
	}()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	ask := func() (closes bool, err error) {
		resp, err := client.Post("http://"+l.Addr().String(), "text/plain", nil)
		if err != nil {
			return false, err
		}
		return resp.Close, resp.Body.Close()
	}
	if closes, err := ask(); err != nil || closes {
		t.Fatalf("while it runs: the connection closes %t, %v", closes, err)
	}
	stop()
	if closes, err := ask(); err != nil || !closes {
		t.Errorf("while it leaves: the connection closes %t, %v", closes, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := ask(); err == nil {
		t.Error("it answers though it has left")
	}
}
