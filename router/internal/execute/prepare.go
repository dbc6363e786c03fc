package execute

import (
	"bytes"
	"slices"
	"sync"
)

// buffer is a request body under construction.
type buffer struct{ b []byte }

// bodies is a pool of request bodies. Its zero value is ready.
type bodies struct{ pool sync.Pool }

func (p *bodies) get() *buffer {
	if b, ok := p.pool.Get().(*buffer); ok {
		b.b = b.b[:0]
		return b
	}
	return &buffer{b: make([]byte, 0, 1024)}
}

func (p *bodies) put(b *buffer) {
	if cap(b.b) <= maxKeptBuffer {
		p.pool.Put(b)
	}
}

// asked is what one entry asked for. Equal representations are sent once, so
// one item of the answer may belong to several objects.
type asked struct {
	// objects are all that the entry's path selects.
	objects []*value
	// item is the number of the representation of each object, or -1 for one
	// that was left out.
	item []int32
	// sent is the number of representations.
	sent int
	// common is the longest path that the objects have in common, once it was
	// asked for.
	common    Path
	hasCommon bool
}

// ordinals lists, by representation, the objects that it stands for.
func (a *asked) ordinals() [][]int {
	out := make([][]int, a.sent)
	for i, n := range a.item {
		if n >= 0 {
			out[n] = append(out[n], i)
		}
	}
	return out
}

// prepare renders the request of a fetch. It returns false when there is
// nothing to ask for. Of a fetch of entities it takes all entries and objects,
// or only some.
func (r *run) prepare(f *Fetch, of map[*value]bool, only ...int) (body *buffer, entries []asked, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range f.DependsOn {
		if r.failed[id] && len(f.Entries) == 0 {
			r.failed[f.ID] = true
			r.root.miss(r.cause(&Error{Code: CodeDownstream, Message: "What this depends on could not be had.", Service: f.Subgraph}))
			return nil, nil, false
		}
	}
	body = r.body.get()
	body.b = append(body.b, f.Head...)
	first := true
	body.b = r.variables(body.b, f.Variables, &first)
	if len(f.Entries) > 0 {
		entries = make([]asked, len(f.Entries))
		sent := 0
		var none []int
		for i := range f.Entries {
			take := len(only) == 0 || slices.Contains(only, i)
			body.b = r.entry(body.b, &f.Entries[i], &entries[i], of, take, &first)
			sent += entries[i].sent
			if take && entries[i].sent == 0 {
				none = append(none, i)
			}
		}
		if len(none) > 0 && of == nil {
			r.early = append(r.early, early{fetch: f, entries: none})
		}
		if sent == 0 {
			r.body.put(body)
			return nil, entries, false
		}
	}
	body.b = append(body.b, '}', '}')
	return body, entries, true
}

// variables writes members of the variables object, leaving out those without
// a value: absent and null are different things.
func (r *run) variables(out []byte, vars []Variable, first *bool) []byte {
	for i := range vars {
		v := &vars[i]
		text := v.Static
		if text == nil {
			text = r.req.Variables[v.Slot]
		}
		if text == nil {
			continue
		}
		out = comma(out, first)
		out = append(out, v.Prefix...)
		out = append(out, text...)
	}
	return out
}

func comma(out []byte, first *bool) []byte {
	if *first {
		*first = false
		return out
	}
	return append(out, ',')
}

// entry writes the representations of one entry, equal ones once, or none
// where it is not taken.
func (r *run) entry(out []byte, e *Entry, ask *asked, of map[*value]bool, take bool, first *bool) []byte {
	out = comma(out, first)
	out = append(out, '"')
	out = append(out, e.Key...)
	out = append(out, `":[`...)
	if take {
		ask.objects = r.objects(e.Path)
	}
	ask.item = make([]int32, len(ask.objects))
	var same texts
	for i, obj := range ask.objects {
		if of != nil && !of[obj] {
			ask.item[i] = -1
			continue
		}
		r.blame, r.lacking = 0, ""
		start := len(out)
		if ask.sent > 0 {
			out = append(out, ',')
		}
		from := len(out)
		complete := false
		if out, complete = e.Representation.render(r, out, obj); !complete {
			ask.item[i] = -1
			out = out[:start]
			obj.miss(r.blame)
			r.absent = r.absent || e.forgets(obj)
			if r.lacking != "" && obj.cause == 0 {
				r.lacks = append(r.lacks, lack{entry: e, object: obj})
			}
			continue
		}
		if n, seen := same.find(out, from); seen {
			ask.item[i] = n
			out = out[:start]
			continue
		}
		ask.item[i] = int32(ask.sent)
		ask.sent++
	}
	out = append(out, ']')
	if e.Include != "" {
		out = append(out, ',', '"')
		out = append(out, e.Include...)
		if ask.sent > 0 {
			out = append(out, `":true`...)
		} else {
			out = append(out, `":false`...)
		}
	}
	return r.variables(out, e.Variables, first)
}

// forgets reports whether the entry asks for entities of the object's type and
// has no key for them.
func (e *Entry) forgets(obj *value) bool {
	typeName := obj.get("__typename").text()
	return slices.Contains(e.Asks, typeName) && !e.Representation.identifies(typeName)
}

// texts finds equal stretches of a buffer: by looking at each for a page of
// entities, by a map for more.
type texts struct {
	spans [fewTexts][2]int
	n     int32
	index map[string]int32
}

const fewTexts = 48

