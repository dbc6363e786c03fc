package difftest

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/starlinghq/starling/schema/compose"
)

// smallerSchema leaves one thing out of the graph at a time: a type or a field
// everywhere, then in one subgraph, then directives, arguments, values. What
// leaned on it goes too, as far as that is plain. A candidate may not compose.
func smallerSchema(x example) iter.Seq[example] {
	return func(yield func(example) bool) {
		for _, cut := range cuts(x) {
			docs := parseAll(x.subgraphs)
			if docs == nil {
				return
			}
			cut(docs)
			c := x
			c.subgraphs = make([]compose.Subgraph, 0, len(docs))
			for i, doc := range docs {
				prune(doc)
				if sdl := printSDL(doc); definitions(sdl) > 0 {
					c.subgraphs = append(c.subgraphs, compose.Subgraph{Name: x.subgraphs[i].Name, SDL: sdl})
				}
			}
			if !yield(c) {
				return
			}
		}
	}
}

func parseAll(subgraphs []compose.Subgraph) []*ast.SchemaDocument {
	var docs []*ast.SchemaDocument
	for _, s := range subgraphs {
		doc, err := parser.ParseSchema(&ast.Source{Name: s.Name, Input: s.SDL})
		if err != nil {
			return nil
		}
		docs = append(docs, doc)
	}
	return docs
}

// cut leaves something out of documents that are parsed anew for it.
type cut func(docs []*ast.SchemaDocument)

// cuts are all that can be left out of an example, the large ones first.
func cuts(x example) []cut {
	docs := parseAll(x.subgraphs)
	var types, fields, parts []cut
	seen := make(map[string]bool)
	for i, doc := range docs {
		for _, d := range all(doc) {
			name := d.Name
			if !seen[name] {
				seen[name] = true
				types = append(types, func(docs []*ast.SchemaDocument) {
					for _, doc := range docs {
						dropType(doc, name)
					}
				})
			}
			parts = append(parts, func(docs []*ast.SchemaDocument) { dropType(docs[i], name) })
			for _, f := range d.Fields {
				field := f.Name
				if !seen[name+"."+field] {
					seen[name+"."+field] = true
					fields = append(fields, func(docs []*ast.SchemaDocument) {
						for _, doc := range docs {
							dropField(doc, name, field)
						}
					})
				}
				parts = append(parts, func(docs []*ast.SchemaDocument) { dropField(docs[i], name, field) })
				parts = append(parts, fieldCuts(i, name, f)...)
			}
			parts = append(parts, definitionCuts(i, d)...)
		}
	}
	return slices.Concat(types, fields, parts)
}

func fieldCuts(i int, typ string, f *ast.FieldDefinition) []cut {
	var out []cut
	at := func(edit func(*ast.FieldDefinition)) {
		out = append(out, func(docs []*ast.SchemaDocument) {
			for _, d := range named(docs[i], typ) {
				if f := d.Fields.ForName(f.Name); f != nil {
					edit(f)
				}
			}
		})
	}
	for n := range f.Directives {
		at(func(f *ast.FieldDefinition) { f.Directives = slices.Delete(f.Directives, n, n+1) })
	}
	for n := range f.Arguments {
		at(func(f *ast.FieldDefinition) { f.Arguments = slices.Delete(f.Arguments, n, n+1) })
	}
	if f.Type.NonNull {
		at(func(f *ast.FieldDefinition) { f.Type.NonNull = false })
	}
	if f.Type.Elem != nil {
		at(func(f *ast.FieldDefinition) { f.Type = f.Type.Elem })
	}
	return out
}

func definitionCuts(i int, d *ast.Definition) []cut {
	var out []cut
	at := func(edit func(*ast.Definition)) {
		out = append(out, func(docs []*ast.SchemaDocument) {
			for _, d := range named(docs[i], d.Name) {
				edit(d)
			}
		})
	}
	for n := range d.Directives {
		at(func(d *ast.Definition) {
			if n < len(d.Directives) {
				d.Directives = slices.Delete(d.Directives, n, n+1)
			}
		})
	}
	for _, name := range d.Interfaces {
		at(func(d *ast.Definition) {
			d.Interfaces = slices.DeleteFunc(d.Interfaces, func(s string) bool { return s == name })
		})
	}
	for _, name := range d.Types {
		at(func(d *ast.Definition) {
			d.Types = slices.DeleteFunc(d.Types, func(s string) bool { return s == name })
		})
	}
	for _, v := range d.EnumValues {
		at(func(d *ast.Definition) {
			d.EnumValues = slices.DeleteFunc(d.EnumValues, func(x *ast.EnumValueDefinition) bool { return x.Name == v.Name })
		})
	}
	return out
}

// all are the definitions and extensions of a document.
func all(doc *ast.SchemaDocument) ast.DefinitionList {
	return slices.Concat(doc.Definitions, doc.Extensions)
}

