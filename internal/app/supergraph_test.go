package app_test

import (
	"bytes"
	"testing"

	"github.com/starlinghq/starling/internal/app"
	schemacli "github.com/starlinghq/starling/schema/cli"
)

// TestTheCommandComposesOurGraph holds the file that people compose with to the
// graph that is served.
func TestTheCommandComposesOurGraph(t *testing.T) {
	var out, messages bytes.Buffer
	args := []string{"compose", "--config", "../../subgraphs/supergraph.yaml"}
	code := schemacli.Run(t.Context(), args, nil, &out, &messages, func(string) string { return "" })
	if code != 0 || messages.Len() > 0 {
		t.Fatalf("exit code %d, and it said:\n%s", code, &messages)
	}
	served, err := app.Supergraph(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != served {
		t.Errorf("the command composes another supergraph than the one served (%d and %d bytes)", out.Len(), len(served))
	}
}
