package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	gql "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/router/internal/execute"
	"github.com/starlinghq/starling/schema/supergraph"
)

// share is a part of what an entry asks for that one kind of representation
// can answer.
type share struct {
	fields map[*gql.Field]bool
	// needs are the data keys of required members by the member's name.
	needs map[string]string
	// types are those whose objects have what is needed; nil is all.
	types []string
}

// split divides a fetch of entities into one for each way in which the
// required fields must be sent. The planner merges fields whose @requires
// contradict each other (one name, two sets of arguments), and asks all types
// behind an interface object for what only some have the required fields of.
func (c *converter) split(f *execute.Fetch) ([]*execute.Fetch, error) {
	g := c.engine.schema.SubgraphNamed(f.Subgraph)
	for i := range f.Entries {
		doc, err := parser.ParseQuery(&gql.Source{Input: f.Query})
		if err != nil || len(doc.Operations) == 0 {
			return nil, fmt.Errorf("the query of a fetch: %v", err)
		}
		shares, err := c.shares(g, doc, &f.Entries[i])
		if err != nil {
			return nil, err
		}
		if len(shares) < 2 && !twice(&f.Entries[i].Representation) {
			continue
		}
		var out []*execute.Fetch
		for n := range shares {
			part := c.part(f, doc, i, &shares[n], n == 0)
			rest := []*execute.Fetch{part}
			if n == 0 && i+1 < len(part.Entries) { // the entries after this one
				if rest, err = c.split(part); err != nil {
					return nil, err
				}
			}
			out = append(out, rest...)
		}
		return out, nil
	}
	return []*execute.Fetch{f}, nil
}

// twice reports whether a representation has two values for one member.
func twice(r *execute.Representation) bool {
	keys := make(map[string]string)
	for _, f := range r.Fields {
		if f.Static != "" {
			continue
		}
		if have, ok := keys[f.Name]; ok && have != f.Key {
			return true
		}
		keys[f.Name] = f.Key
	}
	return false
}

// shares divides the fields of an entry.
func (c *converter) shares(g *supergraph.Subgraph, doc *gql.QueryDocument, e *execute.Entry) ([]share, error) {
	var out []share
	for _, sel := range entitySelection(doc, e.Alias) {
		fragment, ok := sel.(*gql.InlineFragment)
		if !ok {
			continue
		}
		for _, below := range fragment.SelectionSet {
			f, ok := below.(*gql.Field)
			if !ok {
				continue
			}
			s, err := c.share(g, fragment.TypeCondition, f, e)
			if err != nil {
				return nil, err
			}
			if s == nil {
				continue
			}
			if n := slices.IndexFunc(out, func(have share) bool { return have.fits(s) }); n >= 0 {
				out[n].fields[f] = true
				maps.Copy(out[n].needs, s.needs)
				continue
			}
			out = append(out, *s)
		}
	}
	return out, nil
}

func entitySelection(doc *gql.QueryDocument, alias string) gql.SelectionSet {
	for _, sel := range doc.Operations[0].SelectionSet {
		if f, ok := sel.(*gql.Field); ok && f.Alias == alias {
			return f.SelectionSet
		}
	}
	return nil
}

func (s *share) fits(other *share) bool {
	if !slices.Equal(s.types, other.types) {
		return false
	}
	for name, key := range other.needs {
		if have, ok := s.needs[name]; ok && have != key {
			return false
		}
	}
	return true
}

// share finds out what a field needs; nil for a __typename, which belongs to
// each.
func (c *converter) share(g *supergraph.Subgraph, typeName string, f *gql.Field, e *execute.Entry) (*share, error) {
	if f.Name == "__typename" {
		return nil, nil
	}
	s := &share{fields: map[*gql.Field]bool{f: true}, needs: make(map[string]string)}
	t := c.engine.schema.Type(typeName)
	if t == nil || t.Field(f.Name) == nil {
		return s, nil
	}
	j := t.Field(f.Name).In(g)
	if j == nil || j.Requires == nil {
		return s, nil
	}
	all := c.sent(t, &e.Representation)
	have := all
	for _, sel := range c.engine.variants.required(j.Requires).Selections {
		need, ok := sel.(*gql.Field)
		if !ok || need.Name == "__typename" {
			continue
		}
		name := need.Name
		if made, ok := c.engine.variants.byName[name]; ok {
			name = made.field.Name
		}
		s.needs[name] = need.Name
		with := c.having(all, &e.Representation, name, need.Name)
		have = slices.DeleteFunc(slices.Clone(have), func(n string) bool { return !slices.Contains(with, n) })
	}
	if len(all) > 0 && len(have) == 0 {
		return nil, fmt.Errorf("subgraph %s is asked for %s.%s without what it requires", g.Name, typeName, f.Name)
	}
	if len(have) < len(all) {
		s.types = have
	}
	return s, nil
}

