package router

import (
	"slices"
	"strings"
	"testing"
)

// TestValidate: every fault is named by its path, all of them at once and in
// one order.
func TestValidate(t *testing.T) {
	cfg := Config{
		Subgraphs: map[string]SubgraphConfig{
			"b": {URLs: []string{"nowhere", "ftp://x.test/"}},
			"a": {URLs: []string{"http://a.test/"}, Timeout: -1, TLS: &TLSConfig{CertFile: "x"}, Headers: &HeaderRules{Forward: []string{"Connection"}}},
		},
		Headers:               HeaderRules{Forward: []string{"a b"}, Set: map[string]string{"X-A": "a\nb", "Content-Length": "1"}},
		Limits:                LimitsConfig{ListSize: -1},
		Timeouts:              TimeoutsConfig{Request: -1, Subgraph: -1, Drain: -1},
		HTTP:                  HTTPConfig{Path: "/live", AllowedOrigins: []string{"https://ok.test", "*", "friend.test", "https://x.test/path"}, OverrideKeyHeader: "a:b"},
		RequireAuthentication: true,
	}
	err := cfg.Validate()
	if err == nil {
		t.Fatal("nothing is wrong?")
	}
	var paths []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		path, _, _ := strings.Cut(strings.TrimPrefix(line, "router: "), ": ")
		paths = append(paths, path)
	}
	want := []string{
		"HTTP.AllowedOrigins", "HTTP.AllowedOrigins", "HTTP.OverrideKeyHeader", "HTTP.Path", "Headers.Forward", "Headers.Set", "Headers.Set", "Limits.ListSize",
		"RequireAuthentication", "Source", "Subgraphs[a].Headers.Forward", "Subgraphs[a].TLS", "Subgraphs[a].Timeout", "Subgraphs[b].URLs", "Subgraphs[b].URLs",
		"Timeouts.Drain", "Timeouts.Request", "Timeouts.Subgraph",
	}
	if !slices.Equal(paths, want) {
		t.Errorf("faults at %q, want %q", paths, want)
	}
	if err := (&Config{Source: Static("x")}).Validate(); err != nil {
		t.Errorf("a source is enough, and yet: %v", err)
	}
	if _, err := New(Config{}); err == nil {
		t.Error("New took an empty configuration")
	}
}