func named(doc *ast.SchemaDocument, name string) ast.DefinitionList {
	return slices.DeleteFunc(all(doc), func(d *ast.Definition) bool { return d.Name != name })
}

func dropType(doc *ast.SchemaDocument, name string) {
	is := func(d *ast.Definition) bool { return d.Name == name }
	doc.Definitions = slices.DeleteFunc(doc.Definitions, is)
	doc.Extensions = slices.DeleteFunc(doc.Extensions, is)
	for _, d := range all(doc) {
		d.Interfaces = slices.DeleteFunc(d.Interfaces, func(s string) bool { return s == name })
		d.Types = slices.DeleteFunc(d.Types, func(s string) bool { return s == name })
		var gone []string
		for _, f := range d.Fields {
			if f.Type.Name() == name {
				gone = append(gone, f.Name)
			}
		}
		for _, f := range gone {
			dropField(doc, d.Name, f)
		}
	}
}

// dropField also drops the directives whose field set mentions the field. It
// goes by the name alone.
func dropField(doc *ast.SchemaDocument, typ, field string) {
	for _, d := range named(doc, typ) {
		d.Fields = slices.DeleteFunc(d.Fields, func(f *ast.FieldDefinition) bool { return f.Name == field })
	}
	word := regexp.MustCompile(`\b` + field + `\b`)
	mentions := func(x *ast.Directive) bool {
		a := x.Arguments.ForName("fields")
		return a != nil && word.MatchString(a.Value.Raw)
	}
	for _, d := range all(doc) {
		if d.Name == typ {
			d.Directives = slices.DeleteFunc(d.Directives, mentions)
		}
		for _, f := range d.Fields {
			if d.Name == typ || f.Type.Name() == typ {
				f.Directives = slices.DeleteFunc(f.Directives, mentions)
			}
		}
	}
}

// prune removes what nothing can want any more: types without fields, external
// fields that no field set mentions, types that nothing refers to.
func prune(doc *ast.SchemaDocument) {
	for changed := true; changed; {
		changed = false
		used := fieldSetWords(doc)
		for _, d := range all(doc) {
			n := len(d.Fields)
			d.Fields = slices.DeleteFunc(d.Fields, func(f *ast.FieldDefinition) bool {
				return f.Directives.ForName("external") != nil && !used[f.Name]
			})
			changed = changed || len(d.Fields) < n
			if empty(d) {
				dropType(doc, d.Name)
				changed = true
			}
		}
		changed = dropUnreferenced(doc) || changed
	}
}

func empty(d *ast.Definition) bool {
	switch d.Kind {
	case ast.Object, ast.Interface, ast.InputObject:
		return len(d.Fields) == 0
	case ast.Union:
		return len(d.Types) == 0
	case ast.Enum:
		return len(d.EnumValues) == 0
	}
	return false
}

func fieldSetWords(doc *ast.SchemaDocument) map[string]bool {
	out := make(map[string]bool)
	add := func(list ast.DirectiveList) {
		for _, x := range list {
			if a := x.Arguments.ForName("fields"); a != nil {
				for _, w := range strings.FieldsFunc(a.Value.Raw, func(r rune) bool { return strings.ContainsRune(" {}():,\"", r) }) {
					out[w] = true
				}
			}
		}
	}
	for _, d := range all(doc) {
		add(d.Directives)
		for _, f := range d.Fields {
			add(f.Directives)
		}
	}
	return out
}

// dropUnreferenced drops types without a key that no other names.
func dropUnreferenced(doc *ast.SchemaDocument) bool {
	refers := make(map[string]bool)
	for _, d := range all(doc) {
		for _, name := range slices.Concat(d.Interfaces, d.Types) {
			refers[name] = true
		}
		for _, f := range d.Fields {
			if f.Type.Name() != d.Name {
				refers[f.Type.Name()] = true
			}
			for _, a := range f.Arguments {
				refers[a.Type.Name()] = true
			}
		}
	}
	for _, d := range all(doc) {
		root := d.Name == "Query" || d.Name == "Mutation" || d.Name == "Subscription"
		if root || refers[d.Name] || d.Directives.ForName("key") != nil || len(d.Interfaces) > 0 {
			continue
		}
		dropType(doc, d.Name)
		return true
	}
	return false
}

func printSDL(doc *ast.SchemaDocument) string {
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchemaDocument(doc)
	return b.String()
}

// definitions counts what an SDL defines: types, fields, values, members.
func definitions(sdl string) int {
	doc, err := parser.ParseSchema(&ast.Source{Input: sdl})
	if err != nil {
		return 0
	}
	n := 0
	for _, d := range all(doc) {
		n += 1 + len(d.Fields) + len(d.EnumValues) + len(d.Types)
	}
	return n
}
