package difftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"sort"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// instances is how many objects of each type a world has at most.
const instances = 3

// size bounds a world's data; shrinking a failure makes it smaller.
type size struct {
	instances int // objects of each type
	items     int // of a list, at most
	nulls     bool
}

var fullSize = size{instances: instances, items: 2, nulls: true}

// object is one object of a world.
type object struct {
	typ *supergraph.Type
	n   int
}

// world is the data of a supergraph.
type world struct {
	schema *supergraph.Schema
	seed   uint64
	size   size
	index  map[string]int
	// client hides what clients may not see: values are never of such types.
	client map[string]bool
	// broken, when set, says which fields of which objects give an error.
	broken func(o object, f *supergraph.Field) bool
}

func newWorld(s *supergraph.Schema, seed uint64) *world {
	w := &world{schema: s, seed: seed, size: fullSize, index: make(map[string]int), client: make(map[string]bool)}
	for i, t := range s.Types {
		w.index[t.Name] = i
		w.client[t.Name] = len(t.Joins) > 0 && !s.Inaccessible(t.Directives)
	}
	return w
}

func (w *world) hash(parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, w.seed)
	for _, p := range parts {
		fmt.Fprintf(h, "|%v", p)
	}
	x := h.Sum64()
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

func (w *world) isBroken(o object, f *supergraph.Field) bool {
	return w.broken != nil && w.broken(o, f)
}

// owners are the joins of the subgraphs that have the field, external or not.
func owners(f *supergraph.Field) []*supergraph.Join {
	var out []*supergraph.Join
	for i := range f.Joins {
		if f.Joins[i].Graph != nil {
			out = append(out, &f.Joins[i])
		}
	}
	return out
}

// field finds a field of an object, which an interface object may give.
func (w *world) field(t *supergraph.Type, name string) *supergraph.Field { return t.Field(name) }

// strictest is a field's type with null allowed only where every subgraph
// allows it.
func strictest(f *supergraph.Field) *ast.Type {
	out := clone(f.Type)
	for _, j := range owners(f) {
		tighten(out, f.TypeIn(j))
	}
	return out
}

func clone(t *ast.Type) *ast.Type {
	if t == nil {
		return nil
	}
	c := *t
	c.Elem = clone(t.Elem)
	return &c
}

func tighten(t, by *ast.Type) {
	t.NonNull = t.NonNull || by.NonNull
	if t.Elem != nil && by.Elem != nil {
		tighten(t.Elem, by.Elem)
	}
}

// value is the value of a field: nil, a leaf as JSON text, *object or []any.
// extra is what the value depends on besides the arguments: the values of a
// @requires.
func (w *world) value(o object, f *supergraph.Field, args string, extra string) (any, error) {
	typ := strictest(f)
	// Two types of one interface share the interface object's fields: the value
	// depends on the object, whatever the subgraph calls its type.
	return w.make(typ, f, o, fmt.Sprint(o.typ.Name, ".", o.n, ".", f.Name, "(", args, ")", extra), inKey(o.typ, f.Name))
}

// inKey reports whether some key of the type, or of an interface object that
// it is behind, mentions the field.
func inKey(t *supergraph.Type, name string) bool {
	for _, j := range t.Joins {
		if j.Key != nil && mentions(j.Key.Selections, name) {
			return true
		}
	}
	return false
}

func mentions(sels ast.SelectionSet, name string) bool {
	for _, s := range sels {
		if f, ok := s.(*ast.Field); ok && (f.Name == name || mentions(f.SelectionSet, name)) {
			return true
		}
	}
	return false
}

