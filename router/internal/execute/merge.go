package execute

import (
	"errors"
	"fmt"
	"slices"
)

// merge checks the answer of a fetch and joins it into the response.
func (r *run) merge(f *Fetch, entries []asked, answer []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	env, err := r.envelope(f, entries, answer)
	if err != nil {
		r.failLocked(f, entries, &FetchError{Code: CodeDownstream, Message: "The service gave an answer that is not valid: " + err.Error() + ".", Err: err})
		return
	}
	if len(f.Entries) == 0 {
		r.mergeRoot(f, env)
		return
	}
	for i := range f.Entries {
		r.mergeEntry(f, i, &entries[i], env)
	}
	for _, e := range env.errs {
		if e.placed {
			continue
		}
		cause := r.subgraphError(f, entries, e.val, nil, nil)
		for i := range f.Entries {
			if env.data.isNull() || env.data.get(f.Entries[i].Alias).isNull() {
				entries[i].miss(cause)
			}
		}
	}
}

// envelope is an answer that passed the check.
type envelope struct {
	data *value
	errs []envelopeError
}

type envelopeError struct {
	val    *value
	path   []*value
	placed bool
}

// envelope checks the form of an answer: data an object or null, errors a list
// of objects, each entry as long as what it was asked for.
func (r *run) envelope(f *Fetch, entries []asked, answer []byte) (*envelope, error) {
	doc, err := r.reader.parse(answer, f.Source)
	if err != nil {
		return nil, err
	}
	if doc.kind != kindObject {
		return nil, errors.New("not an object")
	}
	env := &envelope{data: doc.get("data")}
	if env.errs, err = envelopeErrors(doc.get("errors")); err != nil {
		return nil, err
	}
	switch {
	case env.data.isNull():
		if len(env.errs) == 0 {
			return nil, errors.New("neither data nor errors")
		}
		return env, nil
	case env.data.kind != kindObject:
		return nil, errors.New("data is not an object")
	}
	for i := range f.Entries {
		if err := checkEntities(env, &f.Entries[i], &entries[i]); err != nil {
			return nil, err
		}
	}
	return env, nil
}

func envelopeErrors(list *value) ([]envelopeError, error) {
	if list.isNull() {
		return nil, nil
	}
	if list.kind != kindArray {
		return nil, errors.New("errors is not a list")
	}
	out := make([]envelopeError, 0, len(list.items))
	for _, item := range list.items {
		if item.kind != kindObject {
			return nil, errors.New("an error is not an object")
		}
		e := envelopeError{val: item}
		if p := item.get("path"); p != nil && p.kind == kindArray {
			e.path = p.items
		}
		out = append(out, e)
	}
	return out, nil
}

func checkEntities(env *envelope, e *Entry, ask *asked) error {
	list := env.data.get(e.Alias)
	if list.isNull() {
		if ask.sent > 0 && len(env.errs) == 0 {
			return fmt.Errorf("%s is missing", e.Alias)
		}
		return nil
	}
	if list.kind != kindArray {
		return fmt.Errorf("%s is not a list", e.Alias)
	}
	if len(list.items) != ask.sent {
		return fmt.Errorf("%d entities for %d representations", len(list.items), ask.sent)
	}
	for _, item := range list.items {
		if item.kind != kindObject && item.kind != kindNull {
			return errors.New("an entity is not an object")
		}
	}
	return nil
}

// mergeRoot joins root fields and places their errors.
func (r *run) mergeRoot(f *Fetch, env *envelope) {
	if env.data.isNull() {
		r.failed[f.ID] = true
		r.gap = true
	}
	for _, e := range env.errs {
		if len(e.path) > 0 && !slices.Contains(f.Fields, e.path[0].text()) {
			e.path = nil // it leads nowhere
		}
		cause := r.subgraphError(f, nil, e.val, nil, e.path)
		markFailed(env.data, e.path, cause)
		if env.data.isNull() {
			r.root.miss(cause)
		}
	}
	if !env.data.isNull() {
		r.join(r.root, env.data) // the nulls know by now why they are there
	}
	r.missing(f, env.data)
}

// missing reports the root fields that an answer does not have.
func (r *run) missing(f *Fetch, data *value) {
	if data.isNull() {
		return
	}
	for _, key := range f.Fields {
		if data.get(key) != nil {
			continue
		}
		r.gap = true
		at := Path{{Name: r.name(key), key: key}}
		e := &Error{Code: CodeDownstream, Message: "The service did not answer this field.", Service: f.Subgraph, Path: at}
		r.root.miss(r.cause(e))
		if !r.errs.explains(at) {
			r.errs.add(e)
		}
	}
}

// mergeEntry places the errors that name an entry and joins its entities into
// their objects.
func (r *run) mergeEntry(f *Fetch, i int, ask *asked, env *envelope) {
	e := &f.Entries[i]
	var list *value
	if !env.data.isNull() {
		list = env.data.get(e.Alias)
	}
	r.entityErrors(f, i, ask, env, list)
	if list.isNull() {
		return
	}
	unknown := uint32(0)
	for n, obj := range ask.objects {
		if ask.item[n] < 0 {
			continue // it knows why
		}
		item := list.items[ask.item[n]]
		if item.kind == kindObject {
			r.join(obj, item)
			obj.miss(item.cause)
			continue
		}
		if item.cause == 0 {
			if unknown == 0 {
				unknown = r.cause(&Error{Code: CodeDownstream, Message: "The service knows no such entity.", Service: f.Subgraph, unknown: true})
			}
			item.cause = unknown
		}
		obj.miss(item.cause)
	}
}

