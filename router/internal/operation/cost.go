package operation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// Costs are the weights and list sizes that a supergraph declares with @cost
// and @listSize, in the sense of the IBM specification of static cost.
type Costs struct {
	listSize  int
	types     map[string]int
	fields    map[Coordinate]int
	arguments map[Coordinate]map[string]int
	sizes     map[Coordinate]*listSize
}

type listSize struct {
	assumed    int
	hasAssumed bool
	slicing    []string
	sized      []string
	requireOne bool
}

// NewCosts reads the directives of a supergraph. A list without @listSize is
// taken to have size items.
func NewCosts(s *supergraph.Schema, size int) *Costs {
	c := &Costs{
		listSize: size, types: make(map[string]int), fields: make(map[Coordinate]int),
		arguments: make(map[Coordinate]map[string]int), sizes: make(map[Coordinate]*listSize),
	}
	cost, ok := s.DirectiveName("cost", "cost")
	if !ok {
		cost = "cost"
	}
	list, ok := s.DirectiveName("cost", "listSize")
	if !ok {
		list = "listSize"
	}
	for _, t := range s.Types {
		if w, ok := weight(t.Directives, cost); ok {
			c.types[t.Name] = w
		}
		for _, f := range t.Fields {
			at := Coordinate{t.Name, f.Name}
			if w, ok := weight(f.Directives, cost); ok {
				c.fields[at] = w
			}
			for _, a := range f.Arguments {
				if w, ok := weight(a.Directives, cost); ok {
					if c.arguments[at] == nil {
						c.arguments[at] = make(map[string]int)
					}
					c.arguments[at][a.Name] = w
				}
			}
			if d := f.Directives.ForName(list); d != nil {
				c.sizes[at] = readListSize(d)
			}
		}
	}
	return c
}

func weight(ds ast.DirectiveList, name string) (int, bool) {
	d := ds.ForName(name)
	if d == nil {
		return 0, false
	}
	a := d.Arguments.ForName("weight")
	if a == nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(a.Value.Raw, 64)
	if err != nil || math.IsNaN(f) {
		return 0, false
	}
	return int(math.Ceil(max(-maxCost, min(f, maxCost)))), true
}

func readListSize(d *ast.Directive) *listSize {
	out := &listSize{requireOne: true}
	for _, a := range d.Arguments {
		switch a.Name {
		case "assumedSize":
			if n, err := strconv.Atoi(a.Value.Raw); err == nil {
				out.assumed, out.hasAssumed = n, true
			}
		case "slicingArguments":
			out.slicing = names(a.Value)
		case "sizedFields":
			out.sized = names(a.Value)
		case "requireOneSlicingArgument":
			out.requireOne = a.Value.Raw != "false"
		}
	}
	return out
}

// names reads a list of strings, or one.
func names(v *ast.Value) []string {
	if v.Kind != ast.ListValue {
		return []string{v.Raw}
	}
	var out []string
	for _, c := range v.Children {
		out = append(out, c.Value.Raw)
	}
	return out
}

// maxCost saturates sums and products.
const maxCost = 1 << 50

// Cost estimates what the operation may cost with the variables of a request.
// It is an error when a list field needs a slicing argument and does not have
// exactly one.
func (p *Prepared) Cost(c *Costs, vars *Variables) (int, *Error) {
	e := newEstimate(c, p, vars)
	return e.operation(p), e.err
}

func newEstimate(c *Costs, p *Prepared, vars *Variables) *estimate {
	return &estimate{costs: c, b: p.builder, vars: vars, sets: make(setIDs), known: make(map[string]int)}
}

func (e *estimate) operation(p *Prepared) int {
	return e.selection(p.builder.root(), []ast.SelectionSet{p.builder.op.def.SelectionSet}, nil)
}

type estimate struct {
	costs *Costs
	b     *builder
	vars  *Variables
	// An object behind an abstract type may be any of several, at each level
	// again: what was computed for a type and sets is remembered.
	sets  setIDs
	known map[string]int
	work  int
	err   *Error
}

// maxEstimate bounds the selections that an estimate looks at. What would take
// more is too dear.
const maxEstimate = 100_000

// selection is the cost below an object: of an abstract type, that of its
// dearest possible type. sized are the sizes that the parent gives to fields.
func (e *estimate) selection(on *ast.Definition, sets []ast.SelectionSet, sized map[string]int) int {
	dearest := 0
	for _, t := range e.b.schema.possibleTypes(on.Name) {
		dearest = max(dearest, e.object(t, sets, sized))
	}
	return dearest
}

