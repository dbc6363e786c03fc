package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// addressHeader carries the client's address to the subgraphs.
const addressHeader = "X-Forwarded-For"

// handler is the one door of the process: the router where it has one, else its
// subgraphs, with the pages about the whole process.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	if s.router != nil {
		mux.Handle("/", s.router)
	} else {
		for name, h := range s.subgraphs {
			mux.Handle("POST /subgraphs/"+name, h)
		}
		mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	}
	mux.Handle("GET /metrics", s.telemetry.MetricsHandler())
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if err := s.Ready(); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, err)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	if s.router == nil {
		return mux // the router has told the address
	}
	return withAddress(mux)
}

// withAddress tells the subgraphs where a client is, and keeps clients from
// telling it themselves.
func withAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		r.Header.Set(addressHeader, host)
		next.ServeHTTP(w, r)
	})
}

// serve answers requests until ctx ends, then finishes those it has begun.
func (s *Server) serve(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { s.stopping.Store(true) })()
	return serveUntil(ctx, s.listener, s.handler(), s.stopTime())
}

// leaving is how long a process that stops goes on to take requests and says at
// each answer that the connection ends. A connection that is closed without this
// may be closed just when a request is on its way, and whoever sent that cannot
// know whether it was taken. The router leaves such a process alone; balancers
// see it at /ready.
const leaving = 500 * time.Millisecond

// serveUntil serves until ctx ends, and then leaves: it takes requests for a
// little while longer, then none, and waits for those that it took.
func serveUntil(ctx context.Context, l net.Listener, h http.Handler, drain time.Duration) error {
	last := func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	}
	srv := &http.Server{Handler: http.HandlerFunc(last), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-failed:
		return err
	case <-time.After(leaving):
	}
	drained, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := srv.Shutdown(drained)
	if err != nil {
		err = errors.Join(err, srv.Close())
	}
	<-failed
	return err
}
