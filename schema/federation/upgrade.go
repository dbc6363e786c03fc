package federation

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// upgrade gives a federation 1 subgraph the form it would have for federation 2:
// what federation 1 let pass without meaning is taken out.
func (r *reader) upgrade(all []*Subgraph) {
	s := r.s
	if s.Version != Fed1 {
		return
	}
	s.keyless = make(map[string]bool)
	for _, n := range s.Order {
		t := s.Types[n]
		t.Directives = s.drop(t.Directives, External)
		for _, b := range t.blocks {
			b.Directives = s.drop(b.Directives, External)
		}
		if t.Kind != ast.Interface {
			continue
		}
		if s.Has(t.Directives, Key) {
			s.keyless[n] = true
		}
		t.Directives = s.drop(t.Directives, Key)
		for _, f := range t.Fields {
			f.Directives = s.drop(s.drop(s.drop(f.Directives, External), Requires), Provides)
		}
	}
	for _, other := range all {
		r.upgradeExtensions(other)
	}
	s.index()
	r.upgradeFieldSets()
	s.index()
	r.dropUnusedExternals()
	r.checkExtensions(all)
}

// checkExtensions wants every type that the subgraph extends to be defined in
// another subgraph. A definition marked @extends counts as one for others.
func (r *reader) checkExtensions(all []*Subgraph) {
	s := r.s
	for _, n := range s.Order {
		t := s.Types[n]
		if root(n) || t.HasBase && !s.Has(t.Directives, Extends) {
			continue
		}
		if !slices.ContainsFunc(all, func(o *Subgraph) bool { return o != s && o.Types[n] != nil && o.Types[n].HasBase }) {
			r.report(ExtensionWithNoBase, n, t.Position, "Type %q is only extended in this subgraph, and no other subgraph defines it; define it in one.", n)
		}
	}
}

// root reports whether the type is one that every subgraph may extend.
func root(name string) bool { return name == "Query" || name == "Mutation" || name == "Subscription" }

// upgradeExtensions takes @external off the fields of an extension without a key
// that are in a key of the type's owner: federation 1 let the extension use it.
func (r *reader) upgradeExtensions(other *Subgraph) {
	s := r.s
	for _, n := range s.Order {
		t := s.Types[n]
		owner := other.Types[n]
		if owner == nil || other == s || t.Kind != ast.Object || s.Has(t.Directives, Key) {
			continue
		}
		if !t.HasExtension && !s.Has(t.Directives, Extends) {
			continue
		}
		for _, d := range other.All(owner.Directives, Key) {
			s.walk(t, Argument(d, "fields"), func(f *Field) { f.Directives = s.drop(f.Directives, External) })
		}
	}
}

// drop removes the applications of a directive of the specification.
func (s *Subgraph) drop(list ast.DirectiveList, element string) ast.DirectiveList {
	return slices.DeleteFunc(slices.Clone(list), func(d *ast.Directive) bool { return s.meaning[d.Name] == element })
}

// upgradeFieldSets takes out of @requires and @provides what the subgraph
// resolves itself.
func (r *reader) upgradeFieldSets() {
	s := r.s
	for _, n := range s.Order {
		for _, f := range s.Types[n].Fields {
			kept := f.Directives[:0:0]
			for _, d := range f.Directives {
				parent := f.Parent
				switch s.meaning[d.Name] {
				case Requires:
				case Provides:
					parent = s.Types[f.Type.Name()]
				default:
					kept = append(kept, d)
					continue
				}
				if d = s.onlyExternal(parent, d); d != nil {
					kept = append(kept, d)
				}
			}
			f.Directives = kept
		}
	}
}

// onlyExternal returns the directive with the external part of its field set,
// nil if there is none, and the directive itself if it cannot be read.
func (s *Subgraph) onlyExternal(t *Type, d *ast.Directive) *ast.Directive {
	v := Argument(d, "fields")
	if v == nil {
		return d
	}
	fs, err := s.parseFieldSet(v)
	if err != nil {
		return d
	}
	if !composite(t) {
		return nil
	}
	if !s.resolves(t, fs.selections) {
		return d
	}
	kept := s.externalSelections(t, fs.selections, false)
	if len(kept) == 0 {
		return nil
	}
	out := *d
	out.Arguments = slices.Clone(d.Arguments)
	for i, a := range out.Arguments {
		if a.Name == "fields" {
			out.Arguments[i] = &ast.Argument{Name: "fields", Position: a.Position, Value: &ast.Value{Kind: ast.StringValue, Raw: printSelections(kept), Position: a.Value.Position}}
		}
	}
	return &out
}

