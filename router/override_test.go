package router

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// movedSDL has fields that move from subgraph a to b under a label each: moved
// under percent(30), and m0 to m5 under labels of their own.
func movedSDL() string {
	var fields strings.Builder
	field := func(name, label string) {
		fmt.Fprintf(&fields, "  %s: String @join__field(graph: A, overrideLabel: %q) @join__field(graph: B, override: \"a\", overrideLabel: %q)\n", name, label, label)
	}
	field("moved", "percent(30)")
	for i := range 6 {
		field(fmt.Sprint("m", i), fmt.Sprint("label-", i))
	}
	head, _, _ := strings.Cut(contextSDL, "enum join__Graph")
	head = strings.NewReplacer(`@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)`, "").Replace(head)
	return head + `
enum join__Graph { A @join__graph(name: "a", url: "http://a.test/") B @join__graph(name: "b", url: "http://b.test/") }
type Query @join__type(graph: A) @join__type(graph: B) {
` + fields.String() + "}\n"
}

// moving answers each field that is asked for with the name of the subgraph.
func moving(t *testing.T, cfg Config) *Router {
	f := newFakes(t)
	for _, name := range []string{"a", "b"} {
		f.answer[name] = func(c call) string {
			var members []string
			for _, field := range []string{"moved", "m0", "m1", "m2", "m3", "m4", "m5"} {
				if strings.Contains(c.Query, field) {
					members = append(members, fmt.Sprintf("%q:%q", field, name))
				}
			}
			return `{"data":{` + strings.Join(members, ",") + `}}`
		}
	}
	cfg.Source, cfg.Transport = Static(movedSDL()), f.transport
	return startQuiet(t, cfg)
}

// TestOverrideByShare: percent(30) moves about 30 of 100, always the same ones
// where there is a key.
func TestOverrideByShare(t *testing.T) {
	r := moving(t, Config{Authenticator: byName{}, HTTP: HTTPConfig{OverrideKeyHeader: "X-User", OverrideKeyClaim: "policies"}})
	ask := func(headers ...string) string {
		t.Helper()
		return strings.Trim(string(post(t, r, `{ moved }`, "", headers...).Data), `{}`)
	}
	moved := 0
	for n := range 1000 {
		first := ask("X-User", fmt.Sprint("u", n))
		if first == `"moved":"b"` {
			moved++
		} else if first != `"moved":"a"` {
			t.Fatalf("answer %s", first)
		}
		if n < 50 && ask("X-User", fmt.Sprint("u", n)) != first {
			t.Errorf("user %d is on both sides", n)
		}
	}
	if moved < 230 || moved > 370 {
		t.Errorf("%d of 1000 users are moved, want about 300", moved)
	}
	// The claim goes before the header: one token is on one side.
	sides := make(map[string]bool)
	for n := range 60 {
		sides[ask("X-Test", "scope", "X-User", fmt.Sprint("u", n))] = true
	}
	if len(sides) != 1 {
		t.Errorf("one claim is on the sides %v", sides)
	}
	// Without a key each request decides.
	clear(sides)
	for range 200 {
		sides[ask()] = true
	}
	if len(sides) != 2 {
		t.Errorf("without a key there are only the sides %v", sides)
	}
}

// TestOverrideLabels: each set of active labels is answered by its own
// configuration, more sets than are kept at once; only labels of the operation
// are asked for.
func TestOverrideLabels(t *testing.T) {
	asked := make(map[string]bool)
	r := moving(t, Config{OverrideLabels: func(r *http.Request, label string) bool {
		asked[label] = true
		return strings.Contains(r.Header.Get("X-Active"), label)
	}})
	post(t, r, `{ m0 }`, "")
	if len(asked) != 1 || !asked["label-0"] {
		t.Errorf("for m0 these labels were asked for: %v", asked)
	}
	for round := range 2 {
		for set := range 64 {
			var active []string
			want := make([]string, 6)
			for i := range 6 {
				side := "a"
				if set&(1<<i) != 0 {
					active = append(active, fmt.Sprint("label-", i))
					side = "b"
				}
				want[i] = fmt.Sprintf(`"m%d":%q`, i, side)
			}
			// Another operation each time: what is planned is not in a cache.
			got := post(t, r, fmt.Sprintf("query Q%d_%d { m0 m1 m2 m3 m4 m5 }", round, set), "", "X-Active", strings.Join(active, " "))
			wantData(t, got, "{"+strings.Join(want, ",")+"}")
		}
	}
}
