package execute

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"
)

// fail records that a fetch gave nothing: one error at the position that all
// it was asked for has in common.
func (r *run) fail(f *Fetch, entries []asked, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failLocked(f, entries, err)
}

func (r *run) failLocked(f *Fetch, entries []asked, err error) {
	r.failed[f.ID], r.gap = true, true
	e := fetchError(f, err)
	cause := r.cause(e)
	if len(f.Entries) == 0 {
		r.root.miss(cause)
		for _, key := range f.Fields {
			at := *e
			at.Path = Path{{Name: r.name(key), key: key}}
			r.errs.add(&at)
		}
		return
	}
	for i := range f.Entries {
		at := *e
		switch {
		case entries == nil:
			var paths []Path
			for _, p := range r.positions(f.Entries[i].Path) {
				p.object.miss(cause)
				paths = append(paths, p.path)
			}
			at.Path = commonPath(paths)
		case entries[i].sent == 0:
			continue
		default:
			entries[i].miss(cause)
			at.Path = r.common(&f.Entries[i], &entries[i])
		}
		r.errs.add(&at)
	}
}

// fetchError words the failure of a fetch for clients.
func fetchError(f *Fetch, err error) *Error {
	var fe *FetchError
	e := &Error{Code: CodeDownstream, Message: "The service did not answer.", Service: f.Subgraph}
	switch {
	case errors.As(err, &fe):
		e.Code, e.Message, e.RetryAfter = fe.Code, fe.Message, fe.RetryAfter
	case errors.Is(err, context.DeadlineExceeded):
		e.Code, e.Message = CodeTimeout, "The service did not answer in time."
	}
	return e
}

// common is the longest path that all objects of an entry have in common: with
// one object, its own. Any number of errors may ask for it.
func (r *run) common(e *Entry, ask *asked) Path {
	if !ask.hasCommon {
		var paths []Path
		for i, p := range r.places(e, ask) {
			if ask.item[i] >= 0 {
				paths = append(paths, p)
			}
		}
		ask.common, ask.hasCommon = commonPath(paths), true
	}
	return ask.common
}

// places returns the response path of each object that an entry selected. The
// entry's path may lead to more by now, where other answers have put objects.
func (r *run) places(e *Entry, ask *asked) []Path {
	found := r.positions(e.Path)
	out := make([]Path, len(ask.objects))
	next := 0
	for i, obj := range ask.objects {
		for next < len(found) && found[next].object != obj {
			next++
		}
		if next < len(found) {
			out[i] = found[next].path
			next++
		}
	}
	return out
}

func commonPath(paths []Path) Path {
	if len(paths) == 0 {
		return nil
	}
	common := paths[0]
	for _, p := range paths[1:] {
		n := 0
		for n < len(common) && n < len(p) && common[n] == p[n] {
			n++
		}
		common = common[:n]
	}
	return slices.Clone(common)
}

// position is an object and where it stands in the response.
type position struct {
	object *value
	path   Path
}

// positions returns the objects that a path selects, in the order of
// [run.objects].
func (r *run) positions(path []Step) []position {
	at := []position{{object: r.root}}
	for i := range path {
		step := &path[i]
		var next []position
		for _, p := range at {
			if step.leads(p.object) {
				below := append(slices.Clone(p.path), PathElement{Name: r.name(step.Key), key: step.Key})
				next = appendPositions(next, p.object.get(step.Key), below)
			}
		}
		at = next
	}
	return at
}

// appendPositions adds the objects of a value, through lists of any depth.
func appendPositions(to []position, v *value, path Path) []position {
	if v == nil {
		return to
	}
	switch v.kind {
	case kindObject:
		return append(to, position{v, path})
	case kindArray:
		for i, item := range v.items {
			to = appendPositions(to, item, append(slices.Clone(path), PathElement{Index: i}))
		}
	}
	return to
}

// name is the response name of a data key.
func (r *run) name(key string) string {
	if n, ok := r.plan.Names[key]; ok {
		return n
	}
	return key
}

// subgraphError adds an error that a subgraph sent. Its path is the position
// of what was asked for, and from there what the subgraph said. It returns the
// error as a cause.
func (r *run) subgraphError(f *Fetch, entries []asked, e *value, at Path, rest []*value) uint32 {
	out := &Error{Code: CodeDownstream, Message: "The service reported an error.", Service: f.Subgraph}
	if m := e.get("message"); m != nil && m.kind == kindString {
		if text, err := unquote(m.raw); err == nil && text != "" {
			out.Message = text
		}
	}
	if x := e.get("extensions"); x != nil && x.kind == kindObject {
		readExtensions(out, x)
	}
	out.Path = r.follow(slices.Clone(at), rest)
	cause := r.cause(out)
	if len(out.Path) > 0 {
		r.errs.add(out)
		return cause
	}
	// The subgraph did not say where: it is about all that was asked for.
	if len(f.Entries) == 0 {
		for _, key := range f.Fields {
			copied := *out
			copied.Path = Path{{Name: r.name(key), key: key}}
			r.errs.add(&copied)
		}
		return cause
	}
	for i := range f.Entries {
		if entries != nil && entries[i].sent > 0 {
			copied := *out
			copied.Path = r.common(&f.Entries[i], &entries[i])
			r.errs.add(&copied)
		}
	}
	return cause
}

// follow adds to a path what a subgraph says of it, as far as that can be one:
// no answer is deeper than maxDepth.
func (r *run) follow(path Path, rest []*value) Path {
	for _, p := range rest[:min(len(rest), maxDepth)] {
		switch p.kind {
		case kindString:
			key, err := unquote(p.raw)
			if err != nil || key == "" {
				return path
			}
			path = append(path, PathElement{Name: r.name(key), key: key})
		case kindNumber:
			n, ok := p.integer()
			if !ok || n < 0 {
				return path
			}
			path = append(path, PathElement{Index: int(n)})
		default:
			return path
		}
	}
	return path
}

// readExtensions takes over what a subgraph's error says in its extensions.
// What the router says itself is not taken from there.
func readExtensions(out *Error, x *value) {
	for i := range x.members {
		m := &x.members[i]
		switch m.key {
		case "code":
			if m.val.kind == kindString {
				if code, err := unquote(m.val.raw); err == nil && code != "" {
					out.Code = code
				}
			}
		case "retryAfter":
			if m.val.kind == kindNumber {
				if s, err := strconv.ParseFloat(string(m.val.raw), 64); err == nil && s > 0 {
					out.RetryAfter = time.Duration(s * float64(time.Second))
				}
			}
		case "traceId", "serviceName":
		default:
			out.Extensions = append(out.Extensions, Extension{Name: m.key, Value: m.val.append(nil)})
		}
	}
}
