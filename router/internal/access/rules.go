package access

import (
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/starlinghq/starling/schema/supergraph"
)

// Viewer is who a decision is about.
type Viewer interface {
	// Known is false for somebody without a token.
	Known() bool
	// Scope reports whether the token has a scope.
	Scope(name string) bool
	// Policy reports whether a policy is granted.
	Policy(name string) bool
}

// Rule is what one coordinate asks for. Nil asks for nothing.
type Rule struct{ clauses []clause }

// clause is one directive: all clauses of a rule must hold.
type clause struct {
	// any of these lists must be had in full; none means only to be known.
	any    [][]string
	policy bool
}

// Allows decides the rule.
func (r *Rule) Allows(v Viewer) bool {
	if r == nil {
		return true
	}
	for i := range r.clauses {
		if !r.clauses[i].allows(v) {
			return false
		}
	}
	return true
}

func (c *clause) allows(v Viewer) bool {
	if !c.policy && !v.Known() {
		return false
	}
	if len(c.any) == 0 {
		return true
	}
	has := v.Scope
	if c.policy {
		has = v.Policy
	}
	return slices.ContainsFunc(c.any, func(all []string) bool {
		return !slices.ContainsFunc(all, func(name string) bool { return !has(name) })
	})
}

// Rules are those of a supergraph. It is safe for concurrent use.
type Rules struct {
	schema *supergraph.Schema
	names  [3]string // of the directives in this supergraph
	cache  sync.Map  // coordinate -> *Rule
	none   bool
}

type coordinate struct{ typ, field string }

// New reads the rules of a supergraph. A directive that is applied without its
// specification being linked counts all the same: it was meant.
func New(s *supergraph.Schema) *Rules {
	r := &Rules{schema: s, names: [3]string{"authenticated", "requiresScopes", "policy"}}
	for i, name := range r.names {
		if n, ok := s.DirectiveName(name, name); ok {
			r.names[i] = n
		}
	}
	r.none = !r.applied()
	return r
}

func (r *Rules) applied() bool {
	for _, t := range r.schema.Types {
		if len(r.clauses(t.Directives)) > 0 {
			return true
		}
		for _, f := range t.Fields {
			if len(r.clauses(f.Directives)) > 0 {
				return true
			}
		}
	}
	return false
}

// Rule returns what a field asks for, or nil.
func (r *Rules) Rule(typ, field string) *Rule {
	if r.none {
		return nil
	}
	c := coordinate{typ, field}
	if have, ok := r.cache.Load(c); ok {
		return have.(*Rule)
	}
	rule := r.derive(typ, field)
	r.cache.Store(c, rule)
	return rule
}

func (r *Rules) derive(typ, field string) *Rule {
	t := r.schema.Type(typ)
	if t == nil {
		return nil
	}
	var out Rule
	r.add(&out, t, field)
	if t.Kind == ast.Interface || t.Kind == ast.Union {
		for _, p := range r.schema.Possible(t) {
			r.add(&out, p, field)
		}
	}
	if t.Kind == ast.Object && fromInterfaceObject(t, field) {
		// Who composed the supergraph may have left the rules where they stood.
		for _, name := range t.Interfaces {
			if i := r.schema.Type(name); i != nil && i.Field(field) != nil {
				r.add(&out, i, field)
			}
		}
	}
	if len(out.clauses) == 0 {
		return nil
	}
	return &out
}

// fromInterfaceObject reports whether only interface objects give a field.
func fromInterfaceObject(t *supergraph.Type, field string) bool {
	f := t.Field(field)
	return f != nil && slices.ContainsFunc(f.Joins, func(j supergraph.Join) bool { return j.Graph == nil })
}

func (r *Rules) add(out *Rule, t *supergraph.Type, field string) {
	out.clauses = append(out.clauses, r.clauses(t.Directives)...)
	f := t.Field(field)
	if f == nil {
		return
	}
	out.clauses = append(out.clauses, r.clauses(f.Directives)...)
	if returned := r.schema.Type(f.Type.Name()); returned != nil {
		out.clauses = append(out.clauses, r.clauses(returned.Directives)...)
	}
}

func (r *Rules) clauses(ds ast.DirectiveList) []clause {
	var out []clause
	for _, d := range ds {
		switch d.Name {
		case r.names[0]:
			out = append(out, clause{})
		case r.names[1]:
			out = append(out, clause{any: lists(d, "scopes")})
		case r.names[2]:
			out = append(out, clause{any: lists(d, "policies"), policy: true})
		}
	}
	return out
}

// lists reads [[String!]!]!. An empty list can never be had: it denies.
func lists(d *ast.Directive, name string) [][]string {
	a := d.Arguments.ForName(name)
	if a == nil || len(a.Value.Children) == 0 {
		return [][]string{{"\x00"}}
	}
	var out [][]string
	for _, c := range a.Value.Children {
		if c.Value.Kind != ast.ListValue {
			out = append(out, []string{c.Value.Raw})
			continue
		}
		var all []string
		for _, x := range c.Value.Children {
			all = append(all, x.Value.Raw)
		}
		out = append(out, all)
	}
	return out
}
