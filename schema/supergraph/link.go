package supergraph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Feature returns the last path segment of the link's URL before the version, and the version: "join", "v0.5".
func (l *Link) Feature() (name, version string) {
	rest, version := cutLast(strings.TrimRight(l.URL, "/"))
	_, name, found := strings.Cut(rest, "://")
	if !found {
		name = rest
	}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	return name, version
}

func cutLast(s string) (before, after string) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i+1:]
}

// Namespace is the prefix (without "__") of the elements of the linked specification that are not imported.
func (l *Link) Namespace() string {
	if l.As != "" {
		return l.As
	}
	name, _ := l.Feature()
	return name
}

// Own says whether the link is of one of federation's own specifications, given by name.
func (l *Link) own(feature string) bool {
	name, _ := l.Feature()
	return name == feature && strings.HasPrefix(l.URL, "https://specs.apollo.dev/")
}

// DirectiveName returns the name under which the supergraph knows a directive of one of federation's own specifications, as
// in DirectiveName("cost", "listSize"). The name has no "@"; ok is false if the specification is not linked.
func (s *Schema) DirectiveName(feature, directive string) (name string, ok bool) {
	for _, l := range s.Links {
		if l.own(feature) {
			return l.DirectiveName(directive), true
		}
	}
	return "", false
}

// DirectiveName returns the name of a directive of the linked specification: as imported, else the specification's own name for
// its main directive, else prefixed.
func (l *Link) DirectiveName(directive string) string {
	for _, i := range l.Imports {
		if i.Name != "@"+directive {
			continue
		}
		if i.As != "" {
			return strings.TrimPrefix(i.As, "@")
		}
		return directive
	}
	if name, _ := l.Feature(); name == directive {
		return l.Namespace()
	}
	return l.Namespace() + "__" + directive
}

// machineryNames lists the directives that come from linked specifications: they are not part of the API.
func (s *Schema) machineryNames() map[string]bool {
	out := map[string]bool{"link": true}
	for _, l := range s.Links {
		if name, _ := l.Feature(); name == "specified" {
			continue
		}
		out[l.Namespace()] = true
		for _, i := range l.Imports {
			n := i.Name
			if i.As != "" {
				n = i.As
			}
			if d, ok := strings.CutPrefix(n, "@"); ok {
				out[d] = true
			}
		}
		for _, d := range s.Directives {
			if strings.HasPrefix(d.Name, l.Namespace()+"__") {
				out[d.Name] = true
			}
		}
	}
	return out
}

func (l *Link) directive() *ast.Directive {
	d := &ast.Directive{Name: "link"}
	d.Arguments = append(d.Arguments, argument("url", stringValue(l.URL)))
	if l.As != "" {
		d.Arguments = append(d.Arguments, argument("as", stringValue(l.As)))
	}
	if l.For != "" {
		d.Arguments = append(d.Arguments, argument("for", enumValue(l.For)))
	}
	if len(l.Imports) > 0 {
		list := &ast.Value{Kind: ast.ListValue}
		for _, i := range l.Imports {
			v := stringValue(i.Name)
			if i.As != "" {
				v = &ast.Value{Kind: ast.ObjectValue, Children: ast.ChildValueList{
					{Name: "name", Value: stringValue(i.Name)}, {Name: "as", Value: stringValue(i.As)},
				}}
			}
			list.Children = append(list.Children, &ast.ChildValue{Value: v})
		}
		d.Arguments = append(d.Arguments, argument("import", list))
	}
	return d
}
