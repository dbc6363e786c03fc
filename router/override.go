package router

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/operation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// overrides are the labels of progressive overrides, by the coordinates that
// they move from one subgraph to another.
type overrides struct {
	byCoordinate map[operation.Coordinate][]string
}

func newOverrides(s *supergraph.Schema) *overrides {
	o := &overrides{byCoordinate: make(map[operation.Coordinate][]string)}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			for _, j := range f.Joins {
				if j.OverrideLabel != "" {
					o.add(operation.Coordinate{Type: t.Name, Field: f.Name}, j.OverrideLabel)
				}
			}
		}
	}
	if len(o.byCoordinate) == 0 {
		return o
	}
	// A selection on an interface reaches the fields of its possible types.
	for _, t := range s.Types {
		if t.Kind != ast.Interface {
			continue
		}
		for _, p := range s.Possible(t) {
			for _, f := range t.Fields {
				for _, l := range o.byCoordinate[operation.Coordinate{Type: p.Name, Field: f.Name}] {
					o.add(operation.Coordinate{Type: t.Name, Field: f.Name}, l)
				}
			}
		}
	}
	return o
}

func (o *overrides) add(c operation.Coordinate, label string) {
	if !slices.Contains(o.byCoordinate[c], label) {
		o.byCoordinate[c] = append(o.byCoordinate[c], label)
	}
}

// touched lists the labels that matter to an operation, sorted.
func (o *overrides) touched(op *operation.Operation) []string {
	if len(o.byCoordinate) == 0 {
		return nil
	}
	var out []string
	for _, c := range op.Coordinates() {
		for _, l := range o.byCoordinate[c] {
			if !slices.Contains(out, l) {
				out = append(out, l)
			}
		}
	}
	slices.Sort(out)
	return out
}

// labels decides which of an operation's labels are active for a request.
func (x *exchange) labels(d *document) []string {
	var out []string
	for _, l := range d.labels {
		if x.active(l) {
			out = append(out, l)
		}
	}
	return out
}

func (x *exchange) active(label string) bool {
	if share, ok := percent(label); ok {
		return x.share(label) < share
	}
	f := x.router.cfg.OverrideLabels
	return f != nil && f(x.req, label)
}

// percent reads percent(N).
func percent(label string) (float64, bool) {
	text, ok := strings.CutPrefix(label, "percent(")
	if !ok {
		return 0, false
	}
	text, ok = strings.CutSuffix(text, ")")
	n, err := strconv.ParseFloat(text, 64)
	return n, ok && err == nil
}

// share is a number from 0 to 100: always the same for one value of the
// configured claim or header, random without one.
func (x *exchange) share(label string) float64 {
	if key := x.overrideKey(); key != "" {
		return hashShare(label, key)
	}
	return rand.Float64() * 100
}

func (x *exchange) overrideKey() string {
	cfg := &x.router.cfg.HTTP
	if x.principal != nil && cfg.OverrideKeyClaim != "" {
		switch v := x.principal.Claims[cfg.OverrideKeyClaim].(type) {
		case nil:
		case string:
			return v
		default:
			return fmt.Sprint(v)
		}
	}
	if cfg.OverrideKeyHeader == "" {
		return ""
	}
	return x.req.Header.Get(cfg.OverrideKeyHeader)
}

func hashShare(label, key string) float64 {
	f := fnv.New64a()
	_, _ = f.Write([]byte(label + "\x00" + key))
	x := f.Sum64()
	x ^= x >> 32
	x *= 0x9e3779b97f4a7c15
	return float64(x>>11) / (1 << 53) * 100
}
