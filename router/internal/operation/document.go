package operation

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// Document is a valid document. It is safe for concurrent use.
type Document struct {
	schema *Schema
	doc    *ast.QueryDocument
}

// maxErrors bounds the list of validation errors.
const maxErrors = 20

// Parse reads, bounds and validates a document.
func (s *Schema) Parse(text string, limits Limits) (*Document, []*Error) {
	limits = limits.withDefaults()
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, max(limits.Tokens, 0))
	if err != nil {
		var g *gqlerror.Error
		if errors.As(err, &g) {
			return nil, fromList(gqlerror.List{g}, CodeParse)
		}
		return nil, []*Error{{Code: CodeParse, Message: err.Error()}}
	}
	if len(doc.Operations) == 0 {
		return nil, []*Error{{Code: CodeParse, Message: "The document has no operation."}}
	}
	if e := checkLimits(doc, limits); e != nil {
		return nil, []*Error{e}
	}
	errs := validator.ValidateWithRules(s.ast, doc, s.rules)
	if len(errs) > 0 && longIDs(doc) {
		errs = validator.ValidateWithRules(s.ast, doc, s.rules)
	}
	faults := append(fromList(errs, CodeValidation), findOverlaps(s.ast, doc)...)
	if len(faults) > 0 {
		return nil, faults[:min(len(faults), maxErrors)]
	}
	return &Document{schema: s, doc: doc}, nil
}

// longIDs makes strings of the whole numbers that stand for an ID and have
// more digits than the validator reads. They mean the same. It reports whether
// there were any; validation must have run before it, which tells the types.
func longIDs(doc *ast.QueryDocument) bool {
	found := false
	var value func(v *ast.Value)
	value = func(v *ast.Value) {
		if v.Kind == ast.IntValue && len(v.Raw) > 18 && v.ExpectedType != nil && v.ExpectedType.Name() == "ID" {
			v.Kind = ast.StringValue
			found = true
		}
		for _, c := range v.Children {
			value(c.Value)
		}
	}
	var walk func(sels ast.SelectionSet)
	walk = func(sels ast.SelectionSet) {
		for _, sel := range sels {
			switch x := sel.(type) {
			case *ast.Field:
				for _, a := range x.Arguments {
					value(a.Value)
				}
				walk(x.SelectionSet)
			case *ast.InlineFragment:
				walk(x.SelectionSet)
			}
		}
	}
	for _, op := range doc.Operations {
		for _, d := range op.VariableDefinitions {
			if d.DefaultValue != nil {
				value(d.DefaultValue)
			}
		}
		walk(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		walk(f.SelectionSet)
	}
	return found
}

// Operation is one operation of a document.
type Operation struct {
	doc *Document
	def *ast.OperationDefinition
	// conditions are the variables of @skip and @include.
	conditions []string
	// coordinates are all that the operation can select.
	coordinates []Coordinate
	introspects bool
}

// Coordinate is a field of a type.
type Coordinate struct{ Type, Field string }

// Coordinates lists the fields that the operation can select, each with the
// type on which it is selected, in the order of the document.
func (o *Operation) Coordinates() []Coordinate { return o.coordinates }

// Introspects reports whether the operation has a __schema or a __type
// anywhere, skipped or not.
func (o *Operation) Introspects() bool { return o.introspects }

// Kind is query, mutation or subscription.
func (o *Operation) Kind() string { return string(o.def.Operation) }

// Name is the operation's name, or "".
func (o *Operation) Name() string { return o.def.Name }

// Operation picks the operation to run. An empty name picks the only one.
func (d *Document) Operation(name string) (*Operation, *Error) {
	var def *ast.OperationDefinition
	switch {
	case name != "":
		def = d.doc.Operations.ForName(name)
		if def == nil {
			return nil, &Error{Code: CodeValidation, Message: fmt.Sprintf("The document has no operation named %q.", name)}
		}
	case len(d.doc.Operations) == 1:
		def = d.doc.Operations[0]
	default:
		return nil, &Error{Code: CodeValidation, Message: "The document has several operations: operationName must say which one to run."}
	}
	o := &Operation{doc: d, def: def}
	o.collect()
	return o, nil
}

// collect finds the variables that decide what is selected, and what can be.
func (o *Operation) collect() {
	seen := make(map[string]bool)
	fields := make(map[Coordinate]bool)
	visited := make(map[string]bool)
	directives := func(ds ast.DirectiveList) {
		for _, d := range ds {
			if d.Name != "skip" && d.Name != "include" {
				continue
			}
			if a := d.Arguments.ForName("if"); a != nil && a.Value.Kind == ast.Variable && !seen[a.Value.Raw] {
				seen[a.Value.Raw] = true
				o.conditions = append(o.conditions, a.Value.Raw)
			}
		}
	}
	var walk func(sels ast.SelectionSet)
	walk = func(sels ast.SelectionSet) {
		for _, sel := range sels {
			switch x := sel.(type) {
			case *ast.Field:
				directives(x.Directives)
				o.introspects = o.introspects || aboutSchema(x.Name)
				if c := (Coordinate{Field: x.Name}); x.ObjectDefinition != nil {
					c.Type = x.ObjectDefinition.Name
					if !fields[c] {
						fields[c] = true
						o.coordinates = append(o.coordinates, c)
					}
				}
				walk(x.SelectionSet)
			case *ast.InlineFragment:
				directives(x.Directives)
				walk(x.SelectionSet)
			case *ast.FragmentSpread:
				directives(x.Directives)
				if f := o.doc.doc.Fragments.ForName(x.Name); f != nil && !visited[x.Name] {
					visited[x.Name] = true
					walk(f.SelectionSet)
				}
			}
		}
	}
	walk(o.def.SelectionSet)
}

// Conditions is the part of the variables on which the selection depends, as
// a key for caches.
func (o *Operation) Conditions(vars *Variables) string {
	if len(o.conditions) == 0 {
		return ""
	}
	out := make([]byte, len(o.conditions))
	for i, name := range o.conditions {
		out[i] = '0'
		if string(vars.values[name]) == "true" {
			out[i] = '1'
		}
	}
	return string(out)
}

// included evaluates @skip and @include.
func included(ds ast.DirectiveList, vars *Variables) bool {
	for _, d := range ds {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		a := d.Arguments.ForName("if")
		if a == nil {
			continue
		}
		is := a.Value.Raw == "true"
		if a.Value.Kind == ast.Variable {
			is = string(vars.values[a.Value.Raw]) == "true"
		}
		if is == (d.Name == "skip") {
			return false
		}
	}
	return true
}
