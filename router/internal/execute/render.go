package execute

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// opening is how every response begins.
const opening = `{"data":`

// render writes the response up to the end of its data in one pass. Where a
// non-null field turns out to be null, what was written of its object is taken
// back.
func (r *run) render() []byte {
	r.out = append(r.out[:0], opening...)
	told := len(r.errs.list)
	if !r.object(r.req.Shape, r.root, true) {
		r.errs.drop(told, nil)
		r.out = append(r.out[:len(opening)], "null"...)
	}
	r.out = slices.Grow(r.out, roomAfterData)
	return r.out
}

// roomAfterData is room for what follows the data of a response without errors.
const roomAfterData = 64

// object writes the members of an object. It returns false when the object
// must be null, with an error that says why in the list; what it wrote is then
// for the caller to take back.
func (r *run) object(s *Shape, v *value, root bool) bool {
	typeName := s.Type
	if s.Abstract {
		if typeName = v.get("__typename").text(); r.weak(typeName) {
			typeName = ""
		}
		if typeName == "" && s.NeedsType {
			namer, asked := r.namer(v)
			if v.cause == 0 {
				r.blank = true
				// The plan should have found out what is behind an interface object.
				r.absent = r.absent || !asked && !v.get("__typename").isNull()
			}
			if !r.errs.explains(r.path) && !r.lost(v.cause, false, r.path) {
				r.wrongOf(namer, fmt.Sprintf("The service gave a %s and not which of its types it is.", s.Type))
			}
			return false
		}
	} else if t := v.get("__typename"); !root && !t.isNull() && t.text() != typeName && !r.weak(t.text()) {
		r.wrong(t, fmt.Sprintf("The service gave a %s where %s was expected.", safeName(t.text()), typeName))
		return false
	}
	fields, ok := s.fields(typeName)
	if !ok {
		// Behind an interface object the type is another subgraph's word.
		r.wrong(v.get("__typename"), "The service gave an object of a type that is not possible here.")
		return false
	}
	if above := r.above; v.cause != 0 {
		r.above = v.cause
		defer func() { r.above = above }()
	}
	r.out = append(r.out, '{')
	for i := range fields {
		f := &fields[i]
		if i > 0 {
			r.out = append(r.out, ',')
		}
		r.out = append(r.out, f.Prefix...)
		key := r.fieldKey(f, typeName)
		r.path = append(r.path, PathElement{Name: f.Name, key: key})
		ok := r.field(f, v, key)
		r.path = r.path[:len(r.path)-1]
		if !ok {
			return false
		}
	}
	r.out = append(r.out, '}')
	return true
}

// namer is the subgraph to blame where the type of an object is not known: one
// that was asked for it, and not the one that called it an interface object. It
// returns false where there is no other than that.
func (r *run) namer(v *value) (uint16, bool) {
	sources, _ := r.askedFor(strings.Join(append(r.keys[:len(r.keys):len(r.keys)], "__typename"), "."), "")
	for _, source := range sources {
		if t := v.get("__typename"); t.isNull() || source != t.source {
			return source, true
		}
	}
	return v.source, false
}

// weak reports whether a type name is that of an interface object.
func (r *run) weak(name string) bool { return r.plan != nil && r.plan.Weak[name] }

// safeName keeps what a subgraph calls a type out of messages unless it is a
// name.
func safeName(s string) string {
	for _, c := range []byte(s) {
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return "value"
		}
	}
	return s
}

func (r *run) field(f *Field, v *value, key string) bool {
	switch {
	case f.Answer != nil:
		return r.answer(f)
	case f.TypeName != "":
		r.out = append(r.out, '"')
		r.out = append(r.out, f.TypeName...)
		r.out = append(r.out, '"')
		return true
	case f.Denied != nil:
		e := *f.Denied
		e.Path = slices.Clone(r.path)
		r.errs.add(&e)
		return r.null(f.Type)
	}
	r.keys = append(r.keys, key)
	ok := r.value(f, f.Type, v.get(key), v)
	r.keys = r.keys[:len(r.keys)-1]
	return ok
}

// answer writes what the router knows itself, within the bound of the request.
func (r *run) answer(f *Field) bool {
	text := f.Answer(r.req.Variables)
	if r.answered += len(text); r.req.MaxAnswers > 0 && r.answered > r.req.MaxAnswers {
		e := r.req.TooLong()
		e.Path = slices.Clone(r.path)
		r.errs.add(e)
		return r.null(f.Type)
	}
	r.out = append(r.out, text...)
	return true
}

