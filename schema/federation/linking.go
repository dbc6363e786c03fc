package federation

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// links reads the @link applications of the schema.
func (r *reader) links() {
	s := r.s
	for _, d := range append(append(ast.SchemaDefinitionList{}, s.document.Schema...), s.document.SchemaExtension...) {
		if s.SchemaPosition == nil {
			s.SchemaPosition = d.Position
		}
		if d.Description != "" {
			s.SchemaDescription = d.Description
		}
		s.Schema = append(s.Schema, d.Directives...)
	}
	kept := s.Schema[:0:0]
	seen := make(map[string]bool)
	alone := len(s.Schema.ForNames("link")) == 1
	for _, d := range s.Schema {
		if d.Name != "link" {
			kept = append(kept, d)
			continue
		}
		s.linked = append(s.linked, d)
		l := r.link(d, alone)
		if l == nil {
			continue
		}
		if seen[l.Identity] {
			r.report(InvalidLinkDirectiveUsage, "", d.Position, "Cannot link the feature %q again: link it once with all its imports.", l.Identity)
			continue
		}
		seen[l.Identity] = true
		s.Links = append(s.Links, l)
	}
	s.Schema = kept
	r.checkLinks()
	r.firstWrongLink()
}

// firstWrongLink keeps the errors of the first @link that has any, since the ones
// behind it are not read then: but unknown versions only if there is nothing else.
// A schema that links the link specification itself has all its links read.
func (r *reader) firstWrongLink() {
	versions := func(d Diagnostic) bool {
		return d.Code == UnknownFederationLinkVersion || d.Code == UnknownLinkVersion
	}
	if r.linksItself() || !slices.ContainsFunc(r.errors, func(d Diagnostic) bool { return !versions(d) }) {
		return
	}
	r.errors = slices.DeleteFunc(r.errors, versions)
	first := len(r.s.linked)
	for _, d := range r.errors {
		first = min(first, r.linkAt(d))
	}
	r.errors = slices.DeleteFunc(r.errors, func(d Diagnostic) bool { return r.linkAt(d) != first })
}

// linkAt is the index of the @link that an error is in: the last one that begins
// before it.
func (r *reader) linkAt(d Diagnostic) int {
	found, at := 0, Location{}
	for i, l := range r.s.linked {
		start := Location{Line: l.Position.Line, Column: l.Position.Column}
		if len(d.Locations) > 0 && !before(d.Locations[0], start) && !before(start, at) {
			found, at = i, start
		}
	}
	return found
}

func before(a, b Location) bool { return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column }

// linksItself reports whether the link specification is among the links.
func (r *reader) linksItself() bool {
	return slices.ContainsFunc(r.s.Links, func(l *Link) bool { return l.Identity == LinkIdentity })
}

func (r *reader) link(d *ast.Directive, alone bool) *Link {
	url := Argument(d, "url")
	if url == nil || url.Kind != ast.StringValue && url.Kind != ast.BlockValue {
		return nil
	}
	identity, name, version, problem := parseFeatureURL(url.Raw, alone)
	if problem != nil {
		r.report(problem.code, "", d.Position, "Invalid @link: %s.", problem.text)
		return nil
	}
	l := &Link{
		Identity: identity, Name: name, Version: version, URL: url.Raw, As: name,
		Pos: d.Position,
	}
	if as := StringArgument(d, "as"); as != "" {
		l.As = as
	}
	if v := Argument(d, "for"); v != nil {
		l.For = v.Raw
	}
	r.imports(l, d)
	return l
}

func (r *reader) imports(l *Link, d *ast.Directive) {
	list := Argument(d, "import")
	if list == nil {
		return
	}
	values := list.Children
	if list.Kind != ast.ListValue {
		values = ast.ChildValueList{{Value: list}}
	}
	for _, c := range values {
		i, ok := readImport(c.Value)
		if !ok {
			r.report(InvalidLinkDirectiveUsage, "", c.Value.Position, "Invalid import %s in the @link of %q: write \"@name\", \"Type\" or {name: \"@name\", as: \"@other\"}.", c.Value.String(), l.URL)
			continue
		}
		if strings.HasPrefix(i.Name, "@") != strings.HasPrefix(i.As, "@") {
			r.report(InvalidLinkDirectiveUsage, "", c.Value.Position, "Invalid import of %q as %q in the @link of %q: either both names start with \"@\" or none.", i.Name, i.As, l.URL)
			continue
		}
		l.Imports = append(l.Imports, i)
	}
}

