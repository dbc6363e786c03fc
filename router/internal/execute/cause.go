package execute

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// What is missing is explained where it is missed. A value that was not
// fetched because of a failure remembers the failure's error, so does what
// depends on it, and rendering reports it at each place where a client finds
// null instead.

// cause registers an error as what values are missing because of.
func (r *run) cause(e *Error) uint32 {
	r.causes = append(r.causes, e)
	return uint32(len(r.causes))
}

// fault is the cause of what a subgraph answered against the schema.
func (r *run) fault(source uint16, format string, args ...any) uint32 {
	return r.cause(&Error{Code: CodeDownstream, Message: fmt.Sprintf(format, args...), Service: r.service(source)})
}

// service is the name of a subgraph, "" where its number is not known.
func (r *run) service(source uint16) string {
	if r.plan == nil || int(source) >= len(r.plan.Subgraphs) {
		return ""
	}
	return r.plan.Subgraphs[source]
}

// miss notes why something of an object will be missing. The first cause stays.
func (v *value) miss(cause uint32) {
	if v != nil && v.cause == 0 {
		v.cause = cause
	}
}

// shortOf is the cause of what an object does not have: its own, or that of the
// nearest object around it, for a subgraph that failed there was to give a
// part of this one too.
func (r *run) shortOf(obj *value) uint32 {
	if obj != nil && obj.cause != 0 {
		return obj.cause
	}
	return r.above
}

// lost reports a cause at the current position, and whether there is one. Null
// rises to a position at or above it. That a subgraph does not know an entity is
// no error where null may stand.
func (r *run) lost(cause uint32, nullable bool, risen Path) bool {
	if cause == 0 {
		return false
	}
	e := *r.causes[cause-1]
	if e.unknown && nullable || !nullable && r.told(&e, risen) {
		return true
	}
	e.Path, e.copied = slices.Clone(r.path), true
	r.errs.add(&e)
	return true
}

// told reports whether an error like this one is reported at or below a
// position, which null rises to anyway.
func (r *run) told(e *Error, at Path) bool {
	return r.errs.paths.at(at).any(func(have *Error) bool {
		return have.Message == e.Message && have.Code == e.Code && have.Service == e.Service
	})
}

// settle leaves only errors at positions that the client can see. An error of
// what was fetched for the join only is dropped: it is the cause of what is
// missing. Any other path is cut where the client's selection ends.
func (r *run) settle(from int) {
	list := r.errs.list
	if len(list) == from {
		return
	}
	r.errs = errorList{}
	r.errs.addAll(list[:from])
	hasty := slices.ContainsFunc(r.req.Plans, func(p *Plan) bool { return p.Hasty != nil })
	for _, e := range list[from:] {
		r.hasty = r.hasty || hasty && r.hastily(e.Path)
		n := r.visible(e.Path)
		switch {
		case n == len(e.Path):
			r.errs.add(e)
		case r.asked(e.Path):
		case n > 0:
			e.Path = e.Path[:n]
			r.errs.add(e)
		}
	}
}

// hastily reports whether an error may be of a field that nobody wants of its
// object: one that is null now, so that it cannot be told of which type it is.
func (r *run) hastily(p Path) bool {
	v, keys := r.root, ""
	for _, el := range p {
		switch {
		case v.isNull():
			v = nil
		case el.Name == "" && v.kind == kindArray && el.Index >= 0 && el.Index < len(v.items):
			v = v.items[el.Index]
			continue
		}
		if el.Name == "" {
			continue
		}
		keys += "." + el.key
		if v == nil && slices.ContainsFunc(r.req.Plans, func(plan *Plan) bool { return plan.Hasty != nil && plan.Hasty(keys[1:]) }) {
			return true
		}
		if v != nil {
			v = v.get(el.key)
		}
	}
	return false
}

// visible returns how much of a path leads through what the client selected.
func (r *run) visible(p Path) int {
	shape, v := r.req.Shape, r.root
	for i, el := range p {
		switch {
		case el.Name == "" && v != nil && v.kind == kindArray && el.Index >= 0 && el.Index < len(v.items):
			v = v.items[el.Index]
			continue
		case el.Name == "":
			v = nil
			continue
		case shape == nil:
			return i
		}
		if v != nil && v.kind != kindObject {
			v = nil
		}
		typeName := shape.Type
		if shape.Abstract {
			typeName = ""
			if v != nil {
				typeName = v.get("__typename").text()
			}
			switch unknown := typeName == "" || r.weak(typeName); {
			case unknown && shape.NeedsType:
				return len(p) // it cannot be told
			case unknown:
				typeName = ""
			}
		}
		fields, ok := shape.fields(typeName)
		if !ok {
			return len(p)
		}
		n := slices.IndexFunc(fields, func(f Field) bool { return f.Name == el.Name && r.fieldKey(&f, typeName) == el.key })
		if n < 0 {
			return i
		}
		shape = fields[n].Object
		if v != nil {
			v = v.get(el.key)
		}
	}
	return len(p)
}

