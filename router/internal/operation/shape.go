package operation

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/execute"
)

// shape is what the client sees of an object: for an abstract type, one list
// of fields for each possible type, made when the first such object comes.
func (b *builder) shape(on *ast.Definition, sets []ast.SelectionSet) *execute.Shape {
	s := &execute.Shape{Type: on.Name}
	if on.Kind == ast.Object {
		s.Fields = b.fields(on, sets)
		return s
	}
	s.Abstract = true
	m := b.merge(on, sets)
	s.NeedsType = len(m.fragments) > 0
	for _, f := range m.fields {
		s.NeedsType = s.NeedsType || f.field.Name == "__typename"
	}
	s.Expand = func(typeName string) ([]execute.Field, bool) { return b.expand(on, sets, typeName) }
	return s
}

// expand may run at any time after the operation was prepared, from several
// goroutines at once.
func (b *builder) expand(on *ast.Definition, sets []ast.SelectionSet, typeName string) ([]execute.Field, bool) {
	if typeName == "" {
		return b.fields(on, sets), true
	}
	if !b.schema.possible(typeName, on.Name) {
		return nil, false
	}
	return b.fields(b.schema.ast.Types[typeName], sets), true
}

// fields lists the fields of a type in the order of the specification's
// CollectFields.
func (b *builder) fields(on *ast.Definition, sets []ast.SelectionSet) []execute.Field {
	m := b.merge(on, sets)
	out := make([]execute.Field, 0, len(m.order))
	for _, name := range m.order {
		out = append(out, b.shapeField(on, m.fields[name]))
	}
	return out
}

func (b *builder) shapeField(on *ast.Definition, mf *mergedField) execute.Field {
	f := mf.field
	prefix, _ := json.Marshal(f.Alias)
	out := execute.Field{Name: f.Alias, Prefix: append(prefix, ':'), Key: f.Alias, Coordinate: on.Name + "." + f.Name}
	if f.Name == "__typename" {
		out.Type = b.schema.typeOf(ast.NonNullNamedType("String", nil))
		if on.Kind == ast.Object {
			out.TypeName = on.Name
		}
		return out
	}
	def := on.Fields.ForName(f.Name)
	if aboutSchema(f.Name) {
		out.Type = b.schema.typeOf(f.Definition.Type)
		out.Answer = b.question(f, mf.sets).text
		return out
	}
	out.Type = b.schema.typeOf(def.Type)
	if out.Denied = mf.denied; mf.denied != nil {
		return out
	}
	out.Key = b.key(f)
	if len(mf.sets) == 0 {
		return out
	}
	out.Object = b.shape(b.schema.ast.Types[def.Type.Name()], mf.sets)
	return out
}
