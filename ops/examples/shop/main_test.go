package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/ops/bench/standin"
	"github.com/starlinghq/starling/schema/compose"
)

const file = "supergraph.graphqls"

// TestSupergraph: the file is what the subgraphs compose to. With
// SHOP_REWRITE=1 it is written anew.
func TestSupergraph(t *testing.T) {
	var in []compose.Subgraph
	for _, g := range standin.Subgraphs() {
		in = append(in, compose.Subgraph{Name: g.Name, URL: url(defaultListen, g), SDL: g.SDL})
	}
	out, err := compose.Compose(t.Context(), in)
	if err == nil {
		err = out.Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	want := out.Supergraph.SDL()
	if os.Getenv("SHOP_REWRITE") != "" {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale; SHOP_REWRITE=1 go test ./ops/examples/shop (-composed +file):\n%s", file, diff)
	}
}

func TestServe(t *testing.T) {
	w := httptest.NewRecorder()
	handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/products", strings.NewReader(`{"query":"{ topProducts(first: 1) { upc name } }"}`)))
	if got := w.Body.String(); got != `{"data":{"topProducts":[{"upc":"1","name":"Kettle"}]}}` {
		t.Errorf("answer %s", got)
	}
}
