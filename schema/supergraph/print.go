package supergraph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Print prints a schema document as SDL, definitions in the order of the document: schema, directives, types. A definition without
// fields, members or values prints without a body. Extensions are not printed.
func Print(doc *ast.SchemaDocument) string { return render(doc, false) }

func render(doc *ast.SchemaDocument, inline bool) string {
	p := &printer{inline: inline}
	for _, s := range doc.Schema {
		p.schema(s)
	}
	for _, d := range doc.Directives {
		p.directiveDefinition(d)
	}
	for _, d := range doc.Definitions {
		p.definition(d)
	}
	return p.b.String()
}

// printer writes the directives of a type one a line, or all on the line of its name if inline.
type printer struct {
	b      strings.Builder
	inline bool
}

func (p *printer) write(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

// gap separates definitions by an empty line.
func (p *printer) gap() {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
}

func (p *printer) description(s, indent string) {
	if s != "" {
		p.write(formatDescription(s, indent))
	}
}

func (p *printer) schema(s *ast.SchemaDefinition) {
	p.gap()
	p.description(s.Description, "")
	p.write("schema")
	p.typeDirectives(s.Directives)
	p.openBody(s.Directives)
	for _, o := range s.OperationTypes {
		p.write("  ", string(o.Operation), ": ", o.Type, "\n")
	}
	p.write("}\n")
}

func (p *printer) directiveDefinition(d *ast.DirectiveDefinition) {
	p.gap()
	p.description(d.Description, "")
	p.write("directive @", d.Name)
	p.argumentDefinitions(d.Arguments, "")
	if d.IsRepeatable {
		p.write(" repeatable")
	}
	for i, l := range d.Locations {
		if i == 0 {
			p.write(" on ")
		} else {
			p.write(" | ")
		}
		p.write(string(l))
	}
	p.write("\n")
}

var keywords = map[ast.DefinitionKind]string{
	ast.Scalar: "scalar", ast.Object: "type", ast.Interface: "interface", ast.Union: "union", ast.Enum: "enum", ast.InputObject: "input",
}

func (p *printer) definition(d *ast.Definition) {
	p.gap()
	p.description(d.Description, "")
	p.write(keywords[d.Kind], " ", d.Name)
	if len(d.Interfaces) > 0 {
		p.write(" implements ", strings.Join(d.Interfaces, " & "))
	}
	p.typeDirectives(d.Directives)
	switch {
	case len(d.Types) > 0:
		if len(d.Directives) > 0 && !p.inline {
			p.write("\n ")
		}
		p.write(" = ", strings.Join(d.Types, " | "), "\n")
	case len(d.Fields) > 0:
		p.openBody(d.Directives)
		p.fields(d.Fields)
		p.write("}\n")
	case len(d.EnumValues) > 0:
		p.openBody(d.Directives)
		p.values(d.EnumValues)
		p.write("}\n")
	default:
		p.write("\n")
	}
}

func (p *printer) openBody(ds ast.DirectiveList) {
	if len(ds) > 0 && !p.inline {
		p.write("\n{\n")
		return
	}
	p.write(" {\n")
}

func (p *printer) fields(fields ast.FieldList) {
	for i, f := range fields {
		if f.Description != "" && i > 0 {
			p.write("\n")
		}
		p.description(f.Description, "  ")
		p.write("  ", f.Name)
		p.argumentDefinitions(f.Arguments, "  ")
		p.write(": ", f.Type.String())
		p.defaultValue(f.DefaultValue)
		p.directives(f.Directives)
		p.write("\n")
	}
}

func (p *printer) values(values ast.EnumValueList) {
	for i, v := range values {
		if v.Description != "" && i > 0 {
			p.write("\n")
		}
		p.description(v.Description, "  ")
		p.write("  ", v.Name)
		p.directives(v.Directives)
		p.write("\n")
	}
}

// argumentDefinitions prints arguments on one line, or one a line if any has a description.
func (p *printer) argumentDefinitions(args ast.ArgumentDefinitionList, indent string) {
	if len(args) == 0 {
		return
	}
	described := false
	for _, a := range args {
		described = described || a.Description != ""
	}
	p.write("(")
	for i, a := range args {
		switch {
		case described:
			p.write("\n")
			p.description(a.Description, indent+"  ")
			p.write(indent, "  ")
		case i > 0:
			p.write(", ")
		}
		p.write(a.Name, ": ", a.Type.String())
		p.defaultValue(a.DefaultValue)
		p.directives(a.Directives)
	}
	if described {
		p.write("\n", indent)
	}
	p.write(")")
}

func (p *printer) defaultValue(v *ast.Value) {
	if v != nil {
		p.write(" = ", FormatValue(v))
	}
}

func (p *printer) directives(ds ast.DirectiveList) {
	for _, d := range ds {
		p.write(" ", FormatDirective(d))
	}
}

func (p *printer) typeDirectives(ds ast.DirectiveList) {
	separator := "\n  "
	if p.inline {
		separator = " "
	}
	for _, d := range ds {
		p.write(separator, FormatDirective(d))
	}
}
