package fetch

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// answers reads "max-age=5; Age: 2; Vary: X" for each answer.
func cachingOf(answers ...string) *caching {
	var c caching
	for _, a := range answers {
		h := http.Header{}
		for i, part := range strings.Split(a, "; ") {
			if name, value, ok := strings.Cut(part, ": "); ok {
				h.Add(name, value)
			} else if i == 0 && part != "" {
				h.Add("Cache-Control", part)
			}
		}
		c.add(h)
	}
	return &c
}

// TestCaching: the strictest of everything, and nothing that no answer said.
func TestCaching(t *testing.T) {
	for _, c := range []struct {
		answers          []string
		want, restricted string
	}{
		{nil, "", ""},
		{[]string{"public, max-age=60"}, "public, max-age=60", "private, max-age=60"},
		{[]string{"public, max-age=60", "Public, Max-Age=30"}, "public, max-age=30", "private, max-age=30"},
		{[]string{"public, max-age=60", "private, max-age=90"}, "private, max-age=60", "private, max-age=60"},
		// Without public a shared cache keeps it only for requests without a token.
		{[]string{"public, max-age=60", "max-age=30"}, "max-age=30", "private, max-age=30"},
		{[]string{"max-age=60", ""}, "", ""},
		{[]string{"public", "max-age=60"}, "", ""},
		{[]string{"max-age=60", "no-store"}, "", ""},
		{[]string{"max-age=60, no-cache"}, "", ""},
		{[]string{"max-age=60, NO-STORE"}, "", ""},
		{[]string{"max-age=60; Cache-Control: no-store"}, "", ""},
		{[]string{"max-age=0"}, "", ""},
		{[]string{"max-age=soon"}, "", ""},
		{[]string{"max-age=-5"}, "", ""},
		{[]string{"max-age=60, max-age=10"}, "max-age=10", "private, max-age=10"},
		{[]string{`max-age="60"`}, "max-age=60", "private, max-age=60"},
		{[]string{`private="set-cookie, x", max-age=60`}, "private, max-age=60", "private, max-age=60"},
		{[]string{"max-age=60, s-maxage=600"}, "public, max-age=60, s-maxage=600", "private, max-age=60"},
		{[]string{"max-age=60, s-maxage=5"}, "public, max-age=60, s-maxage=5", "private, max-age=60"},
		{[]string{"public, max-age=60, s-maxage=600", "public, max-age=90"}, "public, max-age=60, s-maxage=90", "private, max-age=60"},
		{[]string{"max-age=60, s-maxage=5", "max-age=90"}, "max-age=5", "private, max-age=60"},
		{[]string{"s-maxage=60"}, "public, max-age=0, s-maxage=60", ""},
		{[]string{"max-age=60, s-maxage=0"}, "public, max-age=60, s-maxage=0", "private, max-age=60"},
		// What a cache on the way kept is as old as it says.
		{[]string{"public, max-age=60; Age: 45"}, "public, max-age=15", "private, max-age=15"},
		{[]string{"public, max-age=60; Age: 70"}, "", ""},
		{[]string{"public, max-age=60; Age: x"}, "public, max-age=60", "private, max-age=60"},
		{[]string{"public, max-age=60; Vary: *"}, "", ""},
	} {
		cc := cachingOf(c.answers...)
		if got := cc.header(false); got != c.want {
			t.Errorf("%q: %q, want %q", c.answers, got, c.want)
		}
		if got := cc.header(true); got != c.restricted {
			t.Errorf("%q, restricted: %q, want %q", c.answers, got, c.restricted)
		}
	}
	if got := cachingOf("max-age=1; Vary: accept-language, Accept-Encoding", "max-age=1; Vary: X-A; Vary: Accept-Language").vary; !slices.Equal(got, []string{"Accept-Language", "X-A"}) {
		t.Errorf("the answer varies by %q", got)
	}
	failed := cachingOf("public, max-age=60")
	failed.forbid()
	if got := failed.header(false); got != "" {
		t.Errorf("with a call that failed: %q", got)
	}
}