func readImport(v *ast.Value) (Import, bool) {
	switch v.Kind {
	case ast.StringValue, ast.BlockValue:
		return Import{Name: v.Raw, As: v.Raw, Pos: v.Position}, validName(strings.TrimPrefix(v.Raw, "@"))
	case ast.ObjectValue:
		i, named := Import{Pos: v.Position}, false
		for _, c := range v.Children {
			if c.Value.Kind != ast.StringValue {
				return i, false
			}
			switch c.Name {
			case "name":
				i.Name = c.Value.Raw
			case "as":
				i.As, named = c.Value.Raw, true
			default:
				return i, false
			}
		}
		if !named {
			i.As = i.Name
		}
		return i, validName(strings.TrimPrefix(i.Name, "@")) && validName(strings.TrimPrefix(i.As, "@"))
	}
	return Import{}, false
}

// checkLinks checks versions, names and the imports of federation's elements,
// and finds the federation feature.
func (r *reader) checkLinks() {
	s := r.s
	s.Version = Fed1
	for _, l := range s.Links {
		switch l.Identity {
		case apolloPrefix + "connect":
			r.report(UnsupportedLinkedFeature, "", l.Pos, "The feature %q is not supported: connectors are an extension of one vendor; remove the @link and resolve the fields in the subgraph.", l.URL)
		case LinkIdentity:
			if (l.Version != (Version{1, 0}) || l.As != l.Name) && l != s.Links[0] {
				r.report(InvalidLinkDirectiveUsage, "", l.Pos, "The feature %q must be linked first, or not at all.", l.URL)
			} else if r.checkLinkImports(l) && l.Version != (Version{1, 0}) {
				r.report(UnknownLinkVersion, "", l.Pos, "Unknown version %s of the link specification; use v1.0.", l.Version)
			}
		case FederationIdentity:
			if !r.known(l.Version) {
				r.report(UnknownFederationLinkVersion, "", l.Pos, "Invalid version %s for the federation feature; versions %s to %s are known.", l.Version, oldest, r.newest)
				s.federation, s.Version = l, oldest
				continue
			}
			if r.checkFederationImports(l) {
				s.federation, s.Version = l, l.Version
			}
		}
		r.checkLinkName(l)
	}
	r.checkNameConflicts()
	r.checkStandalone()
}

// checkLinkImports checks what is imported from the link specification itself. The first @link of a schema brings in all of it under the
// usual names: one that follows can no longer rename them.
func (r *reader) checkLinkImports(l *Link) bool {
	if l.As != l.Name {
		return true // then it is not by @link that this schema links
	}
	for _, i := range l.Imports {
		switch {
		case i.Name != "@link" && i.Name != "Import" && i.Name != "Purpose":
			r.report(InvalidLinkDirectiveUsage, i.Name, i.Pos, "Cannot import the unknown element %q; %q has \"@link\", \"Import\" and \"Purpose\".", i.Name, l.URL)
		case l != r.s.Links[0] && i.As != "@link":
			r.report(InvalidLinkDirectiveUsage, i.Name, i.Pos, "Cannot import %q as %q: the @link before this one has already named it; remove the import.", i.Name, i.As)
		default:
			continue
		}
		r.badLink = true
	}
	return !r.badLink
}

// known reports whether subgraphs may link this version of federation.
func (r *reader) known(v Version) bool { return v.Known() && r.newest.AtLeast(v) }