// sent lists the types whose objects are sent as a type.
func (c *converter) sent(t *supergraph.Type, r *execute.Representation) []string {
	if !c.engine.weak[t.Name] {
		return []string{t.Name}
	}
	var out []string
	for _, f := range r.Fields {
		if f.Name == "__typename" {
			continue
		}
		types := f.Types
		if len(types) == 0 {
			types = names(c.engine.schema.Possible(t))
		}
		for _, n := range types {
			if !c.engine.weak[n] && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// having lists those of the types whose representations have a member.
func (c *converter) having(types []string, r *execute.Representation, name, key string) []string {
	var out []string
	for _, n := range types {
		if slices.ContainsFunc(r.Fields, func(f execute.RepresentationField) bool {
			return f.Name == name && standsFor(f.Key, key) && (len(f.Types) == 0 || slices.Contains(f.Types, n))
		}) {
			out = append(out, n)
		}
	}
	return out
}

// standsFor reports whether a data key is that of a field that is needed, or a
// name that the library gave it.
func standsFor(key, needed string) bool {
	return key == needed || strings.HasPrefix(key, "__internal_")
}

// part makes the fetch of one share. The first one keeps the other entries.
func (c *converter) part(f *execute.Fetch, doc *gql.QueryDocument, entry int, s *share, first bool) *execute.Fetch {
	out := *f
	e := f.Entries[entry]
	e.Representation = narrow(&e.Representation, s)
	out.Entries = []execute.Entry{e}
	if first {
		out.Entries = slices.Clone(f.Entries)
		out.Entries[entry] = e
	}
	op := *doc.Operations[0]
	op.SelectionSet = nil
	for _, sel := range doc.Operations[0].SelectionSet {
		root, ok := sel.(*gql.Field)
		switch {
		case !ok:
		case root.Alias == e.Alias:
			op.SelectionSet = append(op.SelectionSet, only(root, s))
		case first:
			op.SelectionSet = append(op.SelectionSet, root)
		}
	}
	used := make(map[string]bool)
	usedVariables(used, op.SelectionSet)
	op.VariableDefinitions = slices.DeleteFunc(slices.Clone(op.VariableDefinitions), func(d *gql.VariableDefinition) bool { return !used[d.Variable] })
	out.Variables = keptVariables(out.Variables, used)
	for i := range out.Entries {
		out.Entries[i].Variables = keptVariables(out.Entries[i].Variables, used)
	}
	c.head(&out, printQuery(&gql.QueryDocument{Operations: gql.OperationList{&op}}))
	return &out
}

// printQuery prints a query on one line.
func printQuery(doc *gql.QueryDocument) string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("")).FormatQueryDocument(doc)
	return strings.Join(strings.Fields(b.String()), " ")
}

// only is an _entities field with the fields of one share.
func only(root *gql.Field, s *share) *gql.Field {
	c := *root
	c.SelectionSet = nil
	for _, sel := range root.SelectionSet {
		fragment, ok := sel.(*gql.InlineFragment)
		if !ok {
			c.SelectionSet = append(c.SelectionSet, sel)
			continue
		}
		kept := *fragment
		kept.SelectionSet = nil
		asks := false
		for _, below := range fragment.SelectionSet {
			f, ok := below.(*gql.Field)
			if ok && f.Name != "__typename" && !s.fields[f] {
				continue
			}
			asks = asks || !ok || f.Name != "__typename"
			kept.SelectionSet = append(kept.SelectionSet, below)
		}
		if asks {
			c.SelectionSet = append(c.SelectionSet, &kept)
		}
	}
	return &c
}

// narrow leaves what one share needs of a representation.
func narrow(r *execute.Representation, s *share) execute.Representation {
	var out execute.Representation
	for _, f := range r.Fields {
		if key, ok := s.needs[f.Name]; ok && f.Static == "" && !standsFor(f.Key, key) {
			continue
		}
		if _, ok := s.needs[f.Name]; !ok && strings.HasPrefix(f.Key, variantPrefix) {
			continue
		}
		if s.types != nil {
			types := s.types
			if len(f.Types) > 0 {
				types = slices.DeleteFunc(slices.Clone(f.Types), func(n string) bool { return !slices.Contains(s.types, n) })
			}
			if len(types) == 0 {
				continue
			}
			f.Types = types
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

func usedVariables(out map[string]bool, sels gql.SelectionSet) {
	directives := func(list gql.DirectiveList) {
		for _, d := range list {
			argumentVariables(out, d.Arguments)
		}
	}
	for _, sel := range sels {
		switch x := sel.(type) {
		case *gql.Field:
			argumentVariables(out, x.Arguments)
			directives(x.Directives)
			usedVariables(out, x.SelectionSet)
		case *gql.InlineFragment:
			directives(x.Directives)
			usedVariables(out, x.SelectionSet)
		}
	}
}

func argumentVariables(out map[string]bool, args gql.ArgumentList) {
	var value func(v *gql.Value)
	value = func(v *gql.Value) {
		if v.Kind == gql.Variable {
			out[v.Raw] = true
		}
		for _, c := range v.Children {
			value(c.Value)
		}
	}
	for _, a := range args {
		value(a.Value)
	}
}

func keptVariables(vars []execute.Variable, used map[string]bool) []execute.Variable {
	return slices.DeleteFunc(slices.Clone(vars), func(v execute.Variable) bool {
		return !used[strings.Trim(string(v.Prefix), `":`)]
	})
}
