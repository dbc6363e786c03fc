package federation

import (
	"net/url"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Identities of the features that composition treats specially.
const (
	LinkIdentity       = "https://specs.apollo.dev/link"
	CoreIdentity       = "https://specs.apollo.dev/core"
	FederationIdentity = "https://specs.apollo.dev/federation"
	apolloPrefix       = "https://specs.apollo.dev/"
)

// Link is one @link of a subgraph: a feature and the names its elements have
// in the document.
type Link struct {
	Identity string // the url without its version
	Name     string // last path segment, the default prefix
	Version  Version
	As       string // the prefix used in this document
	For      string
	URL      string
	Imports  []Import
	Pos      *ast.Position
}

// Import is an element of a feature brought in under a name of its own. Both
// names carry their "@" when they name a directive.
type Import struct {
	Name, As string
	Pos      *ast.Position
}

// FullURL is the feature's url, written in canonical form.
func (l *Link) FullURL() string { return l.Identity + "/" + l.Version.String() }

// directiveName is the name (without @) that the feature's directive has in
// this document.
func (l *Link) directiveName(element string) string {
	for _, i := range l.Imports {
		if i.Name == "@"+element {
			return strings.TrimPrefix(i.As, "@")
		}
	}
	if element == l.Name {
		return l.As
	}
	return l.As + "__" + element
}

// typeName is the name that the feature's type has in this document.
func (l *Link) typeName(element string) string {
	for _, i := range l.Imports {
		if i.Name == element {
			return i.As
		}
	}
	return l.As + "__" + element
}

// owns reports whether a name of the document (without @ for directives)
// belongs to this feature, and which element it is.
func (l *Link) owns(name string, directive bool) (element string, ok bool) {
	at := ""
	if directive {
		at = "@"
	}
	for _, i := range l.Imports {
		if i.As == at+name {
			return strings.TrimPrefix(i.Name, "@"), true
		}
	}
	if rest, found := strings.CutPrefix(name, l.As+"__"); found {
		return rest, true
	}
	if directive && name == l.As {
		return l.Name, true
	}
	return "", false
}

// linkProblem is why a url is no feature url; code says how it is reported.
type linkProblem struct {
	code Code
	text string
}

// parseFeatureURL splits "https://specs.apollo.dev/federation/v2.9". A url of one
// segment may go without version if lenient.
func parseFeatureURL(raw string, lenient bool) (identity, name string, v Version, problem *linkProblem) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" {
		return "", "", v, &linkProblem{InvalidLinkIdentifier, "\"" + raw + "\" is not a url; write something like \"https://specs.example.com/name/v1.0\""}
	}
	path := strings.Trim(u.Path, "/")
	if path == "" {
		return "", "", v, &linkProblem{InvalidLinkIdentifier, "the url \"" + raw + "\" has no path; it must end in a name and a version like \"/name/v1.0\""}
	}
	parts := strings.Split(path, "/")
	if len(parts) == 1 && lenient {
		u.RawQuery, u.Fragment = "", ""
		return u.String(), path, v, nil
	}
	last := parts[len(parts)-1]
	v, ok := ParseVersion(last)
	if !ok {
		return "", "", v, &linkProblem{InvalidLinkIdentifier, "the url \"" + raw + "\" must end in a version like \"v1.2\", but ends in \"" + last + "\""}
	}
	if len(parts) == 1 {
		return "", "", v, &linkProblem{InvalidLinkIdentifier, "the url \"" + raw + "\" has no name before its version"}
	}
	parts = parts[:len(parts)-1]
	name = parts[len(parts)-1]
	u.Path, u.RawQuery, u.Fragment = "/"+strings.Join(parts, "/"), "", ""
	return u.String(), name, v, nil
}
