package compose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/federation"
	"github.com/starlinghq/starling/schema/supergraph"
)

// applications are the directives that one subgraph applies to an element.
type applications struct {
	g    *graph
	list ast.DirectiveList
}

func appliedTo(sources []source) []applications {
	var out []applications
	for _, s := range sources {
		out = append(out, applications{s.g, s.t.Directives})
	}
	return out
}

func fieldDirectives(sources []fieldSource) []applications {
	var out []applications
	for _, s := range sources {
		out = append(out, applications{s.g, s.f.Directives})
	}
	return out
}

// mergeable lists the directives of the specification that reach the
// supergraph.
func mergeable() []string {
	return []string{
		federation.Tag, federation.Inaccessible, federation.Authenticated, federation.RequiresScopes,
		federation.Policy, federation.Cost, federation.ListSize,
	}
}

// mergeDirectives merges what the subgraphs apply to one element.
func (m *merger) mergeDirectives(coordinate string, list []applications) ast.DirectiveList {
	groups := make(map[string][]application)
	var order []string
	for _, a := range list {
		for _, d := range a.list {
			id, ok := m.identify(a.g, d)
			if !ok {
				continue
			}
			if groups[id] == nil {
				order = append(order, id)
			}
			groups[id] = append(groups[id], application{a.g, d})
		}
	}
	slices.Sort(order)
	var out ast.DirectiveList
	for _, id := range order {
		out = append(out, m.mergeApplications(coordinate, id, groups[id])...)
	}
	return out
}

type application struct {
	g *graph
	d *ast.Directive
}

// identify says under what name of its own a directive is merged; ok is false
// for directives that stay in the subgraph.
func (m *merger) identify(g *graph, d *ast.Directive) (string, bool) {
	if element := g.Meaning(d.Name); element != "" {
		return element, slices.Contains(mergeable(), element)
	}
	switch d.Name {
	case "deprecated", "specifiedBy":
		return d.Name, true
	}
	c := m.composed[d.Name]
	return "@" + d.Name, c != nil && slices.Contains(c.graphs, g)
}

// mergeApplications merges the applications of one directive.
func (m *merger) mergeApplications(coordinate, id string, list []application) ast.DirectiveList {
	m.applied[id] = true
	name := m.nameInSupergraph(id, list)
	switch id {
	case federation.Inaccessible, federation.Authenticated:
		return ast.DirectiveList{{Name: name}}
	case federation.RequiresScopes, federation.Policy, federation.Cost, federation.ListSize:
		return ast.DirectiveList{m.mergeArgumentsOf(coordinate, name, id, list)}
	}
	def := list[0].g.Directives[list[0].d.Name]
	var out ast.DirectiveList
	var kept []application
	for _, a := range list {
		d := m.normalized(name, a.d, def)
		if !slices.ContainsFunc(out, func(o *ast.Directive) bool { return sameDirective(o, d) }) {
			out = append(out, d)
		}
		kept = append(kept, application{a.g, d})
	}
	if def != nil && def.IsRepeatable || len(out) < 2 {
		return out
	}
	return ast.DirectiveList{m.mostUsed(coordinate, kept)}
}

// mostUsed picks the application of a directive that is not repeatable which
// most subgraphs write.
func (m *merger) mostUsed(coordinate string, list []application) *ast.Directive {
	count := func(d *ast.Directive) (n int) {
		for _, a := range list {
			if sameDirective(a.d, d) {
				n++
			}
		}
		return n
	}
	best := list[0].d
	var at []Location
	for _, a := range list {
		if count(a.d) > count(best) {
			best = a.d
		}
		at = append(at, a.g.At(a.d.Position)...)
	}
	m.hintf(InconsistentNonRepeatableDirectiveArguments, coordinate, at, "%q has @%s with different arguments across subgraphs; the supergraph uses %s.", coordinate, best.Name, supergraph.FormatDirective(best))
	return best
}

// normalized copies an application under its name in the supergraph.
func (m *merger) normalized(name string, d *ast.Directive, def *ast.DirectiveDefinition) *ast.Directive {
	out := &ast.Directive{Name: name, Position: d.Position}
	for i, a := range d.Arguments {
		if slices.ContainsFunc(d.Arguments[i+1:], func(o *ast.Argument) bool { return o.Name == a.Name }) {
			continue // the last one counts
		}
		if a.Value.Kind == ast.NullValue && (def == nil || def.Arguments.ForName(a.Name) == nil || def.Arguments.ForName(a.Name).DefaultValue == nil) {
			continue
		}
		if def != nil && def.Arguments.ForName(a.Name) != nil {
			a = &ast.Argument{Name: a.Name, Value: m.plainIDs(def.Arguments.ForName(a.Name).Type, a.Value), Position: a.Position}
		}
		out.Arguments = append(out.Arguments, a)
	}
	return out
}

func sameDirective(a, b *ast.Directive) bool {
	if a.Name != b.Name || len(a.Arguments) != len(b.Arguments) {
		return false
	}
	for _, x := range a.Arguments {
		y := b.Arguments.ForName(x.Name)
		if y == nil || !sameValue(x.Value, y.Value) {
			return false
		}
	}
	return true
}

