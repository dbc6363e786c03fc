package execute

import (
	"bytes"
	"strings"
	"sync"
)

// Shape is what an operation selects from one object, in the order in which
// the client sees it.
type Shape struct {
	// Type is the declared type.
	Type string
	// Abstract is set for interfaces and unions.
	Abstract bool
	// NeedsType is set when what is selected of an abstract type depends on the
	// object's own type.
	NeedsType bool
	// Fields are those of a concrete type.
	Fields []Field
	// Expand returns the fields of one possible type of an abstract type, and
	// false for a type that the client may not see there. A runtime type that
	// is not known is "".
	Expand func(typeName string) ([]Field, bool)

	expanded sync.Map // type name -> expansion
}

type expansion struct {
	fields []Field
	ok     bool
}

// fields returns what to render for an object of a runtime type.
func (s *Shape) fields(typeName string) ([]Field, bool) {
	if !s.Abstract {
		return s.Fields, true
	}
	if e, ok := s.expanded.Load(typeName); ok {
		x := e.(*expansion)
		return x.fields, x.ok
	}
	x := &expansion{}
	x.fields, x.ok = s.Expand(typeName)
	if x.ok {
		// Only names of the schema are kept: a subgraph cannot fill the map. The
		// name is a view of its answer, which must not be kept.
		s.expanded.Store(strings.Clone(typeName), x)
	}
	return x.fields, x.ok
}

// Field is one selected field.
type Field struct {
	// Name is the response name; Prefix is the same as JSON with its colon.
	Name   string
	Prefix []byte
	// Key is where the value stands in the data.
	Key string
	// Coordinate is Type.field, for messages.
	Coordinate string
	Type       *Type
	// Object is the selection of a composite field.
	Object *Shape
	// TypeName is the field's own answer when it is __typename on a concrete
	// type.
	TypeName string
	// Answer, when not nil, is what the router knows itself, as JSON. It gets
	// the values of the operation's variables.
	Answer func(variables [][]byte) []byte
	// Denied, when not nil, is why the viewer may not see the field.
	Denied *Error
}

// Type is the type of a field.
type Type struct {
	NonNull bool
	// Elem is the item type of a list.
	Elem *Type
	Leaf Leaf
	// Values are the enum values that a client may see.
	Values map[string]bool
	Name   string
}

// Leaf says how a value that is no list is checked and written.
type Leaf uint8

// The kinds of leaves. Custom scalars are passed through.
const (
	LeafObject Leaf = iota
	LeafString
	LeafInt
	LeafFloat
	LeafBoolean
	LeafID
	LeafEnum
	LeafCustom
)

// fits reports whether a value is one of the kind.
func (l Leaf) fits(v *value) bool {
	switch l {
	case LeafString, LeafEnum:
		return v.kind == kindString
	case LeafBoolean:
		return v.kind == kindTrue || v.kind == kindFalse
	case LeafFloat:
		return v.kind == kindNumber
	case LeafInt:
		if v.kind != kindNumber {
			return false
		}
		_, ok := v.integer()
		return ok
	case LeafID:
		return v.kind == kindString || v.kind == kindNumber && !bytes.ContainsAny(v.raw, ".eE")
	default:
		return true
	}
}