// entityErrors places the errors that name an entry.
func (r *run) entityErrors(f *Fetch, i int, ask *asked, env *envelope, list *value) {
	e := &f.Entries[i]
	var paths []Path
	var ordinals [][]int
	for n := range env.errs {
		err := &env.errs[n]
		if len(err.path) == 0 || err.path[0].text() != e.Alias {
			continue
		}
		err.placed = true
		if len(err.path) == 1 || err.path[1].kind != kindNumber {
			cause := r.subgraphError(f, nil, err.val, r.common(e, ask), nil)
			if list.isNull() {
				ask.miss(cause)
			}
			continue
		}
		item, ok := err.path[1].integer()
		if !ok || item < 0 || int(item) >= ask.sent {
			r.subgraphError(f, nil, err.val, r.common(e, ask), nil)
			continue
		}
		if paths == nil {
			paths, ordinals = r.places(e, ask), ask.ordinals()
		}
		cause := uint32(0)
		for _, at := range ordinals[item] {
			cause = r.subgraphError(f, nil, err.val, paths[at], err.path[2:])
		}
		switch {
		case list.isNull():
			ask.miss(cause)
		default:
			markFailed(list.items[item], err.path[2:], cause)
		}
	}
}

// miss notes why everything that was asked for is missing.
func (a *asked) miss(cause uint32) {
	for i, obj := range a.objects {
		if a.item[i] >= 0 {
			obj.miss(cause)
		}
	}
}

// markFailed finds the null that an error explains.
func markFailed(v *value, path []*value, cause uint32) {
	for _, e := range path {
		if v == nil || v.kind == kindNull {
			break
		}
		switch e.kind {
		case kindString:
			v = v.get(e.text())
		case kindNumber:
			n, ok := e.integer()
			if !ok || n < 0 || int(n) >= len(v.items) {
				return
			}
			v = v.items[n]
		default:
			return
		}
	}
	if v != nil && v.kind == kindNull {
		v.cause = cause
	}
}

// join merges an object into another. Members that both have are merged when
// they are objects, or lists of one length; else the first answer stays unless
// it is null. An object that another subgraph does not give is short of what
// that one was asked for.
func (r *run) join(dst, src *value) {
	if dst == src {
		return
	}
	if len(dst.members) == 0 {
		dst.members = src.members[:len(src.members):len(src.members)]
		return
	}
	for i := range src.members {
		m := &src.members[i]
		at := dst.get(m.key)
		switch {
		case at == nil:
			r.addMember(dst, m, len(src.members)-i)
		case m.key == "__typename" && m.val.kind == kindNull:
			dst.miss(r.fault(m.val.source, "The service gave an object and not of which type it is."))
		case at == m.val:
		case at.kind == kindObject && m.val.kind != kindObject:
			at.miss(r.lack(m.val))
		case m.val.kind == kindNull:
		case m.key == "__typename":
			if r.weak(at.text()) {
				r.replace(dst, m.key, m.val)
			}
		case m.val.kind == kindObject && at.kind != kindObject:
			m.val.miss(r.lack(at))
			r.replace(dst, m.key, m.val)
		case at.kind == kindNull:
			r.replace(dst, m.key, m.val)
		case at.kind == kindObject && m.val.kind == kindObject:
			r.join(at, m.val)
		case at.kind == kindArray && m.val.kind == kindArray:
			r.joinLists(at, m.val)
		}
	}
}

// lack is the cause of what is missing because a subgraph gave this instead of
// an object.
func (r *run) lack(v *value) uint32 {
	if v.cause == 0 {
		v.cause = r.fault(v.source, "The service gave no object where another one did.")
	}
	return v.cause
}

// addMember appends a member, with room for as many more as may come. The
// members before may be shared with the answer they came from.
func (r *run) addMember(obj *value, m *member, more int) {
	n := len(obj.members)
	if cap(obj.members) == n {
		grown := r.reader.objects.take(n + more)
		copy(grown, obj.members)
		obj.members = grown[:n]
	}
	obj.members = append(obj.members, *m)
}

func (r *run) replace(obj *value, key string, v *value) {
	// The members may be shared with the answer they came from.
	obj.members = append([]member(nil), obj.members...)
	for i := range obj.members {
		if obj.members[i].key == key {
			obj.members[i].val = v
		}
	}
}

func (r *run) joinLists(dst, src *value) {
	if len(dst.items) != len(src.items) {
		return
	}
	for i, item := range dst.items {
		other := src.items[i]
		switch {
		case item == other:
		case item.kind == kindObject && other.kind == kindObject:
			r.join(item, other)
		case item.kind == kindArray && other.kind == kindArray:
			r.joinLists(item, other)
		case item.kind == kindObject:
			item.miss(r.lack(other))
		case item.kind == kindNull:
			if other.kind == kindObject {
				other.miss(r.lack(item))
			}
			dst.items[i] = other
		}
	}
}