// resolves reports whether all fields of a selection exist.
func (s *Subgraph) resolves(t *Type, sels ast.SelectionSet) bool {
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			if x.Name == "__typename" {
				continue
			}
			f := t.Field(x.Name)
			if f == nil {
				return false
			}
			next := s.Types[f.Type.Name()]
			if composite(next) != (len(x.SelectionSet) > 0) {
				return false
			}
			if len(x.SelectionSet) > 0 && (next == nil || !s.resolves(next, x.SelectionSet)) {
				return false
			}
		case *ast.InlineFragment:
			next := t
			if x.TypeCondition != "" {
				next = s.Types[x.TypeCondition]
			}
			if next == nil || !s.resolves(next, x.SelectionSet) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// externalSelections keeps the leaves that are external or lie below something
// that is.
func (s *Subgraph) externalSelections(t *Type, sels ast.SelectionSet, below bool) ast.SelectionSet {
	var out ast.SelectionSet
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			f := t.Field(x.Name)
			if f == nil {
				continue
			}
			external := below || s.fieldExternal(f)
			if len(x.SelectionSet) == 0 {
				if external {
					out = append(out, x)
				}
				continue
			}
			c := *x
			c.SelectionSet = s.externalSelections(s.Types[f.Type.Name()], x.SelectionSet, external)
			if len(c.SelectionSet) > 0 {
				out = append(out, &c)
			}
		case *ast.InlineFragment:
			next := t
			if x.TypeCondition != "" {
				next = s.Types[x.TypeCondition]
			}
			c := *x
			c.SelectionSet = s.externalSelections(next, x.SelectionSet, below)
			if len(c.SelectionSet) > 0 {
				out = append(out, &c)
			}
		}
	}
	return out
}

// fieldExternal reports whether a field, or for an interface the field in any of
// its types, is external.
func (s *Subgraph) fieldExternal(f *Field) bool {
	if s.external[f] {
		return true
	}
	if f.Parent.Kind != ast.Interface {
		return false
	}
	for _, t := range s.implementers(f.Parent.Name) {
		if x := t.Field(f.Name); x != nil && s.external[x] {
			return true
		}
	}
	return false
}

func printSelections(sels ast.SelectionSet) string {
	var b strings.Builder
	for i, sel := range sels {
		if i > 0 {
			b.WriteByte(' ')
		}
		switch x := sel.(type) {
		case *ast.Field:
			b.WriteString(x.Name)
			for j, a := range x.Arguments {
				if j == 0 {
					b.WriteByte('(')
				} else {
					b.WriteString(", ")
				}
				b.WriteString(a.Name + ": " + a.Value.String())
			}
			if len(x.Arguments) > 0 {
				b.WriteByte(')')
			}
			printDirectives(&b, x.Directives)
			if len(x.SelectionSet) > 0 {
				b.WriteString(" { " + printSelections(x.SelectionSet) + " }")
			}
		case *ast.InlineFragment:
			b.WriteString("...")
			if x.TypeCondition != "" {
				b.WriteString(" on " + x.TypeCondition)
			}
			printDirectives(&b, x.Directives)
			b.WriteString(" { " + printSelections(x.SelectionSet) + " }")
		}
	}
	return b.String()
}

func printDirectives(b *strings.Builder, list ast.DirectiveList) {
	for _, d := range list {
		b.WriteString(" @" + d.Name)
		for i, a := range d.Arguments {
			b.WriteString([]string{"(", ", "}[min(i, 1)] + a.Name + ": " + a.Value.String())
		}
		if len(d.Arguments) > 0 {
			b.WriteByte(')')
		}
	}
}

// dropUnusedExternals removes external fields that nothing uses, and types that
// have no others: but if something in the subgraph is of such a type, that is an
// error.
func (r *reader) dropUnusedExternals() {
	s := r.s
	referenced := s.references()
	for _, n := range slices.Clone(s.Order) {
		t := s.Types[n]
		if t.Kind != ast.Object {
			continue
		}
		had := len(t.Fields)
		t.Fields = slices.DeleteFunc(t.Fields, func(f *Field) bool {
			gone := s.external[f] && !s.Used(f)
			if gone {
				delete(t.byName, f.Name)
			}
			return gone
		})
		switch {
		case had == 0 || len(t.Fields) > 0 || n == "Query":
		case referenced[n] || root(n):
			r.report(TypeWithOnlyUnusedExternal, n, t.Position, "Type %q has only external fields, and nothing uses them; remove the type.", n)
		default:
			delete(s.Types, n)
			s.Order = slices.DeleteFunc(s.Order, func(o string) bool { return o == n })
		}
	}
}

// references are the types that fields are of or that are in unions.
func (s *Subgraph) references() map[string]bool {
	out := make(map[string]bool)
	for _, t := range s.Types {
		for _, f := range t.Fields {
			out[f.Type.Name()] = true
		}
		for _, m := range t.Members {
			out[m] = true
		}
	}
	return out
}

// composite reports whether a type has fields to select.
func composite(t *Type) bool {
	return t != nil && (t.Kind == ast.Object || t.Kind == ast.Interface || t.Kind == ast.Union)
}
