package engine

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// variants are the fields with arguments that some @requires asks for. The
// planner takes price(cut: 3) and price(cut: 5) for one field when two required
// sets meet, so each of them is a field of its own to it, without arguments and
// with a name that tells what it stands for. Requests to subgraphs have the
// name as an alias, and representations do not have it at all.
type variants struct {
	schema *supergraph.Schema
	byType map[string][]variant
	byName map[string]variant
	varies map[string]bool // names of fields that some @requires gives arguments
	sets   map[*supergraph.FieldSet]*supergraph.FieldSet
}

// variant is a field with the arguments of a @requires.
type variant struct {
	name  string
	field *supergraph.Field
	text  string // as it is asked for: price(cut: 3)
}

const variantPrefix = "_r_"

var variantName = regexp.MustCompile(`(: )?\b` + variantPrefix + `\w+`)

func newVariants(s *supergraph.Schema) (*variants, error) {
	v := &variants{
		schema: s, byType: make(map[string][]variant), byName: make(map[string]variant),
		varies: make(map[string]bool), sets: make(map[*supergraph.FieldSet]*supergraph.FieldSet),
	}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			for i := range f.Joins {
				if f.Joins[i].Requires != nil {
					v.vary(f.Joins[i].Requires.Selections)
				}
			}
		}
	}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			for i := range f.Joins {
				set := f.Joins[i].Requires
				if set == nil || v.sets[set] != nil {
					continue
				}
				out, err := supergraph.ParseFieldSet(supergraph.FormatSelections(v.rewrite(t, set.Selections)))
				if err != nil {
					return nil, err
				}
				v.sets[set] = out
			}
		}
	}
	return v, nil
}

// vary notes the fields that a selection gives arguments.
func (v *variants) vary(sels ast.SelectionSet) {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.InlineFragment:
			v.vary(x.SelectionSet)
		case *ast.Field:
			if len(x.Arguments) > 0 {
				v.varies[x.Name] = true
			}
			v.vary(x.SelectionSet)
		}
	}
}

// required is a @requires in the planner's terms.
func (v *variants) required(set *supergraph.FieldSet) *supergraph.FieldSet { return v.sets[set] }

// rewrite replaces the fields with arguments of a selection.
func (v *variants) rewrite(t *supergraph.Type, sels ast.SelectionSet) ast.SelectionSet {
	out := make(ast.SelectionSet, 0, len(sels))
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.InlineFragment:
			c, on := *x, t
			if x.TypeCondition != "" {
				on = v.schema.Type(x.TypeCondition)
			}
			c.SelectionSet = v.rewrite(on, x.SelectionSet)
			out = append(out, &c)
		case *ast.Field:
			out = append(out, v.rewriteField(t, x))
		default:
			out = append(out, sel)
		}
	}
	return out
}

func (v *variants) rewriteField(t *supergraph.Type, x *ast.Field) *ast.Field {
	if t == nil {
		return x
	}
	def := t.Field(x.Name)
	if def == nil {
		return x
	}
	c := *x
	c.SelectionSet = v.rewrite(v.schema.Type(def.Type.Name()), x.SelectionSet)
	if len(def.Arguments) == 0 || !v.varies[def.Name] {
		return &c
	}
	plain := *x
	plain.SelectionSet = nil
	made := variant{field: def, text: supergraph.FormatSelections(ast.SelectionSet{&plain})}
	made.name = variantPrefix + def.Name + "_" + hex.EncodeToString([]byte(strings.TrimPrefix(made.text, def.Name)))
	v.byName[made.name] = made
	v.add(t, made)
	if t.Kind == ast.Interface {
		for _, p := range v.schema.Possible(t) {
			if f := p.Field(def.Name); f != nil {
				made.field = f
				v.add(p, made)
			}
		}
	}
	c.Name, c.Alias, c.Arguments = made.name, made.name, nil
	return &c
}

func (v *variants) add(t *supergraph.Type, made variant) {
	if !slices.ContainsFunc(v.byType[t.Name], func(have variant) bool { return have.name == made.name }) {
		v.byType[t.Name] = append(v.byType[t.Name], made)
	}
}

// of lists the names that stand for a field with arguments.
func (v *variants) of(t *supergraph.Type, f *supergraph.Field) []string {
	var out []string
	for _, made := range v.byType[t.Name] {
		if made.field.Name == f.Name {
			out = append(out, made.name)
		}
	}
	return out
}

// definitions are those names as fields.
func (v *variants) definitions(t *supergraph.Type, f *supergraph.Field, typ *ast.Type) ast.FieldList {
	var out ast.FieldList
	for _, name := range v.of(t, f) {
		out = append(out, &ast.FieldDefinition{Name: name, Type: typ})
	}
	return out
}

// expand writes a query in the subgraph's terms.
func (v *variants) expand(query string) string {
	if len(v.byName) == 0 {
		return query
	}
	return variantName.ReplaceAllStringFunc(query, func(match string) string {
		name, aliased := strings.CutPrefix(match, ": ")
		made, ok := v.byName[name]
		switch {
		case !ok:
			return match
		case aliased:
			return ": " + made.text
		default:
			return made.name + ": " + made.text
		}
	})
}

// rename gives the members of a representation the subgraph's names.
func (v *variants) rename(r *execute.Representation) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if made, ok := v.byName[f.Name]; ok {
			f.Name = made.field.Name
		}
		if f.Object != nil {
			v.rename(f.Object)
		}
	}
}