// checkLinkName checks the prefix of a feature: "__" separates it from names.
func (r *reader) checkLinkName(l *Link) {
	if strings.Contains(l.As, "__") || strings.HasSuffix(l.As, "_") {
		r.report(InvalidLinkDirectiveUsage, "", l.Pos, "The feature %q cannot be called %q here, since the name contains \"__\" or ends in \"_\"; give it another name with \"as\".", l.URL, l.As)
	}
	if l.Identity == FederationIdentity && !validName(l.As) {
		r.report(InvalidGraphQL, "", l.Pos, "The feature %q cannot be called %q here: a name has letters, digits and underscores.", l.URL, l.As)
	}
}

// checkStandalone wants a directive to come from one feature: from federation or
// from its own.
func (r *reader) checkStandalone() {
	for _, l := range r.s.Links {
		f, ok := standalone()[l.Identity]
		if !ok {
			continue
		}
		element := f.element
		_, usable := r.s.alone(l)
		for _, i := range l.Imports {
			if usable && i.Name != "@"+element && i.Name != "@"+f.second && i.Name != f.scalar {
				r.report(InvalidLinkDirectiveUsage, i.Name, i.Pos, "Cannot import the unknown element %q; %q has no such element.", i.Name, l.URL)
			}
		}
		if r.s.federation == nil {
			continue
		}
		for _, i := range r.s.federation.Imports {
			if i.Name == "@"+element && i.As == "@"+l.directiveName(element) {
				r.report(InvalidLinkDirectiveUsage, i.Name, l.Pos, "%q is imported from federation and linked as %q; remove that @link.", i.Name, l.URL)
			}
		}
	}
}

// checkImportedOnce wants one name for an element.
func (r *reader) checkImportedOnce(l *Link) {
	as := make(map[string]string)
	for _, i := range l.Imports {
		if other, ok := as[i.Name]; ok && other != i.As {
			r.report(InvalidLinkDirectiveUsage, i.Name, i.Pos, "%q is imported from %q as %q and as %q; import it once.", i.Name, l.URL, other, i.As)
		}
		as[i.Name] = i.As
	}
}

// checkNameConflicts looks for two features or elements under one name.
func (r *reader) checkNameConflicts() {
	features, elements := make(map[string]*Link), make(map[string]string)
	for _, l := range r.s.Links {
		if other := features[l.As]; other != nil {
			r.report(InvalidLinkDirectiveUsage, "", l.Pos, "The feature %q cannot be called %q, since %q is already; give it another name with \"as\".", l.URL, l.As, other.URL)
		}
		features[l.As] = l
		r.checkImportedOnce(l)
		for _, i := range l.Imports {
			id := l.Identity + " " + i.Name
			if other, ok := elements[i.As]; ok && other != id {
				r.report(InvalidLinkDirectiveUsage, i.As, i.Pos, "%q cannot be imported as %q from %q, since another element already is; give it another name with \"as\".", i.Name, i.As, l.URL)
			}
			elements[i.As] = id
		}
	}
}

// validName reports whether s is a name in GraphQL.
func validName(s string) bool {
	if s == "" {
		return false
	}
	for i, c := range s {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (r *reader) checkFederationImports(l *Link) bool {
	before := len(r.errors)
	elements, types := fed2(), fed2Types()
	for _, i := range l.Imports {
		name, directive := strings.CutPrefix(i.Name, "@")
		if e, ok := elements[name]; directive && ok && l.Version.AtLeast(e.since) {
			continue
		}
		if v, ok := types[name]; !directive && ok && l.Version.AtLeast(v) {
			continue
		}
		r.report(InvalidLinkDirectiveUsage, i.Name, i.Pos, "Cannot import the unknown element %q%s.", i.Name, importAdvice(i.Name, l.Version))
	}
	return len(r.errors) == before
}

func importAdvice(name string, v Version) string {
	elements := fed2()
	if e, ok := elements[strings.TrimPrefix(name, "@")]; ok {
		if !strings.HasPrefix(name, "@") {
			return "; the directive is imported as \"@" + name + "\""
		}
		if !v.AtLeast(e.since) {
			return "; it exists from federation " + e.since.String() + " on, this subgraph links " + v.String()
		}
	}
	return "; federation " + v.String() + " has no such element"
}
