package router

import (
	"net/http"
	"strings"
	"testing"
)

// TestSubscriptions: they are refused before anything is started for them.
func TestSubscriptions(t *testing.T) {
	sdl := strings.Replace(socialSDL, "query: Query", "query: Query\n  subscription: Subscription", 1) +
		"\ntype Subscription @join__type(graph: TWEETS) { posted: Tweet @join__field(graph: TWEETS) }\n"
	f := newFakes(t)
	r := startQuiet(t, Config{Source: Static(sdl), Transport: f.transport})
	for _, query := range []string{`subscription { posted { id } }`, `subscription { posted { id likeCount } }`} {
		got := post(t, r, query, "")
		if got.Status != http.StatusBadRequest || len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "not served") {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	if got := post(t, r, `subscription { posted { id } other: posted { id } }`, ""); got.Status != http.StatusBadRequest || got.Errors[0].Extensions["code"] != CodeValidation {
		t.Errorf("two root fields: %s", got.Body)
	}
	if len(f.calls) > 0 {
		t.Errorf("a subgraph was called: %v", f.calls)
	}
}
