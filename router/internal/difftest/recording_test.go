package difftest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/operation/operationtest"
	"github.com/starlinghq/starling/schema/supergraph"
)

// A recording is what the oracle did, for another implementation to do again:
// ops/oracle runs it through graphql-js. A line with a schema is followed by
// lines with one operation each: the operation, the value of every field that
// the oracle asked for, and its answer.

// recordedGraph is the schema of the operations that follow.
type recordedGraph struct {
	Schema string `json:"schema"`
}

// recordedOperation is one operation on it.
type recordedOperation struct {
	ID        string          `json:"id"`
	Query     string          `json:"query"`
	Variables json.RawMessage `json:"variables"`
	// Fields are the values by object ("Type.number"), field and arguments:
	// {"leaf": JSON}, {"object": name}, {"broken": true}, a list of such, or null.
	Fields map[string][]recordedField `json:"fields"`
	// Data is the text of the answer, Failures the paths of the errors.
	Data      string   `json:"data"`
	Failures  [][]any  `json:"failures"`
	Mutations []string `json:"mutations"`
}

type recordedField struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
	Value     any             `json:"value"`
}

// breakSome breaks one field in sixteen, of those whose nullability
// is the same wherever they are.
func breakSome(schema *supergraph.Schema, seed uint64) func(object, *supergraph.Field) bool {
	even := evenFields(schema)
	return func(o object, f *supergraph.Field) bool {
		if !even[o.typ.Name+"."+f.Name] {
			return false
		}
		h := fnv.New64a()
		fmt.Fprint(h, seed, "|", o.typ.Name, "|", o.n, "|", f.Name)
		x := h.Sum64()
		return (x^x>>29)%16 == 0
	}
}

// evenFields are the fields whose type is the same in every subgraph and in
// every interface: null rises alike there, whoever answers. Without those of
// keys: an entity that cannot be found is another matter.
func evenFields(schema *supergraph.Schema) map[string]bool {
	out := make(map[string]bool)
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			even := !slices.ContainsFunc(owners(f), func(j *supergraph.Join) bool { return f.TypeIn(j).String() != f.Type.String() })
			for _, name := range t.Interfaces {
				i := schema.Type(name)
				if i == nil {
					continue
				}
				if g := i.Field(f.Name); g != nil {
					even = even && g.Type.String() == f.Type.String()
				}
			}
			out[t.Name+"."+f.Name] = even
		}
	}
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			for _, j := range owners(f) {
				if j.Requires != nil {
					notRequired(schema, t, j.Requires.Selections, out)
				}
			}
		}
		for _, j := range t.Joins {
			if j.Key != nil {
				notEven(schema, t, j.Key.Selections, out)
			}
		}
	}
	return out
}

// notRequired takes out what a @requires selects where null rises: in the answer
// of a subgraph it takes along what the client asked for.
func notRequired(schema *supergraph.Schema, t *supergraph.Type, sels ast.SelectionSet, even map[string]bool) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.InlineFragment:
			on := t
			if x.TypeCondition != "" {
				on = schema.Type(x.TypeCondition)
			}
			notRequired(schema, on, x.SelectionSet, even)
		case *ast.Field:
			if t == nil {
				continue
			}
			for _, p := range append(schema.Possible(t), t) {
				if def := p.Field(x.Name); def != nil && def.Type.NonNull {
					even[p.Name+"."+x.Name] = false
				}
			}
			if def := t.Field(x.Name); def != nil {
				notRequired(schema, schema.Type(def.Type.Name()), x.SelectionSet, even)
			}
		}
	}
}

// notEven takes the fields of a key out, and those of the same name in the
// types that implement or share it.
func notEven(schema *supergraph.Schema, t *supergraph.Type, sels ast.SelectionSet, even map[string]bool) {
	for _, sel := range sels {
		f, ok := sel.(*ast.Field)
		if !ok || t == nil {
			continue
		}
		for _, p := range append(schema.Possible(t), t) {
			even[p.Name+"."+f.Name] = false
		}
		if def := t.Field(f.Name); def != nil {
			notEven(schema, schema.Type(def.Type.Name()), f.SelectionSet, even)
		}
	}
}

// recorder notes what the oracle resolves.
type recorder struct {
	fields map[string][]recordedField
	seen   map[string]bool
}

