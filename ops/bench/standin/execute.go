package standin

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// execution is one operation on a subgraph.
type execution struct {
	subgraph *Subgraph
	vars     map[string]any
	doc      *ast.QueryDocument
	errs     []string
}

// Execute answers a request body.
func (s *Subgraph) Execute(body []byte) []byte {
	var in struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return failure(err)
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: in.Query})
	if err != nil {
		return failure(err)
	}
	op := doc.Operations.ForName(in.OperationName)
	if op == nil {
		return failure(fmt.Errorf("no operation %q", in.OperationName))
	}
	x := &execution{subgraph: s, vars: in.Variables, doc: doc}
	out := x.object([]byte(`{"data":`), object{typeName: "Query"}, []ast.SelectionSet{op.SelectionSet})
	if len(x.errs) > 0 {
		out = append(out, `,"errors":[`...)
		for i, e := range x.errs {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendJSON(append(out, `{"message":`...), e)
			out = append(out, '}')
		}
		out = append(out, ']')
	}
	return append(out, '}')
}

func failure(err error) []byte {
	return append(appendJSON([]byte(`{"errors":[{"message":`), err.Error()), `}]}`...)
}

func appendJSON(out []byte, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return append(out, "null"...) // only scalars come here
	}
	return append(out, b...)
}

// group is the fields of one response name.
type group struct {
	field *ast.Field
	sets  []ast.SelectionSet
}

// collect gathers the fields of selections that apply to a type, in order.
func (x *execution) collect(typeName string, sets []ast.SelectionSet) []*group {
	var order []*group
	byName := make(map[string]*group)
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if x.skipped(s.Directives) {
					continue
				}
				g := byName[s.Alias]
				if g == nil {
					g = &group{field: s}
					byName[s.Alias] = g
					order = append(order, g)
				}
				g.sets = append(g.sets, s.SelectionSet)
			case *ast.InlineFragment:
				if !x.skipped(s.Directives) && (s.TypeCondition == "" || s.TypeCondition == typeName) {
					walk(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				f := x.doc.Fragments.ForName(s.Name)
				if f != nil && !x.skipped(s.Directives) && f.TypeCondition == typeName {
					walk(f.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		walk(set)
	}
	return order
}

func (x *execution) skipped(list ast.DirectiveList) bool {
	for _, d := range list {
		on, _ := x.value(d.Arguments.ForName("if").Value).(bool)
		if d.Name == "skip" && on || d.Name == "include" && !on {
			return true
		}
	}
	return false
}

func (x *execution) value(v *ast.Value) any {
	out, err := v.Value(x.vars)
	if err != nil {
		x.errs = append(x.errs, err.Error())
	}
	return out
}

func (x *execution) object(out []byte, o object, sets []ast.SelectionSet) []byte {
	out = append(out, '{')
	for i, g := range x.collect(o.typeName, sets) {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendQuote(out, g.field.Alias) // a name: JSON and Go agree
		out = append(out, ':')
		out = x.append(out, x.resolve(o, g.field), g.sets)
	}
	return append(out, '}')
}

// append writes what a resolver gave.
func (x *execution) append(out []byte, v any, sets []ast.SelectionSet) []byte {
	switch v := v.(type) {
	case object:
		return x.object(out, v, sets)
	case []object:
		out = append(out, '[')
		for i, o := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = x.object(out, o, sets)
		}
		return append(out, ']')
	case error:
		x.errs = append(x.errs, v.Error())
		return append(out, "null"...)
	default:
		return appendJSON(out, v)
	}
}

func (x *execution) resolve(o object, f *ast.Field) any {
	args := make(map[string]any, len(f.Arguments))
	for _, a := range f.Arguments {
		args[a.Name] = x.value(a.Value)
	}
	switch f.Name {
	case "__typename":
		return o.typeName
	case "_entities":
		return x.entities(args["representations"])
	case "_service":
		return object{typeName: "_Service"}
	}
	if o.typeName == "_Service" && f.Name == "sdl" {
		return x.subgraph.SDL
	}
	r := x.subgraph.fields[o.typeName][f.Name]
	if r == nil {
		return fmt.Errorf("subgraph %s has no %s.%s", x.subgraph.Name, o.typeName, f.Name)
	}
	return r(o.of, args)
}

func (x *execution) entities(list any) any {
	reps, ok := list.([]any)
	if !ok {
		return fmt.Errorf("representations is not a list")
	}
	out := make([]object, len(reps))
	for i, r := range reps {
		rep, _ := r.(map[string]any)
		e, err := x.subgraph.entity(rep)
		if err != nil {
			return err
		}
		if e.typeName != rep["__typename"] {
			return fmt.Errorf("subgraph %s has no entity %v", x.subgraph.Name, rep["__typename"])
		}
		out[i] = e
	}
	return out
}