// object is the cost of the fields of one type.
func (e *estimate) object(t *ast.Definition, sets []ast.SelectionSet, sized map[string]int) int {
	sets, key := e.sets.once([]byte(t.Name+" "+sizesKey(sized)+" "), sets)
	if have, ok := e.known[string(key)]; ok {
		return have
	}
	if e.work > maxEstimate {
		return maxCost
	}
	m := e.b.merge(t, sets)
	e.work += 1 + len(m.order)
	sum := 0
	for _, name := range m.order {
		if f := m.fields[name]; f.denied == nil && !strings.HasPrefix(f.field.Name, "__") {
			sum = min(sum+e.field(t, f, sized), maxCost)
		}
	}
	e.known[string(key)] = sum
	return sum
}

func sizesKey(sized map[string]int) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sized)) {
		b.WriteString(name + "=" + strconv.Itoa(sized[name]) + ";")
	}
	return b.String()
}

func (e *estimate) field(on *ast.Definition, mf *mergedField, sized map[string]int) int {
	f := mf.field
	at := Coordinate{on.Name, f.Name}
	def := on.Fields.ForName(f.Name)
	own, ok := e.costs.fields[at]
	returned := e.b.schema.ast.Types[def.Type.Name()]
	if !ok {
		if own, ok = e.costs.types[returned.Name]; !ok && returned.IsCompositeType() {
			own = 1
		}
	}
	size := e.costs.sizes[at]
	n, below := 1, map[string]int(nil)
	if size != nil {
		items := e.items(f, size)
		if len(size.sized) > 0 {
			below = make(map[string]int, len(size.sized))
			for _, name := range size.sized {
				below[name] = items
			}
		} else {
			n = items
		}
	} else if def.Type.Elem != nil {
		n = e.costs.listSize
		if s, ok := sized[f.Name]; ok {
			n = s
		}
	}
	total := own
	if len(mf.sets) > 0 {
		total = min(total+e.selection(returned, mf.sets, below), maxCost)
	}
	total = times(total, n)
	for name, w := range e.costs.arguments[at] {
		if f.Arguments.ForName(name) != nil {
			total = min(total+w, maxCost)
		}
	}
	return total
}

// times multiplies a cost by the size of a list, neither of them beyond the
// largest cost.
func times(cost, n int) int {
	switch {
	case n > 0 && cost > maxCost/n:
		return maxCost
	case n > 0 && cost < -maxCost/n:
		return -maxCost
	}
	return cost * n
}

// items is the size of a list by its slicing arguments.
func (e *estimate) items(f *ast.Field, s *listSize) int {
	given, largest := 0, -1
	for _, path := range s.slicing {
		if n, ok := e.slicing(f, path); ok {
			given++
			largest = max(largest, n)
		}
	}
	if s.requireOne && len(s.slicing) > 0 && given != 1 && e.err == nil {
		e.err = invalid(f.Position, fmt.Sprintf("Field %q needs exactly one of its slicing arguments: %s.", f.Name, strings.Join(s.slicing, ", ")))
	}
	switch {
	case largest >= 0:
		return min(largest, maxCost)
	case s.hasAssumed:
		return min(s.assumed, maxCost)
	default:
		return e.costs.listSize
	}
}

// slicing is the value of a slicing argument, which may be a member of an
// input object: "input.first".
func (e *estimate) slicing(f *ast.Field, path string) (int, bool) {
	name, rest, nested := strings.Cut(path, ".")
	def := f.Definition.Arguments.ForName(name)
	if def == nil {
		return 0, false
	}
	v := def.DefaultValue
	if a := f.Arguments.ForName(name); a != nil {
		v = a.Value
	}
	if v == nil {
		return 0, false
	}
	text, ok := e.b.schema.literal(nil, v, def.Type, e.vars)
	if !ok && def.DefaultValue != nil {
		text, ok = e.b.schema.literal(nil, def.DefaultValue, def.Type, noVariables)
	}
	if !ok {
		return 0, false
	}
	if nested {
		return memberInt(text, rest)
	}
	n, err := strconv.Atoi(string(text))
	return n, err == nil
}

// memberInt reads a number inside of an input object.
func memberInt(text []byte, path string) (int, bool) {
	v, err := decodeVariables(text)
	if err != nil {
		return 0, false
	}
	name, rest, nested := strings.Cut(path, ".")
	if nested {
		return memberInt(appendJSON(nil, v[name]), rest)
	}
	n, err := strconv.Atoi(string(appendJSON(nil, v[name])))
	return n, err == nil
}
