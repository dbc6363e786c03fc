package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Addresses are where the stand-ins listen; Serve writes them as one line of
// JSON.
type Addresses struct {
	// Subgraphs are URLs by name.
	Subgraphs map[string]string `json:"subgraphs"`
	// Counts is a URL that answers with [Counts].
	Counts string `json:"counts"`
}

// Counts is what was asked for since the start.
type Counts struct {
	Requests  int64 `json:"requests"`
	Anonymous int64 `json:"anonymous"` // requests without a token
	Executed  int64 `json:"executed"`  // bodies that were not known
}

// keptAnswers bounds the answers of one subgraph. The bench has a few dozen.
const keptAnswers = 10_000

type server struct {
	requests, anonymous, executed atomic.Int64
}

// Serve answers on free ports of this machine until in ends, which the parent
// holds open: a stand-in does not outlive the bench. Each subgraph has a port
// of its own, as in life.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var s server
	at := Addresses{Subgraphs: make(map[string]string)}
	var servers []*http.Server
	var wg sync.WaitGroup
	listen := func(h http.Handler) (string, error) {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return "", fmt.Errorf("standin: %w", err)
		}
		srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
		servers = append(servers, srv)
		wg.Go(func() { _ = srv.Serve(l) }) // it ends by Close
		return "http://" + l.Addr().String(), nil
	}
	defer wg.Wait()
	defer func() {
		for _, srv := range servers {
			_ = srv.Close()
		}
	}()
	for _, g := range Subgraphs() {
		url, err := listen(s.subgraph(g))
		if err != nil {
			return err
		}
		at.Subgraphs[g.Name] = url + "/graphql"
	}
	url, err := listen(http.HandlerFunc(s.counts))
	if err != nil {
		return err
	}
	at.Counts = url + "/counts"
	if err := json.NewEncoder(out).Encode(at); err != nil {
		return fmt.Errorf("standin: %w", err)
	}
	wg.Go(func() {
		defer stop()
		_, _ = io.Copy(io.Discard, in)
	})
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (s *server) counts(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(Counts{Requests: s.requests.Load(), Anonymous: s.anonymous.Load(), Executed: s.executed.Load()})
}

// subgraph serves one of them.
func (s *server) subgraph(g *Subgraph) http.Handler {
	var mu sync.RWMutex
	answers := make(map[string][]byte)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "unreadable body", http.StatusBadRequest)
			return
		}
		var answer []byte
		if r.Header.Get("Authorization") == "" {
			s.anonymous.Add(1)
			answer = failure(errors.New("the client's token was not passed on"))
		} else {
			mu.RLock()
			answer = answers[string(body)]
			mu.RUnlock()
		}
		if answer == nil {
			s.executed.Add(1)
			answer = g.Execute(body)
			mu.Lock()
			if len(answers) >= keptAnswers {
				clear(answers)
			}
			answers[string(body)] = answer
			mu.Unlock()
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer)
	})
}
