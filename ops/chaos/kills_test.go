package main

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/starlinghq/starling/internal/testenv"
	"github.com/starlinghq/starling/ops/chaos/fleet"
)

// TestOneKillOfEachKind is the small form of the fault matrix: while a small
// history is imported through many processes, one of each role and each server
// is killed and started again; then everything is compared.
func TestOneKillOfEachKind(t *testing.T) {
	testenv.Long(t, "kills one of each kind")
	s := privateServers(t)
	binary := filepath.Join(t.TempDir(), "starling")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/starlinghq/starling/cmd/starling").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	w := newWorld(testWriter{t}, s, 1, t.Name())
	w.people = 40
	sc := scenario{run: func(ctx context.Context, w *world) error {
		h := w.importing(ctx)
		if err := w.killEachRole(ctx, h); err != nil {
			return err
		}
		if err := w.killEachServer(ctx, h); err != nil {
			return err
		}
		return w.exact(ctx, h)
	}}
	err := w.play(t.Context(), sc, fleet.Config{
		Compose: "../../docker-compose.yml", Starling: binary, Dir: t.TempDir(), Port: s.port(t) + 10, Keyspace: "kills", Shards: 2,
	})
	if err != nil {
		t.Error(err)
	}
}

// private are servers of a test's own.
type private struct {
	t     testing.TB
	parts map[string]*testenv.Stack
}

func privateServers(t testing.TB) private {
	p := private{t: t, parts: map[string]*testenv.Stack{}}
	for _, part := range parts() {
		p.parts[part] = testenv.Private(t, part)
	}
	return p
}

func (p private) Endpoint(part string) string { return p.parts[part].Endpoint() }

func (p private) Kill(_ context.Context, part string) error {
	p.parts[part].Kill(p.t)
	return nil
}

func (p private) Up(_ context.Context, part string) error {
	p.parts[part].Up(p.t)
	return nil
}

// port is the last port that the servers' block of ports uses.
func (p private) port(t testing.TB) int {
	_, port, err := net.SplitHostPort(p.Endpoint(redis))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// testWriter writes to a test's log.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(string(p[:len(p)-1]))
	return len(p), nil
}
