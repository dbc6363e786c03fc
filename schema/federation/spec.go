package federation

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Names of the directives of the federation specification.
const (
	Key              = "key"
	Requires         = "requires"
	Provides         = "provides"
	External         = "external"
	Extends          = "extends"
	Shareable        = "shareable"
	Override         = "override"
	Tag              = "tag"
	Inaccessible     = "inaccessible"
	ComposeDirective = "composeDirective"
	InterfaceObject  = "interfaceObject"
	Authenticated    = "authenticated"
	RequiresScopes   = "requiresScopes"
	Policy           = "policy"
	Context          = "context"
	FromContext      = "fromContext"
	Cost             = "cost"
	ListSize         = "listSize"
	CacheTag         = "cacheTag"
)

// element is a directive of the specification: its first version and its
// definition, in which FieldSet, Scope and the like stand for the feature's own
// types under whatever name the document gives them.
type element struct {
	since Version
	sdl   func(v Version) string
}

func fixed(sdl string) func(Version) string { return func(Version) string { return sdl } }

const (
	anywhere  = "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
	authPlace = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
)

// fed2 returns the directives of federation 2, by element name.
func fed2() map[string]element {
	return map[string]element{
		Key:      {Version{2, 0}, fixed("(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE")},
		Requires: {Version{2, 0}, fixed("(fields: FieldSet!) on FIELD_DEFINITION")},
		Provides: {Version{2, 0}, fixed("(fields: FieldSet!) on FIELD_DEFINITION")},
		External: {Version{2, 0}, fixed("(reason: String) on OBJECT | FIELD_DEFINITION")},
		Extends:  {Version{2, 0}, fixed("on OBJECT | INTERFACE")},
		Tag: {Version{2, 0}, func(v Version) string {
			if v.AtLeast(Version{2, 3}) {
				return "(name: String!) repeatable on " + anywhere + " | SCHEMA"
			}
			return "(name: String!) repeatable on " + anywhere
		}},
		Inaccessible: {Version{2, 0}, fixed("on " + anywhere)},
		Shareable: {Version{2, 0}, func(v Version) string {
			if v.AtLeast(Version{2, 2}) {
				return "repeatable on OBJECT | FIELD_DEFINITION"
			}
			return "on OBJECT | FIELD_DEFINITION"
		}},
		Override: {Version{2, 0}, func(v Version) string {
			if v.AtLeast(Version{2, 7}) {
				return "(from: String!, label: String) on FIELD_DEFINITION"
			}
			return "(from: String!) on FIELD_DEFINITION"
		}},
		ComposeDirective: {Version{2, 1}, fixed("(name: String) repeatable on SCHEMA")},
		InterfaceObject:  {Version{2, 3}, fixed("on OBJECT")},
		Authenticated:    {Version{2, 5}, fixed("on " + authPlace)},
		RequiresScopes:   {Version{2, 5}, fixed("(scopes: [[Scope!]!]!) on " + authPlace)},
		Policy:           {Version{2, 6}, fixed("(policies: [[Policy!]!]!) on " + authPlace)},
		Context:          {Version{2, 8}, fixed("(name: String!) repeatable on INTERFACE | OBJECT | UNION")},
		FromContext:      {Version{2, 8}, fixed("(field: ContextFieldValue) on ARGUMENT_DEFINITION")},
		Cost:             {Version{2, 9}, fixed("(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR")},
		ListSize:         {Version{2, 9}, fixed("(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION")},
		CacheTag:         {Version{2, 12}, fixed("(format: String!) repeatable on OBJECT | FIELD_DEFINITION")},
	}
}

// fed2Types are the scalar types of the specification and their first version.
func fed2Types() map[string]Version {
	return map[string]Version{
		"FieldSet": {2, 0}, "Scope": {2, 5}, "Policy": {2, 6}, "ContextFieldValue": {2, 8},
	}
}

