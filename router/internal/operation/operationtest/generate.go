package operationtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Options bound what is generated. Zero values are small defaults.
type Options struct {
	// Depth of fields; 0 is 5.
	Depth int
	// Width is about how many fields a selection has; 0 is 3.
	Width int
	// Mutation asks for a mutation instead of a query.
	Mutation bool
	// Plain leaves aliases, directives and fragments out.
	Plain bool
}

// Operation is a generated operation.
type Operation struct {
	Text      string
	Variables json.RawMessage
}

// Generate makes a random operation. It returns false when the schema has no
// root field for one.
func Generate(r *rand.Rand, s *ast.Schema, o Options) (Operation, bool) {
	if o.Depth == 0 {
		o.Depth = 5
	}
	if o.Width == 0 {
		o.Width = 3
	}
	g := &generator{r: r, s: s, o: o, vars: make(map[string]any)}
	root, keyword := s.Query, "query"
	if o.Mutation {
		root, keyword = s.Mutation, "mutation"
	}
	if root == nil {
		return Operation{}, false
	}
	sel := g.selection(root, o.Depth)
	if sel == "" {
		return Operation{}, false
	}
	head := keyword + " G"
	if len(g.defs) > 0 {
		head += "(" + strings.Join(g.defs, ", ") + ")"
	}
	vars, err := json.Marshal(g.vars)
	if err != nil {
		return Operation{}, false
	}
	return Operation{Text: head + " " + sel + strings.Join(g.fragments, ""), Variables: vars}, true
}

type generator struct {
	r         *rand.Rand
	s         *ast.Schema
	o         Options
	defs      []string
	vars      map[string]any
	fragments []string
	names     int
}

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

// unique is a name that nothing else in the operation has.
func (g *generator) unique(prefix string) string {
	g.names++
	return prefix + strconv.Itoa(g.names)
}

