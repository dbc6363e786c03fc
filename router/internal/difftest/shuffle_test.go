package difftest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/starlinghq/starling/router"
	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/supergraph"
)

// plannings is how often an operation is planned with data sources in another
// order.
const plannings = 15

// shuffledRouters are routers of one graph that know its subgraphs in different
// orders. They are started when the first operation needs them.
type shuffledRouters struct {
	h       *harness
	sdl     string
	routers []*router.Router
	stops   []func()
}

// compare asks each router: plans may differ, answers may not.
func (s *shuffledRouters) compare(t testing.TB, op operationtest.Operation, r *rand.Rand) (outcome, string) {
	for len(s.routers) < plannings {
		sdl, err := shuffle(s.sdl, r)
		if err != nil {
			return wrong, err.Error()
		}
		router, stop, err := s.h.start(t, sdl)
		if err != nil {
			return wrong, "with shuffled subgraphs: " + err.Error()
		}
		s.routers, s.stops = append(s.routers, router), append(s.stops, stop)
	}
	serve, plain := s.h.serve, s.h.router
	defer func() { s.h.serve, s.h.router = serve, plain }()
	for i, router := range s.routers {
		s.h.serve, s.h.router = router.ServeHTTP, router
		if result, text := s.h.compare(op); result != equal {
			return result, fmt.Sprintf("planning %d with shuffled subgraphs: %s", i, text)
		}
	}
	return equal, ""
}

func (s *shuffledRouters) stop() {
	for _, stop := range s.stops {
		stop()
	}
}

// shuffle is a supergraph with its subgraphs in another order.
func shuffle(sdl string, r *rand.Rand) (string, error) {
	s, err := supergraph.Parse("supergraph", sdl)
	if err != nil {
		return "", err
	}
	r.Shuffle(len(s.Subgraphs), func(i, j int) { s.Subgraphs[i], s.Subgraphs[j] = s.Subgraphs[j], s.Subgraphs[i] })
	return s.SDL(), nil
}
