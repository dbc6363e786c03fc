package importer

import (
	"context"
	"encoding/json"
	"fmt"
)

// pageSize is the length of the pages asked for; the API allows 100.
const pageSize = 100

// ref is an entity of which only the id is asked.
type ref struct {
	ID string `json:"id"`
}

// node is an entry of any list, with the fields that some list asks for.
type node struct {
	ID             string  `json:"id"`
	Text           *string `json:"text"`
	Deleted        *bool   `json:"deleted"`
	Author         *ref    `json:"author"`
	Tweet          *ref    `json:"tweet"`
	ViewerFollows  *bool   `json:"viewerFollows"`
	ViewerHasLiked *bool   `json:"viewerHasLiked"`
}

// page is one page of any connection.
type page struct {
	Edges []struct {
		Node *node `json:"node"`
	} `json:"edges"`
	PageInfo struct {
		HasNextPage bool    `json:"hasNextPage"`
		EndCursor   *string `json:"endCursor"`
	} `json:"pageInfo"`
}

// listField asks for a page of a list of an entity; selection is that of its
// nodes.
func listField(name, owner, list, selection string) template {
	return template{
		operation: "query", name: name, params: "$id#: ID!, $after#: String",
		field: fmt.Sprintf("%s(id: $id#) { list: %s(first: %d, after: $after#) { edges { node { %s } } pageInfo { hasNextPage endCursor } } }",
			owner, list, pageSize, selection),
	}
}

// listing is one list read to its end, or the reason why it could not be.
type listing struct {
	nodes []node
	fault string
}

func (l listing) items() []item {
	items := make([]item, len(l.nodes))
	for i, n := range l.nodes {
		items[i] = item{id: n.ID, key: n.ID}
	}
	return items
}

// reader reads lists to their end, several at a time.
type reader struct {
	client *client
	batch  int
	limit  int // entries of one list, after which it is called endless
}

// lists reads the list of every owner. The owners may be more than a batch.
func (r *reader) lists(ctx context.Context, who *session, t template, owners []string) ([]listing, error) {
	out := make([]listing, len(owners))
	pending := make([]cursor, len(owners))
	for i, id := range owners {
		pending[i] = cursor{at: i, vars: vars{"id": id}}
	}
	return out, r.follow(ctx, who, t, pending, out, decodeOwned)
}

// list reads one list at the root, such as the feed.
func (r *reader) list(ctx context.Context, who *session, t template) (listing, error) {
	out := make([]listing, 1)
	err := r.follow(ctx, who, t, []cursor{{vars: vars{}}}, out, decodePage)
	return out[0], err
}

func decodePage(data json.RawMessage) (p *page, err error) {
	err = json.Unmarshal(data, &p)
	return p, err
}

// decodeOwned reads a page that stands in its owner as "list".
func decodeOwned(data json.RawMessage) (*page, error) {
	var owner *struct{ List *page }
	if err := json.Unmarshal(data, &owner); err != nil || owner == nil {
		return nil, err
	}
	return owner.List, nil
}

// cursor is where the reading of one list stands.
type cursor struct {
	at   int // index of the list
	vars vars
}

// follow reads page after page of all lists until each has ended.
func (r *reader) follow(ctx context.Context, who *session, t template, pending []cursor, out []listing,
	decode func(json.RawMessage) (*page, error),
) error {
	for len(pending) > 0 {
		n := min(len(pending), r.batch)
		now, rest := pending[:n], pending[n:]
		items := make([]vars, n)
		for i, c := range now {
			items[i] = c.vars
		}
		answers, err := r.client.ask(ctx, who, t, items)
		if err != nil {
			return err
		}
		var more []cursor
		for i, c := range now {
			next, fault := r.add(&out[c.at], answers[i], decode)
			switch {
			case fault != "":
				out[c.at].fault = fault
			case next != "" && next == c.vars["after"]:
				out[c.at].fault = "does not end: its last page leads to itself"
			case next != "":
				more = append(more, cursor{at: c.at, vars: c.vars.with("after", next)})
			}
		}
		pending = append(more, rest...)
	}
	return nil
}

func (v vars) with(name string, value any) vars {
	out := vars{name: value}
	for k, old := range v {
		if k != name {
			out[k] = old
		}
	}
	return out
}

// add appends a page to a listing. It returns the cursor of the next page, or
// what is wrong.
func (r *reader) add(l *listing, o outcome, decode func(json.RawMessage) (*page, error)) (next, fault string) {
	if o.fault != nil {
		return "", "cannot be read: " + o.fault.Error()
	}
	p, err := decode(o.data)
	switch {
	case err != nil:
		return "", "cannot be read: " + err.Error()
	case p == nil:
		return "", "is null"
	case len(p.Edges) > pageSize:
		return "", fmt.Sprintf("has a page of %d entries where %d were asked for", len(p.Edges), pageSize)
	}
	for _, e := range p.Edges {
		if e.Node == nil {
			return "", "holds an entry that is null"
		}
		l.nodes = append(l.nodes, *e.Node)
	}
	switch {
	case !p.PageInfo.HasNextPage:
		return "", ""
	case p.PageInfo.EndCursor == nil || *p.PageInfo.EndCursor == "":
		return "", "has a next page but no cursor to it"
	case len(l.nodes) > r.limit:
		return "", fmt.Sprintf("does not end: %d entries read", len(l.nodes))
	}
	return *p.PageInfo.EndCursor, ""
}

// entities asks for one thing each, in batches, and decodes it. A nil element
// is null; its fault says why, if the server did.
func entities[T any](ctx context.Context, r *reader, who *session, t template, items []vars) ([]*T, []*fault, error) {
	out := make([]*T, len(items))
	faults := make([]*fault, len(items))
	for from := 0; from < len(items); from += r.batch {
		answers, err := r.client.ask(ctx, who, t, items[from:min(from+r.batch, len(items))])
		if err != nil {
			return nil, nil, err
		}
		for i, a := range answers {
			faults[from+i] = a.fault
			if isNull(a.data) {
				continue
			}
			if err := json.Unmarshal(a.data, &out[from+i]); err != nil {
				faults[from+i] = &fault{code: "not as asked", message: err.Error()}
			}
		}
	}
	return out, faults, nil
}

// nullFault words why an entity could not be judged.
func nullFault(f *fault) string {
	if f == nil {
		return "is not there"
	}
	return "cannot be read: " + f.Error()
}