// fed1 returns the directives that a subgraph without a federation @link has.
func fed1() map[string]string {
	return map[string]string{
		Key:      "(fields: _FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE",
		Requires: "(fields: _FieldSet!) on FIELD_DEFINITION",
		Provides: "(fields: _FieldSet!) on FIELD_DEFINITION",
		External: "(reason: String) on OBJECT | FIELD_DEFINITION",
		Extends:  "on OBJECT | INTERFACE",
		Tag:      "(name: String!) repeatable on " + anywhere,
	}
}

// feature is a specification that subgraphs may also link on its own: the directive
// it holds, its newest version, the federation version that brought it, and whether
// federation 1 subgraphs may use it.
type feature struct {
	element        string
	newest, since  Version
	inFederation1  bool
	scalar, second string // its scalar type and its second directive
}

// standalone maps the identities of such features to what they hold.
func standalone() map[string]feature {
	return map[string]feature{
		apolloPrefix + "tag":            {Tag, Version{0, 3}, Version{2, 0}, true, "", ""},
		apolloPrefix + "inaccessible":   {Inaccessible, Version{0, 2}, Version{2, 0}, true, "", ""},
		apolloPrefix + "authenticated":  {Authenticated, Version{0, 1}, Version{2, 5}, false, "", ""},
		apolloPrefix + "requiresScopes": {RequiresScopes, Version{0, 1}, Version{2, 5}, false, "Scope", ""},
		apolloPrefix + "policy":         {Policy, Version{0, 1}, Version{2, 6}, false, "Policy", ""},
		apolloPrefix + "context":        {Context, Version{0, 1}, Version{2, 8}, false, "ContextFieldValue", FromContext},
		apolloPrefix + "cost":           {Cost, Version{0, 1}, Version{2, 9}, false, "", ListSize},
	}
}

// alone returns the feature that a link brings on its own; ok is false if it brings
// none that this subgraph can use.
func (s *Subgraph) alone(l *Link) (f feature, ok bool) {
	f, ok = standalone()[l.Identity]
	if s.federation == nil && !f.inFederation1 {
		return f, false
	}
	return f, ok && l.Version.AtLeast(Version{0, 1}) && f.newest.AtLeast(l.Version)
}

// define parses a directive definition with the feature's types renamed.
func define(name, rest string, typeName func(string) string) *ast.DirectiveDefinition {
	for t := range fed2Types() {
		if typeName == nil {
			break
		}
		for _, end := range []string{"!", ")"} {
			rest = strings.ReplaceAll(rest, " "+t+end, " "+typeName(t)+end)
			rest = strings.ReplaceAll(rest, "["+t+end, "["+typeName(t)+end)
		}
	}
	doc, err := parser.ParseSchema(&ast.Source{Input: "directive @" + name + rest1(rest)})
	if err != nil || len(doc.Directives) != 1 {
		return nil
	}
	def := doc.Directives[0]
	def.Position = nil
	return def
}

func rest1(rest string) string {
	if strings.HasPrefix(rest, "(") {
		return rest
	}
	return " " + rest
}

const linkDefinition = "(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA"

// builtinDirectives are the directives of GraphQL itself.
func builtinDirectives() map[string]string {
	return map[string]string{
		"deprecated":  `(reason: String = "No longer supported") on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE`,
		"specifiedBy": "(url: String!) on SCALAR",
		"skip":        "(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT",
		"include":     "(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT",
	}
}

// isBuiltinScalar reports whether name is one of GraphQL's own scalars.
func isBuiltinScalar(name string) bool {
	switch name {
	case "Int", "Float", "String", "Boolean", "ID":
		return true
	}
	return false
}

// Define returns the definition of a directive of the specification as a
// supergraph carries it, under the given name and with its types renamed.
func Define(name, directive string, typeName func(string) string) *ast.DirectiveDefinition {
	return define(name, fed2()[directive].sdl(Newest), typeName)
}
