package operation

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// Limits bound a document. A value below 0 means no limit; 0 is the default.
type Limits struct {
	// Tokens of the document; 0 is 15,000.
	Tokens int
	// Depth of fields, fragments expanded; 0 is 50.
	Depth int
	// Aliases in the document, fragments expanded; 0 is 500.
	Aliases int
	// RootFields of an operation, fragments expanded; 0 is 100.
	RootFields int
	// Fields of an operation, fragments expanded; 0 is 10,000.
	Fields int
}

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		v   *int
		def int
	}{{&l.Tokens, 15_000}, {&l.Depth, 50}, {&l.Aliases, 500}, {&l.RootFields, 100}, {&l.Fields, 10_000}} {
		if *d.v == 0 {
			*d.v = d.def
		}
	}
	return l
}

// sizes are counts of a selection set with fragments expanded.
type sizes struct{ depth, aliases, roots, fields int }

// count saturates here: a chain of doubling fragments has more fields than an
// int can say.
const countMax = 1 << 40

func add(a, b int) int { return min(a+b, countMax) }

// counter computes sizes with a memo for each fragment: the cost is that of
// the document as written.
type counter struct {
	fragments map[string]*ast.FragmentDefinition
	memo      map[string]sizes
	visiting  map[string]bool
	cycle     string
}

// checkLimits measures the document as written. It reports a fragment cycle
// too, because whatever follows may rely on there being none.
func checkLimits(doc *ast.QueryDocument, l Limits) *Error {
	c := &counter{fragments: make(map[string]*ast.FragmentDefinition), memo: make(map[string]sizes), visiting: make(map[string]bool)}
	for _, f := range doc.Fragments {
		c.fragments[f.Name] = f
	}
	for _, f := range doc.Fragments {
		c.fragment(f.Name)
	}
	if c.cycle != "" {
		return invalid(nil, fmt.Sprintf("Fragment %q uses itself, directly or through other fragments.", c.cycle))
	}
	total := 0
	for _, op := range doc.Operations {
		n := c.set(op.SelectionSet)
		total = add(total, n.fields)
		for _, check := range []struct {
			have, limit int
			what        string
		}{
			{n.depth, l.Depth, "levels deep"},
			{n.aliases, l.Aliases, "aliases"},
			{n.roots, l.RootFields, "root fields"},
			{n.fields, l.Fields, "fields"},
		} {
			if check.limit > 0 && check.have > check.limit {
				return invalid(op.Position, fmt.Sprintf("The operation is too large: %s %s, fragments expanded; at most %d are allowed.", amount(check.have), check.what, check.limit))
			}
		}
	}
	if most := operationsPerDocument * l.Fields; l.Fields > 0 && total > most {
		return invalid(nil, fmt.Sprintf("The document is too large: %s fields in all operations, fragments expanded; at most %d are allowed.", amount(total), most))
	}
	return nil
}

// operationsPerDocument of the largest size may be in one document: each is
// validated with all of its fragments, whichever is to run.
const operationsPerDocument = 10

func amount(n int) string {
	if n >= countMax {
		return "countless"
	}
	return fmt.Sprint(n)
}

func (c *counter) set(sels ast.SelectionSet) sizes {
	var out sizes
	for _, sel := range sels {
		var n sizes
		switch x := sel.(type) {
		case *ast.Field:
			n = c.set(x.SelectionSet)
			n.depth++
			n.fields = add(n.fields, 1)
			n.roots = 1
			if x.Alias != x.Name {
				n.aliases = add(n.aliases, 1)
			}
		case *ast.InlineFragment:
			n = c.set(x.SelectionSet)
		case *ast.FragmentSpread:
			n = c.fragment(x.Name)
		}
		out.depth = max(out.depth, n.depth)
		out.aliases = add(out.aliases, n.aliases)
		out.roots = add(out.roots, n.roots)
		out.fields = add(out.fields, n.fields)
	}
	return out
}

func (c *counter) fragment(name string) sizes {
	if n, ok := c.memo[name]; ok {
		return n
	}
	f := c.fragments[name]
	if f == nil {
		return sizes{} // validation says so
	}
	if c.visiting[name] {
		c.cycle = name
		return sizes{}
	}
	c.visiting[name] = true
	n := c.set(f.SelectionSet)
	c.visiting[name] = false
	c.memo[name] = n
	return n
}
