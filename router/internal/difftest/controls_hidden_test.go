package difftest

import (
	"encoding/json"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/supergraph"
)

// fullSchema is the client's schema as it were if nothing was inaccessible.
func fullSchema(t testing.TB, e entry) *ast.Schema {
	t.Helper()
	s, err := supergraph.Parse("supergraph", showInaccessible(e.SDL))
	if err != nil {
		t.Fatal(err)
	}
	full, err := gqlparser.LoadSchema(&ast.Source{Input: s.API().SDL()})
	if err != nil {
		t.Fatal(err)
	}
	return full
}

// compareHidden sends an operation that may select what is inaccessible. The
// router must refuse it then, as if there were no such thing, and ask nobody.
func (h *harness) compareHidden(op operationtest.Operation) (outcome, string) {
	if _, errs := load(h.client, op.Text); len(errs) == 0 {
		return equal, "" // nothing hidden in it
	}
	for _, s := range h.subgraphs {
		s.calls = 0
	}
	_, got := h.ask(op)
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Extensions struct {
				Code string `json:"code"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil {
		return wrong, "not JSON: " + got
	}
	for _, name := range sortedNames(h.subgraphs) {
		if h.subgraphs[name].calls > 0 {
			return wrong, "leaked: " + name + " was asked: " + got
		}
	}
	if len(answer.Data) > 0 || len(answer.Errors) == 0 {
		return wrong, "leaked: " + got
	}
	for _, e := range answer.Errors {
		if e.Extensions.Code != "GRAPHQL_VALIDATION_FAILED" {
			return wrong, "refused otherwise than by validation: " + got
		}
	}
	return equal, ""
}
