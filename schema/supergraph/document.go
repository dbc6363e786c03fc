package supergraph

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Document is the content of a supergraph, before it is checked and indexed by New.
type Document struct {
	Description string
	// Subgraphs are the values of join__Graph.
	Subgraphs []*Subgraph
	// Links are the @link applications of the schema, in order.
	Links []*Link
	// SchemaDirectives are the other directives applied to the schema.
	SchemaDirectives ast.DirectiveList
	// Query, Mutation and Subscription name the root types; empty where there is none.
	Query, Mutation, Subscription string
	// Types are all types, those of the join and link specifications included, join__Graph excepted.
	Types []*Type
	// Directives are all directive definitions, those of the join and link specifications included.
	Directives []*ast.DirectiveDefinition
}

// Subgraph is one value of join__Graph.
type Subgraph struct {
	// Value is the enum value, Name the subgraph's own name. URL may be empty.
	Value, Name, URL string
	// Index is the position in Schema.Subgraphs, set by New.
	Index int
}

// Link is one @link on the schema. For is SECURITY, EXECUTION or empty.
type Link struct {
	URL, As, For string
	Imports      []Import
}

// Import is one imported element of a @link: a type, or a directive with its "@". As is empty if it keeps its name.
type Import struct{ Name, As string }

// Type is a type of the supergraph. Which slices are used depends on its Kind.
type Type struct {
	Kind        ast.DefinitionKind
	Name        string
	Description string
	// Directives are the applied directives but join__type, join__implements and join__unionMember.
	Directives ast.DirectiveList
	// Joins are the join__type applications; a type has several in one graph if it has several keys there. A type without any
	// belongs to the machinery of a specification and to no subgraph.
	Joins []TypeJoin

	Fields     []*Field // OBJECT, INTERFACE, INPUT_OBJECT
	Interfaces []string // OBJECT, INTERFACE
	// InterfaceJoins say in which graph the type implements what.
	InterfaceJoins []InterfaceJoin
	Members        []string // UNION
	MemberJoins    []MemberJoin
	Values         []*EnumValue // ENUM

	Position *ast.Position

	fields map[string]*Field
	graphs []*Subgraph
}

// TypeJoin is one join__type. Key is nil where the type has no key.
type TypeJoin struct {
	Graph             *Subgraph
	Key               *FieldSet
	Extension         bool
	Unresolvable      bool // resolvable: false
	IsInterfaceObject bool
}

// InterfaceJoin is one join__implements.
type InterfaceJoin struct {
	Graph     *Subgraph
	Interface string
}

// MemberJoin is one join__unionMember.
type MemberJoin struct {
	Graph  *Subgraph
	Member string
}

// EnumValue is a value of an enum with the graphs that have it (join__enumValue).
type EnumValue struct {
	Name        string
	Description string
	Directives  ast.DirectiveList
	Graphs      []*Subgraph
}

// Field is a field of an object or interface, or an input field.
type Field struct {
	Name        string
	Description string
	Type        *ast.Type
	Arguments   ast.ArgumentDefinitionList
	Default     *ast.Value // input fields
	// Directives are the applied directives but join__field.
	Directives ast.DirectiveList
	// Joins are the effective join__field applications. Given to New empty, they become one per graph of the type.
	Joins []Join

	Position *ast.Position
}

// Join is one join__field: what one graph says about the field.
type Join struct {
	// Graph is nil in a bare join__field: the field comes from an interface object only.
	Graph              *Subgraph
	Requires, Provides *FieldSet
	// Type is the field's type in this graph where it differs from Field.Type, else nil. See Field.TypeIn.
	Type     *ast.Type
	External bool
	// Override is the name of the subgraph that this graph takes the field from, OverrideLabel the label of a progressive override.
	Override         string
	UsedOverridden   bool
	OverrideLabel    string
	ContextArguments []ContextArgument
}

// ContextArgument is an argument that this graph fills from a context (@fromContext).
type ContextArgument struct {
	Name    string
	Type    *ast.Type
	Context string
	// Selection is what is read from the type that sets the context.
	Selection *FieldSet
}