// fieldKey is the data key of a field, "" for what is not in the data.
func (r *run) fieldKey(f *Field, typeName string) string {
	if f.Answer != nil || f.TypeName != "" {
		return ""
	}
	return r.dataKey(f, typeName)
}

// dataKey is where the field stands in the data: nearly always its own key.
func (r *run) dataKey(f *Field, typeName string) string {
	for _, p := range r.req.Plans {
		if p.Moved == nil {
			continue
		}
		if key, ok := p.Moved[typeName+"."+f.Key]; ok {
			return key
		}
	}
	return f.Key
}

// null writes null, or returns false where null is not allowed.
func (r *run) null(t *Type) bool {
	if t.NonNull {
		return false
	}
	r.out = append(r.out, "null"...)
	return true
}

// value writes a value of a type. It returns false when null must rise to the
// parent.
func (r *run) value(f *Field, t *Type, v, parent *value) bool {
	if v.isNull() {
		unanswered := uint16(0) // by whom
		if v == nil && r.shortOf(parent) == 0 {
			source, asked := r.answerer(parent, strings.Join(r.keys, "."))
			r.blank, unanswered = true, source
			r.absent = r.absent || !asked
		}
		if r.errs.explains(r.path) {
			return r.null(t)
		}
		risen := r.path
		if t.NonNull {
			risen = r.path[:len(r.path)-1]
		}
		switch {
		case v == nil && r.lost(r.shortOf(parent), !t.NonNull, risen), v != nil && r.lost(v.cause, !t.NonNull, risen):
		case v == nil:
			r.wrongOf(unanswered, f.Coordinate+" was not answered.")
		case t.NonNull:
			r.wrong(v, f.Coordinate+" must not be null, and the service gave null.")
		}
		return r.null(t)
	}
	start, told := len(r.out), len(r.errs.list)
	ok := false
	switch {
	case t.Elem != nil:
		ok = r.list(f, t, v)
	case t.Leaf == LeafObject:
		if v.kind != kindObject {
			r.mismatch(f, t, v)
			break
		}
		ok = r.object(f.Object, v, false)
	default:
		if ok = r.leaf(t, v); !ok {
			r.mismatch(f, t, v)
		}
	}
	if ok {
		return true
	}
	r.out = r.out[:start]
	r.errs.drop(told, r.path) // null as a whole
	return r.null(t)
}

func (r *run) list(f *Field, t *Type, v *value) bool {
	if v.kind != kindArray {
		r.mismatch(f, t, v)
		return false
	}
	r.out = append(r.out, '[')
	for i, item := range v.items {
		if i > 0 {
			r.out = append(r.out, ',')
		}
		r.path = append(r.path, PathElement{Index: i})
		ok := r.value(f, t.Elem, item, v)
		r.path = r.path[:len(r.path)-1]
		if !ok {
			return false
		}
	}
	r.out = append(r.out, ']')
	return true
}

// leaf writes a scalar or enum value and returns false when it is not one of
// its type.
func (r *run) leaf(t *Type, v *value) bool {
	if !t.Leaf.fits(v) {
		return false
	}
	switch {
	case t.Leaf == LeafInt:
		n, _ := v.integer()
		r.out = strconv.AppendInt(r.out, n, 10)
	case t.Leaf == LeafID && v.kind == kindNumber:
		r.out = append(r.out, '"')
		r.out = append(r.out, v.raw...)
		r.out = append(r.out, '"')
	case t.Leaf == LeafEnum && !t.Values[v.text()]:
		return false
	default:
		r.out = v.append(r.out)
	}
	return true
}

// mismatch reports a value of the wrong kind at the current position.
func (r *run) mismatch(f *Field, t *Type, v *value) {
	want := t.Name
	if t.Elem != nil {
		want = "list"
	}
	r.wrong(v, fmt.Sprintf("%s should be a %s, and the service gave something else.", f.Coordinate, want))
}

// wrong reports an answer that the schema does not allow at the current
// position, in the name of the subgraph that it came from.
func (r *run) wrong(v *value, message string) {
	source := uint16(Unnamed)
	if v != nil {
		source = v.source
	}
	r.wrongOf(source, message)
}

func (r *run) wrongOf(source uint16, message string) {
	r.errs.add(&Error{Code: CodeDownstream, Message: message, Path: slices.Clone(r.path), Service: r.service(source)})
}