// selection writes a selection set, or "" when there is nothing to select.
func (g *generator) selection(d *ast.Definition, depth int) string {
	if !g.o.Plain && d != g.s.Query && d != g.s.Mutation && g.chance(2) {
		return "{ " + g.unique("a") + ": __typename" + g.never() + " }"
	}
	used := make(map[string]bool)
	var parts []string
	fields := slices.Clone(d.Fields)
	fields = slices.DeleteFunc(fields, func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
	g.r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	want := 1 + g.r.IntN(2*g.o.Width)
	for _, f := range fields {
		if len(parts) >= want {
			break
		}
		if p := g.field(f, depth, used); p != "" {
			parts = append(parts, p)
		}
		if !g.o.Plain && len(f.Arguments) > 0 && g.chance(15) {
			if p := g.aliased(f, depth); p != "" {
				parts = append(parts, p)
			}
		}
		if !g.o.Plain && g.chance(8) {
			if p := g.shadow(f, fields, depth, used); p != "" {
				parts = append(parts, p)
			}
		}
	}
	if d.Kind == ast.Interface || d.Kind == ast.Union {
		parts = append(parts, g.typeConditions(d, depth)...)
	}
	if !g.o.Plain && g.chance(10) || len(parts) == 0 && d != g.s.Query && d != g.s.Mutation {
		parts = append(parts, "__typename")
	}
	if len(parts) == 0 {
		return ""
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

// typeConditions selects on possible types. Response names are unique there,
// so that fragments never conflict.
func (g *generator) typeConditions(d *ast.Definition, depth int) []string {
	var parts []string
	possible := g.s.PossibleTypes[d.Name]
	if !g.o.Plain && g.chance(10) {
		parts = append(parts, g.impossible(d, possible)...)
	}
	for _, i := range g.r.Perm(len(possible)) {
		p := possible[i]
		if p.Kind != ast.Object || len(parts) > 1 || !g.chance(60) {
			continue
		}
		var inner []string
		for _, j := range g.r.Perm(len(p.Fields)) {
			f := p.Fields[j]
			if strings.HasPrefix(f.Name, "__") || len(inner) >= g.o.Width {
				continue
			}
			if text := g.aliased(f, depth); text != "" {
				inner = append(inner, text)
			}
		}
		if len(inner) == 0 {
			continue
		}
		sel := "{ " + strings.Join(inner, " ") + " }"
		if g.o.Plain || g.chance(70) {
			parts = append(parts, "... on "+p.Name+" "+sel)
			continue
		}
		name := g.unique("F")
		g.fragments = append(g.fragments, " fragment "+name+" on "+p.Name+" "+sel)
		parts = append(parts, "..."+name)
	}
	return parts
}

// impossible selects on a type where another one is known already: it is valid
// and never applies.
func (g *generator) impossible(d *ast.Definition, possible []*ast.Definition) []string {
	objects := slices.DeleteFunc(slices.Clone(possible), func(p *ast.Definition) bool { return p.Kind != ast.Object })
	if len(objects) < 2 {
		return nil
	}
	g.r.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
	return []string{"... on " + objects[0].Name + " { ... on " + d.Name + " { ... on " + objects[1].Name + " { " + g.unique("a") + ": __typename } } }"}
}

func (g *generator) field(f *ast.FieldDefinition, depth int, used map[string]bool) string {
	if used[f.Name] {
		return g.aliased(f, depth)
	}
	used[f.Name] = true
	if !g.o.Plain && g.chance(15) {
		return g.aliased(f, depth)
	}
	return g.body(f, depth)
}

// shadow selects a field, or __typename, under the name of another field.
func (g *generator) shadow(f *ast.FieldDefinition, fields ast.FieldList, depth int, used map[string]bool) string {
	name := fields[g.r.IntN(len(fields))].Name
	if used[name] {
		return ""
	}
	body := "__typename"
	if g.chance(80) {
		body = g.body(f, depth)
	}
	if body == "" {
		return ""
	}
	used[name] = true
	return name + ": " + body
}

func (g *generator) aliased(f *ast.FieldDefinition, depth int) string {
	body := g.body(f, depth)
	if body == "" {
		return ""
	}
	return g.unique("a") + ": " + body
}

func (g *generator) body(f *ast.FieldDefinition, depth int) string {
	target := g.s.Types[f.Type.Name()]
	var sel string
	if target.IsCompositeType() {
		if depth <= 1 {
			return ""
		}
		if sel = g.selection(target, depth-1); sel == "" {
			return ""
		}
		sel = " " + sel
	}
	args, ok := g.arguments(f.Arguments)
	if !ok {
		return ""
	}
	directive := ""
	if !g.o.Plain && g.chance(5) {
		directive = g.condition()
	}
	return f.Name + args + directive + sel
}

// never is a condition that is not met.
func (g *generator) never() string {
	if g.chance(30) {
		return " @skip(if: true)"
	}
	v := g.unique("c")
	g.defs = append(g.defs, "$"+v+": Boolean!")
	if g.chance(50) {
		g.vars[v] = true
		return " @skip(if: $" + v + ")"
	}
	g.vars[v] = false
	return " @include(if: $" + v + ")"
}

func (g *generator) condition() string {
	name := []string{"skip", "include"}[g.r.IntN(2)]
	if g.chance(50) {
		return fmt.Sprintf(" @%s(if: %t)", name, g.chance(50))
	}
	v := g.unique("c")
	g.defs = append(g.defs, "$"+v+": Boolean!")
	g.vars[v] = g.chance(50)
	return " @" + name + "(if: $" + v + ")"
}

func (g *generator) arguments(defs ast.ArgumentDefinitionList) (string, bool) {
	var parts []string
	for _, d := range defs {
		required := d.Type.NonNull && d.DefaultValue == nil
		if !required && !g.chance(50) {
			continue
		}
		v, ok := g.value(d.Type, 4)
		if !ok {
			if required {
				return "", false
			}
			continue
		}
		if g.chance(50) {
			parts = append(parts, d.Name+": $"+g.variable(v, d))
			continue
		}
		parts = append(parts, d.Name+": "+g.literal(v, d.Type))
	}
	if len(parts) == 0 {
		return "", true
	}
	return "(" + strings.Join(parts, ", ") + ")", true
}

// variable declares a variable for an argument: with a value, with a default,
// with both, or with neither.
func (g *generator) variable(v any, d *ast.ArgumentDefinition) string {
	name := g.unique("v")
	optional := !d.Type.NonNull || d.DefaultValue != nil
	t := *d.Type
	if optional && t.NonNull && g.chance(50) {
		t.NonNull = false // may stand there because the argument has a default
	}
	text := "$" + name + ": " + t.String()
	switch {
	case g.o.Plain || !optional || g.chance(50):
		g.vars[name] = v
	case !t.NonNull && g.chance(50):
	case v != nil || !t.NonNull:
		text += " = " + g.literal(v, d.Type)
		if g.chance(30) && v != nil {
			g.vars[name] = v
		}
	default:
		g.vars[name] = v
	}
	if _, given := g.vars[name]; given && v == nil && d.Type.NonNull {
		delete(g.vars, name)
	}
	g.defs = append(g.defs, text)
	return name
}
