package operation

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// introspection answers __schema and __type from the client's schema. Each
// object is one of: *ast.Schema, *ast.Definition, *ast.Type (a list or
// non-null type), *ast.FieldDefinition, inputValue, *ast.EnumValueDefinition,
// *ast.DirectiveDefinition.
type introspection struct {
	b         *builder
	variables [][]byte
	over      bool // the answer is larger than it may be
}

// inputValue is an argument or an input field.
type inputValue struct {
	name, description string
	typ               *ast.Type
	def               *ast.Value
	directives        ast.DirectiveList
}

// variableArguments reports whether some argument is a variable, and gives
// each its slot.
func (b *builder) variableArguments(f *ast.Field, sets []ast.SelectionSet) bool {
	found := false
	for _, a := range f.Arguments {
		if def := f.Definition.Arguments.ForName(a.Name); def != nil && a.Value.Kind == ast.Variable {
			b.slot(a.Value, def.Type)
			found = true
		}
	}
	for _, s := range sets {
		for _, sel := range s {
			switch x := sel.(type) {
			case *ast.Field:
				found = b.variableArguments(x, []ast.SelectionSet{x.SelectionSet}) || found
			case *ast.InlineFragment:
				found = b.variableArguments(&ast.Field{}, []ast.SelectionSet{x.SelectionSet}) || found
			case *ast.FragmentSpread:
				if d := b.op.doc.doc.Fragments.ForName(x.Name); d != nil {
					found = b.variableArguments(&ast.Field{}, []ast.SelectionSet{d.SelectionSet}) || found
				}
			}
		}
	}
	return found
}

// argument returns the value of a string argument.
func (in *introspection) argument(f *ast.Field, name string) string {
	a := f.Arguments.ForName(name)
	if a == nil {
		return ""
	}
	if a.Value.Kind != ast.Variable {
		return a.Value.Raw
	}
	slot := in.b.slot(a.Value, f.Definition.Arguments.ForName(name).Type)
	if slot >= len(in.variables) {
		return ""
	}
	return strings.Trim(string(in.variables[slot]), `"`)
}

// listed says which members of a list are in it: the deprecated ones only where
// that is asked for.
func (in *introspection) listed(f *ast.Field) func(ast.DirectiveList) bool {
	if in.argument(f, "includeDeprecated") == "true" {
		return func(ast.DirectiveList) bool { return true }
	}
	return func(ds ast.DirectiveList) bool { return ds.ForName("deprecated") == nil }
}

// object writes an object with what is selected of it.
func (in *introspection) object(out []byte, def *ast.Definition, v any, sets []ast.SelectionSet) []byte {
	if in.over = in.over || len(out) > MaxIntrospection; in.over {
		return out
	}
	m := in.b.merge(def, sets)
	out = append(out, '{')
	for i, name := range m.order {
		if i > 0 {
			out = append(out, ',')
		}
		mf := m.fields[name]
		out = append(appendJSON(out, name), ':')
		if mf.field.Name == "__typename" {
			out = appendJSON(out, def.Name)
			continue
		}
		child := in.b.schema.ast.Types[mf.field.Definition.Type.Name()]
		out = in.value(out, child, in.field(v, mf.field), mf.sets)
	}
	return append(out, '}')
}

func (in *introspection) value(out []byte, def *ast.Definition, v any, sets []ast.SelectionSet) []byte {
	switch x := v.(type) {
	case nil:
		return append(out, "null"...)
	case string, bool:
		return appendJSON(out, x)
	case []any:
		out = append(out, '[')
		for i, item := range x {
			if i > 0 {
				out = append(out, ',')
			}
			out = in.value(out, def, item, sets)
		}
		return append(out, ']')
	default:
		return in.object(out, def, x, sets)
	}
}

