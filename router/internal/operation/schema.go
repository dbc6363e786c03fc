package operation

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/starlinghq/starling/router/internal/execute"
)

//go:embed prelude.graphql
var prelude string

// Schema is the schema that clients see, ready to read operations against.
// It is safe for concurrent use.
type Schema struct {
	ast       *ast.Schema
	rules     *rules.Rules
	sensitive func(name string) bool
	probe     func(iface, object string) string
	behind    func(iface string) string
	types     sync.Map // type text -> *execute.Type
	answers   answers  // about itself
}

// Planner is what preparing an operation asks of who plans it.
type Planner interface {
	// Sensitive tells which names must not be the alias of another field on the
	// way to a subgraph.
	Sensitive(name string) bool
	// Probe names a field of an object type that only a subgraph can give which
	// knows the types behind an interface, or "".
	Probe(iface, object string) string
	// Behind is the key with which a step can go on from the objects behind an
	// interface object, or from those of an entity type; "" where it cannot.
	Behind(typeName string) string
}

// NewSchema loads the client's schema.
func NewSchema(sdl string, p Planner) (*Schema, error) {
	s, err := validator.LoadSchema(&ast.Source{Name: "prelude", Input: prelude, BuiltIn: true}, &ast.Source{Name: "schema", Input: sdl})
	if err != nil {
		return nil, fmt.Errorf("operation: client schema: %w", err)
	}
	return &Schema{ast: s, rules: documentRules(), sensitive: p.Sensitive, probe: p.Probe, behind: p.Behind}, nil
}

// documentRules are the library's but for the one that takes time in the square
// of a document's length: [findOverlaps] stands for it.
func documentRules() *rules.Rules {
	r := rules.NewDefaultRules()
	r.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	return r
}

// AST returns the schema in gqlparser's form. It is shared: do not write to it.
func (s *Schema) AST() *ast.Schema { return s.ast }

// possible reports whether an object type is a possible type of another.
func (s *Schema) possible(object, of string) bool {
	if object == of {
		return true
	}
	for _, t := range s.ast.PossibleTypes[of] {
		if t.Name == object {
			return true
		}
	}
	return false
}

// overlap reports whether two composite types have a possible type in common.
func (s *Schema) overlap(a, b string) bool {
	for _, t := range s.possibleTypes(a) {
		if s.possible(t.Name, b) {
			return true
		}
	}
	return false
}

func (s *Schema) possibleTypes(name string) []*ast.Definition {
	if d := s.ast.Types[name]; d != nil && d.Kind == ast.Object {
		return []*ast.Definition{d}
	}
	var out []*ast.Definition
	for _, d := range s.ast.PossibleTypes[name] {
		if d.Kind == ast.Object {
			out = append(out, d)
		}
	}
	return out
}

// typeOf returns the executor's form of a field type.
func (s *Schema) typeOf(t *ast.Type) *execute.Type {
	key := t.String()
	if have, ok := s.types.Load(key); ok {
		return have.(*execute.Type)
	}
	out := &execute.Type{NonNull: t.NonNull, Name: t.NamedType}
	if t.Elem != nil {
		out.Elem = s.typeOf(t.Elem)
	} else {
		s.leaf(out)
	}
	s.types.Store(key, out)
	return out
}

func (s *Schema) leaf(t *execute.Type) {
	d := s.ast.Types[t.Name]
	if d.Kind == ast.Enum {
		t.Leaf = execute.LeafEnum
		t.Values = make(map[string]bool, len(d.EnumValues))
		for _, v := range d.EnumValues {
			t.Values[v.Name] = true
		}
		return
	}
	if d.Kind != ast.Scalar {
		t.Leaf = execute.LeafObject
		return
	}
	switch t.Name {
	case "String":
		t.Leaf = execute.LeafString
	case "Int":
		t.Leaf = execute.LeafInt
	case "Float":
		t.Leaf = execute.LeafFloat
	case "Boolean":
		t.Leaf = execute.LeafBoolean
	case "ID":
		t.Leaf = execute.LeafID
	default:
		t.Leaf = execute.LeafCustom
	}
}
