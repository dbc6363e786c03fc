package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/starlinghq/starling/internal/pebbledb"
	"github.com/starlinghq/starling/internal/queue"
	queuepebble "github.com/starlinghq/starling/internal/queue/pebble"
)

// The data folder belongs to one process, so whoever looks after its queues
// asks that process: over a socket in the folder, which only its owner may
// open. Where no process runs, the folder is opened directly.

const socketName = "admin.sock"

// socketPath returns the path of the socket, the shorter of its two forms: the
// system takes about a hundred bytes.
func socketPath(data string) string {
	path := filepath.Join(data, socketName)
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil && len(rel) < len(path) {
			return rel
		}
	}
	return path
}

// listenOnSocket makes the socket of a folder that this process holds. Whoever
// asks before it is served waits.
func listenOnSocket(ctx context.Context, data string) (net.Listener, error) {
	path := socketPath(data)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing an old socket: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; a shorter --data helps where the path is too long", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// administer serves the socket until ctx ends.
func (s *Server) administer(ctx context.Context) error {
	return serveUntil(ctx, s.socket, queuesHandler(s.engines.queue), s.stopTime())
}

// Queues is what people who look after the system see of the queues.
type Queues interface {
	queue.Parking
	queue.Gauge
}

func queuesHandler(p Queues) http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any, err error) {
		switch {
		case errors.Is(err, queue.ErrNotFound):
			w.WriteHeader(http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			// The asker is gone where this fails; there is nobody to tell.
			_ = json.NewEncoder(w).Encode(v)
		}
	}
	mux.HandleFunc("GET /parked", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.FormValue("n"))
		if err != nil || n < 1 {
			http.Error(w, "n must be a positive number", http.StatusBadRequest)
			return
		}
		list, err := p.Parked(r.Context(), r.FormValue("after"), n)
		answer(w, list, err)
	})
	mux.HandleFunc("GET /depths", func(w http.ResponseWriter, r *http.Request) {
		depths, err := p.Depths(r.Context())
		answer(w, depths, err)
	})
	mux.HandleFunc("POST /parked/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, nil, p.Replay(r.Context(), r.PathValue("id")))
	})
	mux.HandleFunc("DELETE /parked/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, nil, p.Drop(r.Context(), r.PathValue("id")))
	})
	return mux
}

// OpenQueues returns the queues of the configured system: those of a data
// folder, through the process that runs on it or directly, or those of the
// broker. Call close when done.
func OpenQueues(ctx context.Context, cfg Config) (_ Queues, closeIt func() error, err error) {
	if cfg.Engines == enginesDistributed {
		return openBroker(ctx, cfg)
	}
	if _, err := os.Stat(cfg.Data); err != nil {
		return nil, nil, fmt.Errorf("there is no data in %s: %w; name the folder with --data", cfg.Data, err)
	}
	remote := newRemoteQueues(socketPath(cfg.Data))
	if remote.reachable(ctx) {
		return remote, func() error { remote.client.CloseIdleConnections(); return nil }, nil
	}
	db, err := pebbledb.Open(ctx, pebbledb.Config{Dir: cfg.Data})
	if err != nil {
		return nil, nil, err
	}
	q, err := queuepebble.Open(ctx, db, queuepebble.Config{Shards: cfg.Shards})
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return q, db.Close, nil
}

// remoteQueues are the queues of another process.
type remoteQueues struct {
	path   string
	client *http.Client
}

func newRemoteQueues(path string) *remoteQueues {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	return &remoteQueues{path: path, client: &http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: 10 * time.Second}}
}

func (p *remoteQueues) reachable(ctx context.Context) bool {
	c, err := new(net.Dialer).DialContext(ctx, "unix", p.path)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// Parked implements queue.Parking.
func (p *remoteQueues) Parked(ctx context.Context, after string, n int) ([]queue.Parked, error) {
	var list []queue.Parked
	query := url.Values{"after": {after}, "n": {strconv.Itoa(n)}}
	return list, p.call(ctx, http.MethodGet, "/parked?"+query.Encode(), &list)
}

// Replay implements queue.Parking.
func (p *remoteQueues) Replay(ctx context.Context, id string) error {
	return p.call(ctx, http.MethodPost, "/parked/"+url.PathEscape(id), nil)
}

// Drop implements queue.Parking.
func (p *remoteQueues) Drop(ctx context.Context, id string) error {
	return p.call(ctx, http.MethodDelete, "/parked/"+url.PathEscape(id), nil)
}

// Depths implements queue.Gauge.
func (p *remoteQueues) Depths(ctx context.Context) ([]queue.Depth, error) {
	var depths []queue.Depth
	return depths, p.call(ctx, http.MethodGet, "/depths", &depths)
}

func (p *remoteQueues) call(ctx context.Context, method, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://starling"+path, nil)
	if err != nil {
		return err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return fmt.Errorf("asking the running process: %w", err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return queue.ErrNotFound
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("the running process answered %s", resp.Status)
	case into == nil:
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