func (r *recorder) note(o object, field, args string, v any, err error) {
	id := fmt.Sprintf("%s.%d", o.typ.Name, o.n)
	if r.seen[id+"."+field+args] {
		return
	}
	r.seen[id+"."+field+args] = true
	value := recordedValue(v)
	if err != nil {
		value = map[string]any{"broken": true}
	}
	if args == "" {
		args = "{}"
	}
	r.fields[id] = append(r.fields[id], recordedField{Name: field, Arguments: json.RawMessage(args), Value: value})
}

func recordedValue(v any) any {
	switch x := v.(type) {
	case *object:
		return map[string]any{"object": fmt.Sprintf("%s.%d", x.typ.Name, x.n)}
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = recordedValue(x[i])
		}
		return out
	case json.RawMessage:
		return map[string]any{"leaf": x}
	default:
		return v
	}
}

// longInteger is a number that JavaScript cannot read to the last digit. It
// can only be an ID, which is a string as well.
var longInteger = regexp.MustCompile(`([:\[,])(-?[0-9]{16,})([,}\]])`)

// record writes the operations of generated graphs, 50 on each. In every other
// graph some fields give errors.
func record(w io.Writer, seed uint64, operations int) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	done := 0
	for n := uint64(0); done < operations; n++ {
		e, ok := generateGraph(seed*1_000_000+n, featureCounts{})
		if !ok {
			continue
		}
		s, err := supergraph.Parse("supergraph", e.SDL)
		if err != nil {
			return err
		}
		h := &harness{world: newWorld(s, seed+n), facts: newFacts(s, nil), labels: &labelState{}, random: rand.New(rand.NewPCG(seed, n))}
		if n%2 == 1 {
			h.world.broken = breakSome(s, seed+n)
		}
		sdl := s.API().SDL()
		if h.client, err = gqlparser.LoadSchema(&ast.Source{Input: sdl}); err != nil {
			return err
		}
		if err := out.Encode(recordedGraph{sdl}); err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(seed, n))
		for i := 0; i < 50 && done < operations; i++ {
			op, ok := operationtest.Generate(r, h.client, operationtest.Options{Depth: 6, Mutation: r.IntN(8) == 0})
			if !ok {
				continue
			}
			rec, err := h.record(op)
			if err != nil {
				return fmt.Errorf("%s: %w\n%s", e.ID, err, op.Text)
			}
			rec.ID = fmt.Sprintf("%s/%d", e.ID, i)
			if err := out.Encode(rec); err != nil {
				return err
			}
			done++
		}
	}
	return nil
}

// record is one operation as the oracle executes it.
func (h *harness) record(op operationtest.Operation) (*recordedOperation, error) {
	rec := &recorder{fields: make(map[string][]recordedField), seen: make(map[string]bool)}
	h.recorder = rec
	data, err := h.oracle(op)
	h.recorder = nil
	if err != nil {
		return nil, err
	}
	out := &recordedOperation{
		Query: op.Text, Variables: longInteger.ReplaceAll(op.Variables, []byte(`$1"$2"$3`)),
		Fields: rec.fields, Data: data, Mutations: h.expected, Failures: [][]any{},
	}
	for _, f := range h.failures {
		out.Failures = append(out.Failures, f.path)
	}
	return out, nil
}

// TestRecord records what the oracle does. The environment
// STARLING_DIFF_RECORD names a file for it, with as many operations as
// STARLING_DIFF_OPERATIONS says: ops/oracle has it so. Else a few operations
// are recorded and read back.
func TestRecord(t *testing.T) {
	path, operations := os.Getenv("STARLING_DIFF_RECORD"), number(t, "STARLING_DIFF_OPERATIONS", 5000)
	if path == "" {
		path, operations = filepath.Join(t.TempDir(), "recording.jsonl"), 200
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if err := record(w, uint64(number(t, "STARLING_DIFF_SEED", 7)), operations); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, failing := 0, 0
	for line := range bytes.Lines(text) {
		var op recordedOperation
		if err := json.Unmarshal(line, &op); err != nil {
			t.Fatal(err)
		}
		if op.Query == "" {
			continue
		}
		read++
		if !json.Valid([]byte(op.Data)) {
			t.Fatalf("%s: the answer is not JSON: %s", op.ID, op.Data)
		}
		if len(op.Failures) > 0 {
			failing++
		}
	}
	if read != operations || failing == 0 {
		t.Errorf("%d operations recorded, %d of them with errors, want %d and some", read, failing, operations)
	}
}
