package supergraph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// FieldSet is a parsed selection such as the fields of a key.
type FieldSet struct {
	// Text is what was written; SDL prints it unchanged.
	Text       string
	Selections ast.SelectionSet
	canonical  string
}

// ParseFieldSet parses a field set, with or without the outer braces.
func ParseFieldSet(text string) (*FieldSet, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("field set %q: not valid UTF-8", text)
	}
	in := strings.TrimSpace(text)
	if !strings.HasPrefix(in, "{") {
		in = "{" + in + "}"
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: in})
	if err != nil {
		return nil, fmt.Errorf("field set %q: %w", text, err)
	}
	if len(doc.Operations) != 1 || len(doc.Fragments) > 0 {
		return nil, fmt.Errorf("field set %q: want one selection", text)
	}
	sels := doc.Operations[0].SelectionSet
	return &FieldSet{Text: text, Selections: sels, canonical: FormatSelections(sorted(sels))}, nil
}

// String returns the canonical form: single spaces, sorted at each level. Two field sets that ask for the same are the same string.
func (fs *FieldSet) String() string {
	if fs == nil {
		return ""
	}
	return fs.canonical
}

// sorted copies a selection set in order of field, then type condition, at each level.
func sorted(sels ast.SelectionSet) ast.SelectionSet {
	out := make(ast.SelectionSet, 0, len(sels))
	for _, sel := range sels {
		switch x := sel.(type) {
		case *ast.Field:
			c := *x
			c.SelectionSet = sorted(x.SelectionSet)
			c.Arguments = slices.Clone(x.Arguments)
			slices.SortStableFunc(c.Arguments, func(a, b *ast.Argument) int { return cmp.Compare(a.Name, b.Name) })
			out = append(out, &c)
		case *ast.InlineFragment:
			c := *x
			c.SelectionSet = sorted(x.SelectionSet)
			out = append(out, &c)
		default:
			out = append(out, sel)
		}
	}
	slices.SortStableFunc(out, func(a, b ast.Selection) int { return cmp.Compare(selectionKey(a), selectionKey(b)) })
	return out
}

func selectionKey(s ast.Selection) string {
	if f, ok := s.(*ast.Field); ok {
		return "0" + f.Name + "\x00" + f.Alias
	}
	return "1" + FormatSelections(ast.SelectionSet{s})
}

// FormatSelections prints a selection set on one line, without outer braces.
func FormatSelections(sels ast.SelectionSet) string {
	var b strings.Builder
	writeSelections(&b, sels)
	return b.String()
}

func writeSelections(b *strings.Builder, sels ast.SelectionSet) {
	for i, sel := range sels {
		if i > 0 {
			b.WriteByte(' ')
		}
		var ds ast.DirectiveList
		var sub ast.SelectionSet
		switch x := sel.(type) {
		case *ast.Field:
			if x.Alias != "" && x.Alias != x.Name {
				b.WriteString(x.Alias + ": ")
			}
			b.WriteString(x.Name)
			writeArguments(b, x.Arguments)
			ds, sub = x.Directives, x.SelectionSet
		case *ast.InlineFragment:
			b.WriteString("...")
			if x.TypeCondition != "" {
				b.WriteString(" on " + x.TypeCondition)
			}
			ds, sub = x.Directives, x.SelectionSet
		case *ast.FragmentSpread:
			b.WriteString("..." + x.Name)
			ds = x.Directives
		}
		for _, d := range ds {
			b.WriteString(" " + FormatDirective(d))
		}
		if len(sub) > 0 {
			b.WriteString(" { ")
			writeSelections(b, sub)
			b.WriteString(" }")
		}
	}
}