// field returns a field's value: nil, a string, a bool, an object or a []any.
func (in *introspection) field(v any, f *ast.Field) any {
	switch x := v.(type) {
	case *ast.Schema:
		return in.schemaField(x, f)
	case *ast.Definition:
		return in.typeField(x, f)
	case *ast.Type:
		return in.wrapperField(x, f)
	case *ast.FieldDefinition:
		switch f.Name {
		case "name":
			return x.Name
		case "description":
			return text(x.Description)
		case "args":
			return inputs(arguments(x.Arguments), in.listed(f))
		case "type":
			return in.typ(x.Type)
		}
		return deprecation(x.Directives, f)
	case inputValue:
		switch f.Name {
		case "name":
			return x.name
		case "description":
			return text(x.description)
		case "type":
			return in.typ(x.typ)
		case "defaultValue":
			if x.def == nil {
				return nil
			}
			return x.def.String()
		}
		return deprecation(x.directives, f)
	case *ast.EnumValueDefinition:
		switch f.Name {
		case "name":
			return x.Name
		case "description":
			return text(x.Description)
		}
		return deprecation(x.Directives, f)
	case *ast.DirectiveDefinition:
		return in.directiveField(x, f)
	}
	return nil
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func deprecation(ds ast.DirectiveList, f *ast.Field) any {
	d := ds.ForName("deprecated")
	switch f.Name {
	case "isDeprecated":
		return d != nil
	case "deprecationReason":
		if d == nil {
			return nil
		}
		if a := d.Arguments.ForName("reason"); a != nil && a.Value.Kind != ast.NullValue {
			return a.Value.Raw
		}
		return "No longer supported"
	}
	return nil
}

func (in *introspection) schemaField(s *ast.Schema, f *ast.Field) any {
	switch f.Name {
	case "description":
		return text(s.Description)
	case "types":
		return byName(s.Types)
	case "queryType":
		return definition(s.Query)
	case "mutationType":
		return definition(s.Mutation)
	case "subscriptionType":
		return definition(s.Subscription)
	case "directives":
		return byName(s.Directives)
	}
	return nil
}

// byName lists what a schema defines in the order of the names.
func byName[T any](defined map[string]T) []any {
	out := make([]any, 0, len(defined))
	for _, name := range slices.Sorted(maps.Keys(defined)) {
		out = append(out, defined[name])
	}
	return out
}

// definition keeps a nil pointer from becoming a value.
func definition(d *ast.Definition) any {
	if d == nil {
		return nil
	}
	return d
}

// typ is what a type reference stands for: a wrapper, or the named type.
func (in *introspection) typ(t *ast.Type) any {
	if t.NonNull || t.Elem != nil {
		return t
	}
	return definition(in.b.schema.ast.Types[t.NamedType])
}

func (in *introspection) wrapperField(t *ast.Type, f *ast.Field) any {
	switch f.Name {
	case "kind":
		if t.NonNull {
			return "NON_NULL"
		}
		return "LIST"
	case "ofType":
		if t.NonNull {
			inner := *t
			inner.NonNull = false
			return in.typ(&inner)
		}
		return in.typ(t.Elem)
	}
	return nil
}

func (in *introspection) typeField(d *ast.Definition, f *ast.Field) any {
	switch f.Name {
	case "kind":
		return string(d.Kind)
	case "name":
		return d.Name
	case "description":
		return text(d.Description)
	case "specifiedByURL":
		if x := d.Directives.ForName("specifiedBy"); x != nil {
			if a := x.Arguments.ForName("url"); a != nil {
				return a.Value.Raw
			}
		}
	case "isOneOf":
		if d.Kind == ast.InputObject {
			return d.Directives.ForName("oneOf") != nil
		}
	case "fields":
		if d.Kind == ast.Object || d.Kind == ast.Interface {
			return fields(d, in.listed(f))
		}
	case "interfaces":
		if d.Kind == ast.Object || d.Kind == ast.Interface {
			return in.named(d.Interfaces)
		}
	case "possibleTypes":
		if d.Kind == ast.Interface || d.Kind == ast.Union {
			out := []any{}
			for _, t := range in.b.schema.possibleTypes(d.Name) {
				out = append(out, t)
			}
			return out
		}
	case "enumValues":
		if d.Kind == ast.Enum {
			return enumValues(d, in.listed(f))
		}
	case "inputFields":
		if d.Kind == ast.InputObject {
			return inputs(inputFields(d.Fields), in.listed(f))
		}
	}
	return nil
}

func fields(d *ast.Definition, listed func(ast.DirectiveList) bool) []any {
	out := []any{}
	for _, x := range d.Fields {
		if !strings.HasPrefix(x.Name, "__") && listed(x.Directives) {
			out = append(out, x)
		}
	}
	return out
}

func enumValues(d *ast.Definition, listed func(ast.DirectiveList) bool) []any {
	out := []any{}
	for _, v := range d.EnumValues {
		if listed(v.Directives) {
			out = append(out, v)
		}
	}
	return out
}

func (in *introspection) named(names []string) []any {
	out := []any{}
	for _, n := range names {
		if d := in.b.schema.ast.Types[n]; d != nil {
			out = append(out, d)
		}
	}
	return out
}

func arguments(list ast.ArgumentDefinitionList) []inputValue {
	out := make([]inputValue, len(list))
	for i, a := range list {
		out[i] = inputValue{a.Name, a.Description, a.Type, a.DefaultValue, a.Directives}
	}
	return out
}

func inputFields(list ast.FieldList) []inputValue {
	out := make([]inputValue, len(list))
	for i, a := range list {
		out[i] = inputValue{a.Name, a.Description, a.Type, a.DefaultValue, a.Directives}
	}
	return out
}

func inputs(list []inputValue, listed func(ast.DirectiveList) bool) []any {
	out := []any{}
	for _, v := range list {
		if listed(v.directives) {
			out = append(out, v)
		}
	}
	return out
}

func (in *introspection) directiveField(d *ast.DirectiveDefinition, f *ast.Field) any {
	switch f.Name {
	case "name":
		return d.Name
	case "description":
		return text(d.Description)
	case "isRepeatable":
		return d.IsRepeatable
	case "locations":
		out := []any{}
		for _, l := range d.Locations {
			out = append(out, string(l))
		}
		return out
	case "args":
		return inputs(arguments(d.Arguments), in.listed(f))
	}
	return nil
}