// asked reports whether some plan asks for the field at a path.
func (r *run) asked(p Path) bool {
	var keys []string
	for _, el := range p {
		if el.Name != "" {
			keys = append(keys, el.key)
		}
	}
	sources, _ := r.askedFor(strings.Join(keys, "."), "")
	return len(sources) > 0
}

// lack is an object whose representation lacked a member when its turn came.
type lack struct {
	entry  *Entry
	object *value
}

// settleLacks finds out about the members that representations still lack: a
// plan that asks nobody for one has forgotten it, else it was not answered.
func (r *run) settleLacks() {
	for _, l := range r.lacks {
		r.blame, r.lacking = 0, ""
		if _, ok := l.entry.Representation.render(r, nil, l.object); ok {
			continue
		}
		if l.object.miss(r.blame); l.object.cause != 0 || r.lacking == "" {
			continue
		}
		source, asked := r.answerer(l.object, KeyPath(l.entry.Path)+"."+r.lacking)
		if !asked {
			r.absent = r.absent || !strings.HasSuffix(r.lacking, "__typename")
			continue
		}
		r.blank = true
		l.object.miss(r.fault(source, "The service did not answer what this needs."))
	}
}

// answerer is the subgraph to blame for a member that an object lacks: one that
// was asked for it, the one that gave the object if that is among them. It
// returns false where no plan asks for the path of data keys.
func (r *run) answerer(obj *value, path string) (uint16, bool) {
	sources, known := r.askedFor(path, r.typeOf(obj))
	if len(sources) > 0 && sources[0] != Unnamed && !slices.Contains(sources, obj.source) {
		return sources[0], true
	}
	return obj.source, len(sources) > 0 || !known
}

// askedFor lists the subgraphs that are asked for a path of objects of a type.
// It returns false where some plan does not tell.
func (r *run) askedFor(path, typeName string) (sources []uint16, known bool) {
	known = true
	for _, p := range r.req.Plans {
		if p.Answers == nil {
			known = false
			continue
		}
		sources = append(sources, p.Answers(path, typeName)...)
	}
	return sources, known
}

// typeOf is the type of an object, "" where it is not known.
func (r *run) typeOf(obj *value) string {
	if name := obj.get("__typename").text(); !r.weak(name) {
		return name
	}
	return ""
}

// eased is an object that was asked for without what failed.
type eased struct {
	entry  *Entry
	object *value
}

// easing is a fetch of objects whose required fields failed, for what does not
// need them.
type easing struct {
	fetch   *Fetch
	objects map[*value]bool
}

// ease asks for what can be had of the entities that were left out because
// some of what a representation holds besides the key failed.
func (r *run) ease(ctx context.Context, f *Fetch, entries []asked) bool {
	list := r.easings(f, entries)
	for _, x := range list {
		r.fetchOf(ctx, x.fetch, x.objects)
	}
	return len(list) > 0
}

func (r *run) easings(f *Fetch, entries []asked) []*easing {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*easing
	for i := range entries {
		e := &f.Entries[i]
		if e.Without == nil {
			continue
		}
		var groups map[string]*easing
		for n, obj := range entries[i].objects {
			if entries[i].item[n] >= 0 || obj.cause == 0 || r.eased[eased{e, obj}] {
				continue
			}
			members := e.Representation.failing(r, obj)
			if len(members) == 0 {
				continue
			}
			if r.eased == nil {
				r.eased = make(map[eased]bool)
			}
			r.eased[eased{e, obj}] = true
			key := strings.Join(members, " ")
			x, ok := groups[key]
			if !ok {
				x = &easing{fetch: e.Without(members), objects: make(map[*value]bool)}
				if groups == nil {
					groups = make(map[string]*easing)
				}
				groups[key] = x
				if x.fetch != nil {
					out = append(out, x)
				}
			}
			x.objects[obj] = true
		}
	}
	return out
}

// failing lists the members of an object's representation that failed; none
// where one is only not there yet.
func (rep *Representation) failing(r *run, obj *value) []string {
	typeName := obj.get("__typename").text()
	var out []string
	for i := range rep.Fields {
		f := &rep.Fields[i]
		if f.Static != "" || !f.isOf(typeName) {
			continue
		}
		r.blame = 0
		if _, ok := f.render(r, nil, obj); ok {
			continue
		}
		if r.blame == 0 {
			return nil
		}
		out = append(out, f.Name)
	}
	return out
}