// mergeArgumentsOf merges the arguments of directives for which the
// specification says how: scopes and policies must all be met, costs take the
// highest value, list sizes the widest.
func (m *merger) mergeArgumentsOf(coordinate, name, id string, list []application) *ast.Directive {
	if first := m.normalized(name, list[0].d, nil); !slices.ContainsFunc(list[1:], func(a application) bool { return !sameDirective(m.normalized(name, a.d, nil), first) }) {
		return first
	}
	out := &ast.Directive{Name: name}
	arguments := map[string][]string{
		federation.RequiresScopes: {"scopes"}, federation.Policy: {"policies"}, federation.Cost: {"weight"},
		federation.ListSize: {"assumedSize", "slicingArguments", "sizedFields", "requireOneSlicingArgument"},
	}
	differ := false
	for _, arg := range arguments[id] {
		var values []*ast.Value
		for _, a := range list {
			v := federation.Argument(a.d, arg)
			if v == nil && arg == "requireOneSlicingArgument" {
				v = &ast.Value{Kind: ast.BooleanValue, Raw: "true"}
			}
			values = append(values, v)
		}
		v := mergeValues(arg, values)
		for _, x := range values {
			differ = differ || !sameValue(x, values[0])
		}
		if v != nil {
			out.Arguments = append(out.Arguments, &ast.Argument{Name: arg, Value: v})
		}
	}
	if differ {
		var at []Location
		for _, a := range list {
			at = append(at, a.g.At(a.d.Position)...)
		}
		m.hintf(MergedNonRepeatableDirectiveArguments, coordinate, at, "%q has @%s with different arguments across subgraphs; they are merged into %s.", coordinate, name, supergraph.FormatDirective(out))
	}
	return out
}

func mergeValues(argument string, values []*ast.Value) *ast.Value {
	values = slices.DeleteFunc(values, func(v *ast.Value) bool { return v == nil })
	if len(values) == 0 {
		return nil
	}
	out := values[0]
	for _, v := range values[1:] {
		switch argument {
		case "weight", "assumedSize":
			out = maxValue(out, v)
		case "requireOneSlicingArgument":
			if v.Raw == "false" {
				out = v
			}
		case "scopes", "policies":
			out = conjunction(out, v)
		default:
			out = union(out, v)
		}
	}
	return out
}

func maxValue(a, b *ast.Value) *ast.Value {
	x, _ := strconv.Atoi(a.Raw)
	y, _ := strconv.Atoi(b.Raw)
	if y > x {
		return b
	}
	return a
}

// items returns the elements of a list; a single value counts as a list of one.
func items(v *ast.Value) []*ast.Value {
	if v.Kind != ast.ListValue {
		return []*ast.Value{v}
	}
	out := make([]*ast.Value, 0, len(v.Children))
	for _, c := range v.Children {
		out = append(out, c.Value)
	}
	return out
}

func listOf(values []*ast.Value) *ast.Value {
	out := &ast.Value{Kind: ast.ListValue}
	for _, v := range values {
		out.Children = append(out.Children, &ast.ChildValue{Value: v})
	}
	return out
}

func union(a, b *ast.Value) *ast.Value {
	out := slices.Clone(items(a))
	for _, v := range items(b) {
		if !slices.ContainsFunc(out, func(o *ast.Value) bool { return sameValue(o, v) }) {
			out = append(out, v)
		}
	}
	return listOf(out)
}

// maxAlternatives bounds a merged list of scopes or policies: combining lists
// multiplies their lengths.
const maxAlternatives = 2000

// conjunction combines two requirements, each a list of alternatives of which
// one must be met: every pair of alternatives is one, and those that ask for more
// than another are dropped. If there are too many, the first ones stay: fewer
// alternatives let fewer requests through.
func conjunction(a, b *ast.Value) *ast.Value {
	if len(items(a)) == 0 {
		return b
	}
	if len(items(b)) == 0 {
		return a
	}
	var sets [][]*ast.Value
	for _, x := range items(a) {
		for _, y := range items(b) {
			if len(sets) == maxAlternatives {
				break
			}
			sets = append(sets, sortedValues(items(union(x, y))))
		}
	}
	slices.SortStableFunc(sets, func(x, y []*ast.Value) int {
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(joined(x), joined(y)))
	})
	var kept []*ast.Value
	for _, s := range sets {
		if !slices.ContainsFunc(kept, func(k *ast.Value) bool { return subset(items(k), s) }) {
			kept = append(kept, listOf(s))
		}
	}
	return listOf(kept)
}

func sortedValues(values []*ast.Value) []*ast.Value {
	slices.SortFunc(values, func(a, b *ast.Value) int { return strings.Compare(a.Raw, b.Raw) })
	return values
}

func joined(values []*ast.Value) string {
	var b strings.Builder
	for _, v := range values {
		b.WriteString(v.Raw + "\x00")
	}
	return b.String()
}

func subset(a, b []*ast.Value) bool {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y *ast.Value) bool { return sameValue(x, y) }) {
			return false
		}
	}
	return true
}
