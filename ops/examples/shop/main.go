// Command shop serves four small subgraphs from memory: accounts, inventory,
// products and reviews, each under a path of its own. It is what the README
// puts a router in front of; supergraph.graphqls beside it is their supergraph.
//
//	go run ./ops/examples/shop [-listen 127.0.0.1:4101]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/starlinghq/starling/ops/bench/standin"
)

// maxBody bounds what is read of a request.
const maxBody = 4 << 20

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listen := flag.String("listen", defaultListen, "where the subgraphs are")
	flag.Parse()
	if err := serve(ctx, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		stop()
		os.Exit(1)
	}
}

// defaultListen is the address that stands in supergraph.graphqls.
const defaultListen = "127.0.0.1:4101"

func serve(ctx context.Context, listen string) error {
	srv := &http.Server{Addr: listen, Handler: handler(), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.ListenAndServe() }()
	fmt.Printf("the subgraphs of a shop\n")
	for _, g := range standin.Subgraphs() {
		fmt.Printf("  %-10s %s\n", g.Name, url(listen, g))
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	err := srv.Close()
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

func url(listen string, g *standin.Subgraph) string { return "http://" + listen + "/" + g.Name }

func handler() http.Handler {
	mux := http.NewServeMux()
	for _, g := range standin.Subgraphs() {
		mux.HandleFunc("POST /"+g.Name, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
			if err != nil {
				http.Error(w, "unreadable body", http.StatusBadRequest)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(g.Execute(body))
		})
	}
	return mux
}
