package execute

import "strconv"

// AppendPlans writes plans as JSON: a tree of fetches and, as text, the same
// for people.
func AppendPlans(out []byte, plans []*Plan) []byte {
	out = append(out, '[')
	for i, p := range plans {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"tree":`...)
		out = appendNode(out, p.Root)
		out = append(out, `,"text":`...)
		out = appendString(out, p.Text)
		out = append(out, '}')
	}
	return append(out, ']')
}

func appendNode(out []byte, n *Node) []byte {
	if n == nil {
		return append(out, "null"...)
	}
	if n.Fetch != nil {
		return appendFetch(out, n.Fetch)
	}
	if n.Copy != nil {
		return append(out, `{"kind":"copy"}`...)
	}
	kind := "sequence"
	if n.Parallel {
		kind = "parallel"
	}
	out = append(out, `{"kind":"`+kind+`","children":[`...)
	for i, c := range n.Children {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendNode(out, c)
	}
	return append(out, ']', '}')
}

func appendFetch(out []byte, f *Fetch) []byte {
	out = append(out, `{"kind":"fetch","id":`...)
	out = strconv.AppendInt(out, int64(f.ID), 10)
	out = append(out, `,"subgraph":`...)
	out = appendString(out, f.Subgraph)
	out = append(out, `,"query":`...)
	out = appendString(out, f.Query)
	if len(f.Entries) > 0 {
		out = append(out, `,"paths":[`...)
		for i := range f.Entries {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendString(out, KeyPath(f.Entries[i].Path))
		}
		out = append(out, ']')
	}
	return append(out, '}')
}
