package execute

import (
	"math"
	"strings"
)

// Plan is how to get the data of one operation. It is read by many requests at
// once and never written after it was made.
type Plan struct {
	Root *Node
	// Subgraphs are the names that [Fetch.Source] counts.
	Subgraphs []string
	// Names maps the data keys a plan uses between router and subgraph to the
	// client's response names, where they differ.
	Names map[string]string
	// Moved names the data key of a field that the planner had to rename, by
	// "Type.responseName". Nil for nearly every plan.
	Moved map[string]string
	// Weak are the names of interface objects: as a __typename they are not the
	// object's type, only what one subgraph calls it.
	Weak map[string]bool
	// Answers lists the subgraphs, by number, that are asked for a path of data
	// keys ("a.b") of objects of a type, or of any where that is "".
	Answers func(path, typeName string) []uint16
	// Hasty tells whether a path is that of a field which is asked for of more
	// objects than those of which it is wanted; nil where none is.
	Hasty func(path string) bool
	// Text is the plan for people to read.
	Text string
}

// KeyPath is a path of data keys as text: "a.b".
func KeyPath(path []Step) string {
	var b strings.Builder
	for i := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(path[i].Key)
	}
	return b.String()
}

// Unnamed stands for a subgraph whose number is not known.
const Unnamed = math.MaxUint16

// Node is a step of a plan: one fetch, one copy, or children that run one after
// the other or at once.
type Node struct {
	Fetch    *Fetch
	Copy     *Copy
	Children []*Node
	Parallel bool
}

// Copy gives objects, of one type unless that is "", further names for members
// that they have.
type Copy struct {
	Path    []Step
	Type    string
	Members []CopiedMember
}

// CopiedMember is one of them.
type CopiedMember struct{ From, To string }

// Fetch is one request to a subgraph.
type Fetch struct {
	ID        int
	DependsOn []int
	Subgraph  string
	// Source is the number of the subgraph in the plan.
	Source   uint16
	Mutation bool
	// Query is the operation text.
	Query string
	// Head is the request body up to the variables: {"query":"...","variables":{
	Head []byte
	// Variables are those that do not belong to an entry.
	Variables []Variable
	// Entries are the entities asked for; a fetch of root fields has none.
	Entries []Entry
	// Fields are the root fields, of a fetch of root fields.
	Fields []string
}

// Entry is one _entities field of a fetch.
type Entry struct {
	// Alias is the field's name in the answer.
	Alias string
	// Path leads from the root of the response to the entities.
	Path []Step
	// Key is the name of the variable with the representations.
	Key string
	// Include is the name of the variable that switches the entry on, or "".
	Include string
	// Asks are the types whose entities the entry has fields for.
	Asks           []string
	Representation Representation
	Variables      []Variable
	// Without returns the fetch of the same entities that does without some of
	// the representation's members, for fields that do not require them; nil
	// where there are none. It is for entities whose required fields failed.
	Without func(members []string) *Fetch
}

// Variable is one member of a request's variables: text that never changes,
// or the value of one of the operation's variables.
type Variable struct {
	// Prefix is the member's name and colon.
	Prefix []byte
	Static []byte
	// Slot is the number of the operation's variable where Static is nil.
	Slot int
}

// Step is one field on the way to entities.
type Step struct {
	Key string
	// Types, when not empty, are the only types whose objects lead further.
	Types []string
}

// Representation is what an entity's representation consists of.
type Representation struct {
	Fields []RepresentationField
	// Possible, when not empty, are the types that the object may have.
	Possible []string
}

// RepresentationField is one member of a representation.
type RepresentationField struct {
	Name string
	// Key is where the value stands in the data.
	Key string
	// Types, when not empty, are the types of which the member is part.
	Types []string
	// Static is the value of a __typename that is not in the data.
	Static string
	// NonNull fields make the entity unfetchable when they are null.
	NonNull bool
	// Items holds the nullability of list items, outermost list first.
	Items []bool
	// Object is what to send of an object, nil for a leaf.
	Object *Representation
	// Leaf is the kind of a leaf; only values of it are sent. LeafObject is any.
	Leaf Leaf
}
