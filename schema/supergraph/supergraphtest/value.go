package supergraphtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// directive writes an applied directive with its arguments sorted and its defaults filled in.
func (r *reader) directive(d *ast.Directive) string {
	def := r.directives[d.Name]
	if def == nil {
		def = &ast.DirectiveDefinition{}
	}
	args := make([]string, 0, len(d.Arguments))
	for _, a := range d.Arguments {
		var t *ast.Type
		if ad := def.Arguments.ForName(a.Name); ad != nil {
			t = ad.Type
		}
		ordered := !(r.unordered[d.Name] && (a.Name == "scopes" || a.Name == "policies")) && !(d.Name == "link" && a.Name == "import")
		args = append(args, a.Name+": "+value(r.fieldSets(a.Value, t), ordered))
	}
	for _, ad := range def.Arguments {
		if ad.DefaultValue != nil && d.Arguments.ForName(ad.Name) == nil {
			args = append(args, ad.Name+": "+value(ad.DefaultValue, true))
		}
	}
	slices.Sort(args)
	return fmt.Sprintf("@%s(%s)", d.Name, strings.Join(args, ", "))
}

// fieldSets brings the field sets in a value, which the definitions tell from other strings, into their canonical form.
func (r *reader) fieldSets(v *ast.Value, t *ast.Type) *ast.Value {
	if v == nil || t == nil {
		return v
	}
	if name := t.Name(); name == "join__FieldSet" || name == "join__FieldValue" {
		fs, err := supergraph.ParseFieldSet(v.Raw)
		if err != nil {
			return v
		}
		return &ast.Value{Kind: ast.StringValue, Raw: fs.String()}
	}
	def := r.types[t.Name()]
	if def == nil || def.Kind != ast.InputObject || len(v.Children) == 0 {
		return v
	}
	c := &ast.Value{Kind: v.Kind}
	for _, child := range v.Children {
		ct := t
		if v.Kind == ast.ObjectValue {
			ct = nil
			if f := def.Fields.ForName(child.Name); f != nil {
				ct = f.Type
			}
		}
		c.Children = append(c.Children, &ast.ChildValue{Name: child.Name, Value: r.fieldSets(child.Value, ct)})
	}
	return c
}

// value writes a value with object keys sorted, and list items too where their order means nothing.
func value(v *ast.Value, ordered bool) string {
	if len(v.Children) == 0 {
		return v.String()
	}
	items := make([]string, 0, len(v.Children))
	for _, c := range v.Children {
		s := value(c.Value, ordered)
		if v.Kind == ast.ObjectValue {
			s = c.Name + ": " + s
		}
		items = append(items, s)
	}
	if v.Kind == ast.ObjectValue || !ordered {
		slices.Sort(items)
	}
	if v.Kind == ast.ObjectValue {
		return "{" + strings.Join(items, ", ") + "}"
	}
	return "[" + strings.Join(items, ", ") + "]"
}
