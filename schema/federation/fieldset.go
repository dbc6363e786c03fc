package federation

import (
	"errors"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

var errNotString = errors.New("the fields must be a string")

// fieldSetText returns the text of a field set: a string, or in federation 1
// and by tolerance of list coercion also a list of strings.
func fieldSetText(v *ast.Value) (string, bool) {
	switch v.Kind {
	case ast.StringValue, ast.BlockValue:
		return v.Raw, true
	case ast.EnumValue:
		return v.Raw, true
	case ast.ListValue:
		parts := make([]string, 0, len(v.Children))
		for _, c := range v.Children {
			t, ok := fieldSetText(c.Value)
			if !ok {
				return "", false
			}
			parts = append(parts, t)
		}
		return strings.Join(parts, " "), true
	}
	return "", false
}

// parseFieldSet parses the argument of @key, @requires or @provides. Federation 1
// let it be a list or a name; since then it is a string.
func (s *Subgraph) parseFieldSet(v *ast.Value) (*fieldSet, error) {
	text, ok := fieldSetText(v)
	if plain := v.Kind == ast.StringValue || v.Kind == ast.BlockValue; !ok || !plain && s.Version != Fed1 {
		return nil, errNotString
	}
	return parseSelections(text)
}

func parseSelections(text string) (*fieldSet, error) {
	in := strings.TrimSpace(text)
	if !strings.HasPrefix(in, "{") {
		in = "{" + in + "}"
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: in}, maxTokens)
	if err != nil {
		var g *gqlerror.Error
		if errors.As(err, &g) {
			return nil, errors.New(g.Message)
		}
		return nil, err
	}
	if len(doc.Operations) != 1 || len(doc.Fragments) > 0 {
		return nil, errors.New("expected one selection")
	}
	return &fieldSet{text: text, selections: doc.Operations[0].SelectionSet}, nil
}

// FieldSetText returns the text of the field set of an applied directive.
func FieldSetText(d *ast.Directive) string {
	v := Argument(d, "fields")
	if v == nil {
		return ""
	}
	text, _ := fieldSetText(v)
	return text
}