// find looks for the text from the index on to the end of the buffer and
// remembers it when it is new.
func (t *texts) find(buf []byte, from int) (int32, bool) {
	text := buf[from:]
	if t.index == nil {
		for n, span := range t.spans[:t.n] {
			if bytes.Equal(buf[span[0]:span[1]], text) {
				return int32(n), true
			}
		}
		if t.n < fewTexts {
			t.spans[t.n] = [2]int{from, len(buf)}
			t.n++
			return 0, false
		}
		t.index = make(map[string]int32, 4*fewTexts)
		for n, span := range t.spans {
			t.index[string(buf[span[0]:span[1]])] = int32(n)
		}
	}
	if n, ok := t.index[string(text)]; ok {
		return n, true
	}
	t.index[string(text)] = t.n
	t.n++
	return 0, false
}

// objects selects what a path leads to, in order, through lists of any depth.
func (r *run) objects(path []Step) []*value {
	at, next := append(r.scratch[0][:0], r.root), r.scratch[1]
	for i := range path {
		step := &path[i]
		next = next[:0]
		for _, v := range at {
			if step.leads(v) {
				next = flatten(next, v.get(step.Key))
			}
		}
		at, next = next, at
	}
	r.scratch[0], r.scratch[1] = at, next
	out := r.reader.lists.take(len(at))
	copy(out, at)
	return out
}

// leads reports whether an object's type is one that the step goes through.
func (s *Step) leads(v *value) bool {
	if len(s.Types) == 0 {
		return true
	}
	name := v.get("__typename")
	return name == nil || slices.Contains(s.Types, name.text())
}

func flatten(to []*value, v *value) []*value {
	if v == nil {
		return to
	}
	switch v.kind {
	case kindObject:
		return append(to, v)
	case kindArray:
		for _, item := range v.items {
			to = flatten(to, item)
		}
	}
	return to
}

// render writes the representation of an object and reports whether it is
// complete: with its type and everything that is required.
func (rep *Representation) render(r *run, out []byte, obj *value) ([]byte, bool) {
	out, ok := rep.members(r, out, obj)
	return out, ok && rep.identifies(obj.get("__typename").text())
}

// identifies reports whether anything but the type is sent of objects of a
// type.
func (rep *Representation) identifies(typeName string) bool {
	for i := range rep.Fields {
		if f := &rep.Fields[i]; f.Name != "__typename" && f.isOf(typeName) {
			return true
		}
	}
	return false
}

// members writes an object with the members that it has by its type.
func (rep *Representation) members(r *run, out []byte, obj *value) ([]byte, bool) {
	typeName := obj.get("__typename").text()
	out = append(out, '{')
	for i := range rep.Fields {
		f := &rep.Fields[i]
		if !f.isOf(typeName) {
			if typeName == "" { // nor is it known whether it is to be sent
				r.blame, r.lacking = obj.cause, "__typename"
				return out, false
			}
			continue
		}
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(out, f.Name...)
		out = append(out, '"', ':')
		if f.Static != "" {
			out = appendString(out, f.Static)
			continue
		}
		var ok bool
		if out, ok = f.render(r, out, obj); !ok {
			return out, false
		}
	}
	return append(out, '}'), true
}

// isOf reports whether the member is one of objects of a type.
func (f *RepresentationField) isOf(typeName string) bool {
	return len(f.Types) == 0 || slices.Contains(f.Types, typeName)
}

// render writes the value of a member. What was never answered, or answered
// with an error, is not there to be sent.
func (f *RepresentationField) render(r *run, out []byte, obj *value) ([]byte, bool) {
	v := obj.get(f.Key)
	if v == nil {
		r.blame, r.lacking = obj.cause, f.Key
		return out, false
	}
	if v.kind == kindNull {
		return f.null(r, out, v, f.NonNull)
	}
	return f.item(r, out, v, 0)
}

// null writes a null that may be sent.
func (f *RepresentationField) null(r *run, out []byte, v *value, nonNull bool) ([]byte, bool) {
	switch {
	case v.cause != 0:
		r.blame = v.cause
	case nonNull:
		r.blame = r.fault(v.source, "%s must not be null, and the service gave null.", f.Name)
	default:
		return append(out, "null"...), true
	}
	return out, false
}

// misfit notes a value of the wrong kind.
func (f *RepresentationField) misfit(r *run, out []byte, v *value) ([]byte, bool) {
	r.blame = r.fault(v.source, "%s should be something else than the service gave.", f.Name)
	return out, false
}

func (f *RepresentationField) item(r *run, out []byte, v *value, depth int) ([]byte, bool) {
	if depth < len(f.Items) {
		if v.kind != kindArray {
			return f.misfit(r, out, v)
		}
		out = append(out, '[')
		for i, item := range v.items {
			if i > 0 {
				out = append(out, ',')
			}
			var ok bool
			if item.kind == kindNull {
				out, ok = f.null(r, out, item, f.Items[depth])
			} else {
				out, ok = f.item(r, out, item, depth+1)
			}
			if !ok {
				return out, false
			}
		}
		return append(out, ']'), true
	}
	if f.Object == nil {
		if !f.Leaf.fits(v) {
			return f.misfit(r, out, v)
		}
		return v.append(out), true
	}
	if v.kind != kindObject {
		return f.misfit(r, out, v)
	}
	if t := v.get("__typename"); !t.isNull() && len(f.Object.Possible) > 0 && !slices.Contains(f.Object.Possible, t.text()) && !r.weak(t.text()) {
		return f.misfit(r, out, t) // what is to be sent of it cannot be told
	}
	out, ok := f.Object.members(r, out, v)
	if !ok && r.lacking != "" {
		r.lacking = f.Key + "." + r.lacking
	}
	return out, ok
}
