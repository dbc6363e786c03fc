package execute

// errorList collects errors, one for each path. It knows the paths as a tree:
// an answer may have as many errors as it has nulls.
type errorList struct {
	list  []*Error
	paths errorNode
}

// errorNode is a position at, above or below errors.
type errorNode struct {
	here  bool // one is at the position
	names map[string]*errorNode
	items map[int]*errorNode
}

func (n *errorNode) next(e PathElement) *errorNode {
	if e.Name != "" {
		return n.names[e.Name]
	}
	return n.items[e.Index]
}

// mark notes an error at a path and reports whether it is the first there.
func (n *errorNode) mark(p Path) bool {
	for _, e := range p {
		next := n.next(e)
		if next == nil {
			next = &errorNode{}
			switch {
			case e.Name != "" && n.names == nil:
				n.names = map[string]*errorNode{e.Name: next}
			case e.Name != "":
				n.names[e.Name] = next
			case n.items == nil:
				n.items = map[int]*errorNode{e.Index: next}
			default:
				n.items[e.Index] = next
			}
		}
		n = next
	}
	first := !n.here
	n.here = true
	return first
}

// add appends the error unless its path has one already. An error without a
// path is always kept.
func (l *errorList) add(e *Error) {
	if l.paths.mark(e.Path) || len(e.Path) == 0 {
		l.list = append(l.list, e)
	}
}

// addAll appends errors as they are.
func (l *errorList) addAll(list []*Error) {
	for _, e := range list {
		l.paths.mark(e.Path)
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
		if n.here {
			return true
		}
		if n = n.next(e); n == nil {
			return false
		}
	}
	return true
}
