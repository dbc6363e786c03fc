package supergraph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// FormatValue prints a value on one line, lists and objects with a space after each comma.
func FormatValue(v *ast.Value) string {
	var b strings.Builder
	writeValue(&b, v)
	return b.String()
}

func writeValue(b *strings.Builder, v *ast.Value) {
	switch v.Kind {
	case ast.ListValue:
		b.WriteByte('[')
		for i, c := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			writeValue(b, c.Value)
		}
		b.WriteByte(']')
	case ast.ObjectValue:
		b.WriteByte('{')
		for i, c := range v.Children {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(c.Name + ": ")
			writeValue(b, c.Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString(v.String())
	}
}

// FormatDirective prints an applied directive on one line, with its "@".
func FormatDirective(d *ast.Directive) string {
	var b strings.Builder
	b.WriteString("@" + d.Name)
	writeArguments(&b, d.Arguments)
	return b.String()
}

func writeArguments(b *strings.Builder, args ast.ArgumentList) {
	for i, a := range args {
		if i == 0 {
			b.WriteByte('(')
		} else {
			b.WriteString(", ")
		}
		b.WriteString(a.Name + ": ")
		writeValue(b, a.Value)
	}
	if len(args) > 0 {
		b.WriteByte(')')
	}
}

// FormatString prints a GraphQL string literal.
func FormatString(s string) string {
	return (&ast.Value{Kind: ast.StringValue, Raw: s}).String()
}

// formatDescription prints a description as a block string, or as a plain string where a block string would not read back the same.
func formatDescription(s, indent string) string {
	if !fitsBlock(s) {
		return indent + FormatString(s) + "\n"
	}
	escaped := strings.ReplaceAll(s, `"""`, `\"""`)
	if !strings.Contains(s, "\n") && len(s) < 70 && !strings.HasSuffix(s, `"`) && !strings.HasSuffix(s, `\`) {
		return indent + `"""` + escaped + `"""` + "\n"
	}
	var b strings.Builder
	b.WriteString(indent + `"""` + "\n")
	for line := range strings.SplitSeq(escaped, "\n") {
		if line != "" {
			b.WriteString(indent + line)
		}
		b.WriteByte('\n')
	}
	b.WriteString(indent + `"""` + "\n")
	return b.String()
}

// fitsBlock says whether a block string can carry the text: its reader strips common indentation and blank lines at both ends.
func fitsBlock(s string) bool {
	lines := strings.Split(s, "\n")
	blank := func(l string) bool { return strings.Trim(l, " \t") == "" }
	if blank(lines[0]) || blank(lines[len(lines)-1]) {
		return false
	}
	indented := true
	for _, l := range lines {
		if l != "" && blank(l) {
			return false
		}
		if l != "" && l[0] != ' ' && l[0] != '\t' {
			indented = false
		}
	}
	if indented {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r == '\uFFFD' || r == '\uFEFF'
	})
}
