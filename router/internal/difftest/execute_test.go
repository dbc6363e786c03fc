package difftest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// executor is the oracle's: it runs an operation over the whole world. What it
// does is what graphql-js does with the same values; ops/oracle compares them.
// Subgraphs have another one, answering.
type executor struct {
	schema *ast.Schema
	doc    *ast.QueryDocument
	vars   map[string]any
	// resolve gives a field's value.
	resolve func(o *object, f *ast.Field) (any, error)
	// path is the position, failures are those of the fields that gave an error.
	path     []any
	failures []failure
}

// failure is a field that gave an error, at its path of names and indices.
type failure struct{ path []any }

// errField is the error of a field whose value cannot be had. Any other error
// is one of the test's own and ends the execution.
var errField = errors.New("this field is broken")

// errNull says that null stands where it may not, and rises.
var errNull = errors.New("null for a non-null position")

// operation writes the data of the document's operation: null where null rises
// to the top.
func (e *executor) operation(b *bytes.Buffer, o *object, root *ast.Definition, set ast.SelectionSet) error {
	start := b.Len()
	err := e.selection(b, o, root, []ast.SelectionSet{set})
	if errors.Is(err, errNull) {
		b.Truncate(start)
		b.WriteString("null")
		return nil
	}
	return err
}

func (e *executor) selection(b *bytes.Buffer, o *object, on *ast.Definition, sets []ast.SelectionSet) error {
	type group struct {
		field *ast.Field
		sets  []ast.SelectionSet
	}
	var order []string
	groups := make(map[string]*group)
	var collect func(sels ast.SelectionSet)
	collect = func(sels ast.SelectionSet) {
		for _, s := range sels {
			switch x := s.(type) {
			case *ast.Field:
				if !e.included(x.Directives) {
					continue
				}
				g := groups[x.Alias]
				if g == nil {
					g = &group{field: x}
					groups[x.Alias] = g
					order = append(order, x.Alias)
				}
				g.sets = append(g.sets, x.SelectionSet)
			case *ast.InlineFragment:
				if e.included(x.Directives) && e.applies(on, x.TypeCondition) {
					collect(x.SelectionSet)
				}
			case *ast.FragmentSpread:
				f := e.doc.Fragments.ForName(x.Name)
				if e.included(x.Directives) && e.applies(on, f.TypeCondition) {
					collect(f.SelectionSet)
				}
			}
		}
	}
	for _, s := range sets {
		collect(s)
	}
	b.WriteByte('{')
	// All fields are executed even if null rises from one: every error counts.
	var rising error
	for i, name := range order {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%q:", name)
		g := groups[name]
		if g.field.Name == "__typename" {
			fmt.Fprintf(b, "%q", o.typ.Name)
			continue
		}
		e.path = append(e.path, name)
		err := e.field(b, o, on, g.field, g.sets)
		e.path = e.path[:len(e.path)-1]
		switch {
		case errors.Is(err, errNull):
			rising = err
		case err != nil:
			return err
		}
	}
	b.WriteByte('}')
	return rising
}

func (e *executor) field(b *bytes.Buffer, o *object, on *ast.Definition, f *ast.Field, sets []ast.SelectionSet) error {
	def := f.Definition
	if own := on.Fields.ForName(f.Name); own != nil {
		def = own // an object may promise more than its interface
	}
	v, err := e.resolve(o, f)
	switch {
	case errors.Is(err, errField):
		e.failures = append(e.failures, failure{path: slices.Clone(e.path)})
		v = nil
	case err != nil:
		return err
	}
	return e.value(b, def.Type, v, e.schema.Types[def.Type.Name()], sets)
}

func (e *executor) value(b *bytes.Buffer, t *ast.Type, v any, on *ast.Definition, sets []ast.SelectionSet) error {
	start := b.Len()
	var err error
	switch x := v.(type) {
	case nil:
		err = errNull
	case json.RawMessage:
		b.Write(x)
	case []any:
		err = e.list(b, t, x, on, sets)
	case *object:
		err = e.selection(b, x, e.schema.Types[x.typ.Name], sets)
	default:
		return fmt.Errorf("a value of type %T", v)
	}
	if errors.Is(err, errNull) && !t.NonNull {
		b.Truncate(start)
		b.WriteString("null")
		return nil
	}
	return err
}

func (e *executor) list(b *bytes.Buffer, t *ast.Type, list []any, on *ast.Definition, sets []ast.SelectionSet) error {
	if t.Elem == nil {
		return fmt.Errorf("a list of values for the type %s", t)
	}
	b.WriteByte('[')
	var rising error
	for i := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		e.path = append(e.path, i)
		err := e.value(b, t.Elem, list[i], on, sets)
		e.path = e.path[:len(e.path)-1]
		switch {
		case errors.Is(err, errNull):
			rising = err
		case err != nil:
			return err
		}
	}
	b.WriteByte(']')
	return rising
}

func (e *executor) included(ds ast.DirectiveList) bool {
	for _, d := range ds {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		v, _ := inputs{}.literal(d.Arguments.ForName("if").Value, e.vars)
		if (v == true) == (d.Name == "skip") {
			return false
		}
	}
	return true
}

func (e *executor) applies(on *ast.Definition, cond string) bool {
	if cond == "" || cond == on.Name {
		return true
	}
	return slices.ContainsFunc(e.schema.PossibleTypes[cond], func(d *ast.Definition) bool { return d.Name == on.Name })
}

// variables decodes a request's variables for an operation, with defaults.
func variables(op *ast.OperationDefinition, raw json.RawMessage) (map[string]any, error) {
	out := make(map[string]any)
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := dec.Decode(&out); err != nil {
			return nil, err
		}
	}
	for _, d := range op.VariableDefinitions {
		if _, ok := out[d.Variable]; !ok && d.DefaultValue != nil {
			out[d.Variable], _ = inputs{}.literal(d.DefaultValue, nil)
		}
		if _, ok := out[d.Variable]; !ok && d.Type.NonNull {
			return nil, fmt.Errorf("the variable $%s is missing", d.Variable)
		}
	}
	for name := range out {
		if op.VariableDefinitions.ForName(name) == nil {
			return nil, fmt.Errorf("the variable $%s is not declared", name)
		}
	}
	return out, nil
}
