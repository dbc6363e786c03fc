package federation

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// define adds the definitions of the specifications that the document leaves
// out and checks those that it repeats.
func (r *reader) define() {
	s := r.s
	s.Directives = make(map[string]*ast.DirectiveDefinition)
	for _, d := range s.document.Directives {
		s.Directives[d.Name] = d
	}
	for n, sdl := range builtinDirectives() {
		if s.Directives[n] == nil {
			s.Directives[n] = define(n, sdl, nil)
		}
	}
	s.provided["link__Import"], s.provided["link__Purpose"] = true, true
	if s.Directives["link"] == nil && len(s.Links) > 0 {
		s.Directives["link"] = define("link", linkDefinition, nil)
	}
	if s.federation == nil {
		r.defineFed1()
	}
	r.defineFed2()
	for n := range s.provided {
		if s.Types[n] == nil {
			r.addScalar(n)
		}
	}
}

func (r *reader) addScalar(name string) {
	t := &Type{Kind: ast.Scalar, Name: name, HasBase: true, byName: make(map[string]*Field)}
	r.s.Types[name] = t
	r.s.Order = append(r.s.Order, name)
}

func (r *reader) defineFed1() {
	r.s.provided["_FieldSet"] = true
	for n, sdl := range fed1() {
		r.expect(n, define(n, sdl, nil))
	}
}

// defineFed2 defines the directives of a federation 2 link, and of the
// specifications linked on their own.
func (r *reader) defineFed2() {
	s := r.s
	l := s.federation
	version := newest
	typeName := func(t string) string { return "federation__" + t }
	if l != nil {
		version, typeName = l.Version, l.typeName
		for t, since := range fed2Types() {
			if version.AtLeast(since) {
				s.provided[typeName(t)] = true
			}
		}
	}
	elements := fed2()
	for name, element := range s.meaning {
		if l == nil {
			if _, ok := fed1()[element]; ok {
				continue
			}
		}
		r.expect(name, define(name, elements[element].sdl(version), typeName))
	}
}

// expect adds the definition of a specification's directive, or compares it
// with the one in the document.
func (r *reader) expect(name string, want *ast.DirectiveDefinition) {
	have := r.s.Directives[name]
	if have == nil {
		r.s.Directives[name] = want
		return
	}
}