func (w *world) make(t *ast.Type, f *supergraph.Field, o object, id string, key bool) (any, error) {
	if w.size.nulls && !t.NonNull && !key && w.hash(id, "null")%8 == 0 {
		return nil, nil
	}
	if w.size.nulls && !t.NonNull && key && o.n == 0 && len(o.typ.Interfaces) == 0 {
		return nil, nil // one object of a type: others could not be told from it
	}
	if t.Elem != nil {
		n := int(w.hash(id, "len") % uint64(w.size.items+1))
		if key {
			n = 1
		}
		out := make([]any, n)
		for i := range out {
			v, err := w.make(t.Elem, f, o, fmt.Sprint(id, "[", i, "]"), key)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	}
	named := w.schema.Type(t.NamedType)
	if named == nil {
		return w.leaf(t.NamedType, o, id, key), nil
	}
	switch named.Kind {
	case ast.Enum:
		return w.enum(named, f, id)
	case ast.Scalar:
		return w.leaf(t.NamedType, o, id, key), nil
	}
	return w.target(named, f, o, id, key, t.NonNull)
}

// target picks an object of a type that every subgraph which resolves the
// field can give there.
func (w *world) target(named *supergraph.Type, f *supergraph.Field, o object, id string, key, nonNull bool) (any, error) {
	possible := w.schema.Possible(named)
	for _, j := range owners(f) {
		if named.InterfaceObjectIn(j.Graph) {
			continue
		}
		in := w.schema.PossibleIn(named, j.Graph)
		if jt := w.schema.Type(f.TypeIn(j).Name()); jt != nil && jt != named {
			in = w.schema.PossibleIn(jt, j.Graph)
		}
		possible = slices.DeleteFunc(slices.Clone(possible), func(t *supergraph.Type) bool { return !slices.Contains(in, t) })
	}
	possible = slices.DeleteFunc(slices.Clone(possible), func(t *supergraph.Type) bool { return !w.client[t.Name] })
	if len(possible) == 0 {
		if nonNull {
			return nil, fmt.Errorf("nothing can be the value of %s", id)
		}
		return nil, nil
	}
	t := possible[w.hash(id, "type")%uint64(len(possible))]
	n := int(w.hash(id, "object") % uint64(w.size.instances))
	if key {
		n = o.n // nested keys differ between objects
	}
	return &object{typ: t, n: n}, nil
}

func (w *world) enum(t *supergraph.Type, f *supergraph.Field, id string) (any, error) {
	var names []string
	for _, v := range t.Values {
		everywhere := !w.schema.Inaccessible(v.Directives)
		for _, j := range owners(f) {
			everywhere = everywhere && slices.Contains(v.Graphs, j.Graph)
		}
		if everywhere {
			names = append(names, v.Name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no value for the enum %s of %s", t.Name, id)
	}
	return json.RawMessage(`"` + names[w.hash(id)%uint64(len(names))] + `"`), nil
}

func (w *world) leaf(name string, o object, id string, key bool) any {
	h := w.hash(id)
	switch name {
	case "Int":
		if key {
			return json.RawMessage(fmt.Sprint(w.index[o.typ.Name]*instances + o.n))
		}
		if h%16 == 0 {
			return json.RawMessage([]string{"2147483647", "-2147483648", "-1"}[h/16%3])
		}
		return json.RawMessage(fmt.Sprint(h % 1000))
	case "Float":
		if key {
			return json.RawMessage(fmt.Sprint(w.index[o.typ.Name]*instances+o.n) + ".5")
		}
		if h%16 == 0 {
			return json.RawMessage([]string{"-0.125", "1e+21", "12345678901234567890"}[h/16%3])
		}
		return json.RawMessage(fmt.Sprintf("%d.25", h%1000))
	case "Boolean":
		return json.RawMessage(fmt.Sprint(h%2 == 0))
	default:
		if key {
			return json.RawMessage(`"` + id + `"`)
		}
		text := fmt.Sprintf(`"%s#%x"`, o.typ.Name, h&0xffff)
		switch {
		case name != "String" && name != "ID" && h%4 == 0:
			text = `[12345678901234567890,{"a":` + text + `,"b":[null,true]}]`
		case name == "String" && h%8 == 0:
			text = strings.TrimSuffix(text, `"`) + `é🔑\n\"\\"`
		}
		return json.RawMessage(text)
	}
}

// selectJSON is what a field set selects of an object, as canonical JSON. It
// is both what a representation must hold and what a @requires value hashes.
func (w *world) selectJSON(o object, sels ast.SelectionSet) (string, error) {
	members, err := w.selectMembers(o, sels)
	if err != nil {
		return "", err
	}
	return canonical(members), nil
}

func (w *world) selectMembers(o object, sels ast.SelectionSet) (map[string]any, error) {
	out := make(map[string]any)
	for _, s := range sels {
		switch x := s.(type) {
		case *ast.InlineFragment:
			if x.TypeCondition != "" && x.TypeCondition != o.typ.Name && !slices.Contains(o.typ.Interfaces, x.TypeCondition) {
				continue
			}
			inner, err := w.selectMembers(o, x.SelectionSet)
			if err != nil {
				return nil, err
			}
			for k, v := range inner {
				out[k] = v
			}
		case *ast.Field:
			if x.Name == "__typename" {
				continue
			}
			f := w.field(o.typ, x.Name)
			if f == nil {
				return nil, fmt.Errorf("%s has no field %s", o.typ.Name, x.Name)
			}
			v, err := w.resolve(o, f, literalArguments(x, f))
			if w.isBroken(o, f) {
				err = errField
			}
			if err != nil {
				return nil, err
			}
			if out[x.Name], err = w.selectValue(v, x.SelectionSet); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (w *world) selectValue(v any, sels ast.SelectionSet) (any, error) {
	switch x := v.(type) {
	case *object:
		return w.selectMembers(*x, sels)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			var err error
			if out[i], err = w.selectValue(x[i], sels); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return v, nil
	}
}

// resolve is the true value of a field. A @requires field depends on what it
// requires.
func (w *world) resolve(o object, f *supergraph.Field, args string) (any, error) {
	extra, err := w.required(o, f)
	if err != nil {
		return nil, err
	}
	return w.value(o, f, args, extra)
}

func (w *world) required(o object, f *supergraph.Field) (string, error) {
	fields := []*supergraph.Field{f}
	for _, i := range o.typ.Interfaces { // the field may come from an interface object
		if it := w.schema.Type(i); it != nil && it.Field(f.Name) != nil {
			fields = append(fields, it.Field(f.Name))
		}
	}
	for _, f := range fields {
		for _, j := range owners(f) {
			if j.Requires != nil && !j.External && !j.UsedOverridden {
				return w.selectJSON(o, j.Requires.Selections)
			}
		}
	}
	return "", nil
}

// canonical is JSON with sorted members.
func canonical(v any) string {
	var b bytes.Buffer
	write(&b, v)
	return b.String()
}

func write(b *bytes.Buffer, v any) {
	switch x := v.(type) {
	case nil:
		b.WriteString("null")
	case json.RawMessage:
		b.Write(x)
	case map[string]any:
		names := make([]string, 0, len(x))
		for n := range x {
			names = append(names, n)
		}
		sort.Strings(names)
		b.WriteByte('{')
		for i, n := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%q:", n)
			write(b, x[n])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i := range x {
			if i > 0 {
				b.WriteByte(',')
			}
			write(b, x[i])
		}
		b.WriteByte(']')
	default:
		text, _ := json.Marshal(x)
		b.Write(text)
	}
}

// decode reads JSON with leaves kept as text.
func decode(raw json.RawMessage) any {
	trimmed := bytes.TrimSpace(raw)
	switch {
	case len(trimmed) == 0 || string(trimmed) == "null":
		return nil
	case trimmed[0] == '{':
		var m map[string]json.RawMessage
		_ = json.Unmarshal(trimmed, &m)
		out := make(map[string]any, len(m))
		for k, v := range m {
			out[k] = decode(v)
		}
		return out
	case trimmed[0] == '[':
		var l []json.RawMessage
		_ = json.Unmarshal(trimmed, &l)
		out := make([]any, len(l))
		for i, v := range l {
			out[i] = decode(v)
		}
		return out
	default:
		return json.RawMessage(strings.Clone(string(trimmed)))
	}
}
