package cli

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/starlinghq/starling/router"
)

// TestServeRouterEndsWithItsListener: a router that can accept nothing more
// ends, and says so.
func TestServeRouterEndsWithItsListener(t *testing.T) {
	defer goleak.VerifyNone(t)
	sdl, err := os.ReadFile("../../ops/examples/shop/supergraph.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ sdl, want string }{
		"the listener dies": {string(sdl), "cannot be listened on any more"},
		"no supergraph":     {"type Query { a: Int }", "supergraph"},
	} {
		r, err := router.New(router.Config{Source: router.Static(c.sdl)})
		if err != nil {
			t.Fatal(err)
		}
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- serveRouter(t.Context(), r, l, http.NotFoundHandler(), func() {}) }()
		if name == "the listener dies" {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-ended; err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: ended with %v, want %q", name, err, c.want)
		}
	}
}
