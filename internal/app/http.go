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
	return serveUntil(ctx, s.listener, s.handler(), s.stopTime())
}

func serveUntil(ctx context.Context, l net.Listener, h http.Handler, drain time.Duration) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err := srv.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, srv.Close())
	}
	<-failed
	return err
}
