package execute

// errorList collects errors, one for each path. It knows the paths as a tree:
// an answer may have as many errors as it has nulls.
type errorList struct {
	list  []*Error
	paths errorNode
}

// errorNode is a position at, above or below errors.
type errorNode struct {
	err   *Error // the one at the position
	count int    // of errors at the position and below
	names map[PathElement]*errorNode
	items map[int]*errorNode
}

func (n *errorNode) next(e PathElement) *errorNode {
	if e.Name != "" {
		return n.names[e]
	}
	return n.items[e.Index]
}

// grow returns the position of an element, new if there is none yet.
func (n *errorNode) grow(e PathElement) *errorNode {
	if next := n.next(e); next != nil {
		return next
	}
	next := &errorNode{}
	switch {
	case e.Name != "" && n.names == nil:
		n.names = map[PathElement]*errorNode{e: next}
	case e.Name != "":
		n.names[e] = next
	case n.items == nil:
		n.items = map[int]*errorNode{e.Index: next}
	default:
		n.items[e.Index] = next
	}
	return next
}

// at returns the position of a path, nil if no error was ever at or below it.
func (n *errorNode) at(p Path) *errorNode {
	for _, e := range p {
		if n = n.next(e); n == nil {
			return nil
		}
	}
	return n
}

// mark notes an error and reports whether it is the first at its path.
func (n *errorNode) mark(e *Error) bool {
	if at := n.at(e.Path); at != nil && at.err != nil {
		return false
	}
	n.count++
	for _, el := range e.Path {
		n = n.grow(el)
		n.count++
	}
	n.err = e
	return true
}

// unmark takes back what mark noted.
func (n *errorNode) unmark(e *Error) {
	n.count--
	for _, el := range e.Path {
		n = n.next(el)
		n.count--
	}
	n.err = nil
}

// any reports whether an error at the position or below is like another.
func (n *errorNode) any(like func(*Error) bool) bool {
	if n == nil || n.count == 0 {
		return false
	}
	if n.err != nil && like(n.err) {
		return true
	}
	for _, next := range n.names {
		if next.any(like) {
			return true
		}
	}
	for _, next := range n.items {
		if next.any(like) {
			return true
		}
	}
	return false
}

// add appends the error unless its path has one already. An error without a
// path is always kept.
func (l *errorList) add(e *Error) {
	if l.paths.mark(e) || len(e.Path) == 0 {
		l.list = append(l.list, e)
	}
}

// addAll appends errors as they are.
func (l *errorList) addAll(list []*Error) {
	for _, e := range list {
		l.paths.mark(e)
	}
	l.list = append(l.list, list...)
}

// explains reports whether some error already accounts for null at a position:
// one at, above or below it.
func (l *errorList) explains(p Path) bool {
	if len(l.list) == 0 {
		return false
	}
	n := &l.paths
	for _, e := range p {
		if n.err != nil {
			return true
		}
		if n = n.next(e); n == nil {
			return false
		}
	}
	return n.count > 0
}

// drop takes back the copied errors from an index on that are below a
// position, all but the last if nothing else explains null at the position.
func (l *errorList) drop(from int, at Path) {
	var last *Error
	kept := l.list[:from]
	for _, e := range l.list[from:] {
		if !e.copied || len(e.Path) <= len(at) {
			kept = append(kept, e)
			continue
		}
		l.paths.unmark(e)
		last = e
	}
	l.list = kept
	if last != nil && !l.explains(at) {
		l.add(last)
	}
}
