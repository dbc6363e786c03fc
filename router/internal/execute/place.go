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
		if entries != nil && entries[i].sent == 0 {
			continue
		}
		if entries != nil {
			entries[i].miss(cause)
		} else {
			for _, obj := range r.objects(f.Entries[i].Path) {
				obj.miss(cause)
			}
		}
		at := *e
		if entries != nil {
			at.Path = r.common(&f.Entries[i], &entries[i])
		} else {
			at.Path = commonPath(r.positions(f.Entries[i].Path))
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
// one object, its own.
func (r *run) common(e *Entry, ask *asked) Path {
	all := r.positions(e.Path)
	var asked []Path
	for i, p := range all {
		if ask.item[i] >= 0 {
			asked = append(asked, p)
		}
	}
	return commonPath(asked)
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

// positions returns the response path of each object that a path selects, in
// the order of [run.objects].
func (r *run) positions(path []Step) []Path {
	type place struct {
		v    *value
		path Path
	}
	at := []place{{v: r.root}}
	var walk func(to []place, v *value, p Path) []place
	walk = func(to []place, v *value, p Path) []place {
		if v == nil {
			return to
		}
		switch v.kind {
		case kindObject:
			return append(to, place{v, p})
		case kindArray:
			for i, item := range v.items {
				to = walk(to, item, append(slices.Clone(p), PathElement{Index: i}))
			}
		}
		return to
	}
	for i := range path {
		step := &path[i]
		var next []place
		for _, pl := range at {
			if step.leads(pl.v) {
				next = walk(next, pl.v.get(step.Key), append(slices.Clone(pl.path), PathElement{Name: r.name(step.Key), key: step.Key}))
			}
		}
		at = next
	}
	out := make([]Path, len(at))
	for i := range at {
		out[i] = at[i].path
	}
	return out
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
	out.Path = slices.Clone(at)
	for _, p := range rest {
		switch p.kind {
		case kindString:
			key, err := unquote(p.raw)
			if err != nil {
				break
			}
			out.Path = append(out.Path, PathElement{Name: r.name(key), key: key})
		case kindNumber:
			if n, ok := p.integer(); ok {
				out.Path = append(out.Path, PathElement{Index: int(n)})
			}
		}
	}
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
