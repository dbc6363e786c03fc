package storecassandra

// page is what one request of a list brought.
type page[T any] struct {
	items  []T   // rows that are wanted
	rows   int   // rows read
	cursor int64 // id of the last row read
}

// add takes a row in, if it is wanted.
func (p *page[T]) add(id int64, item T, wanted bool) {
	p.rows++
	p.cursor = id
	if wanted {
		p.items = append(p.items, item)
	}
}

// fill reads pages behind a cursor until it has n items or there are no more
// rows. Left tells that it stopped at n: there may be more. Rows that are not
// wanted are about a tenth, so a page asks for a few more than it needs.
func fill[T any](n int, cursor int64, read func(cursor int64, limit int) (page[T], error)) (out []T, left bool, err error) {
	for len(out) < n {
		limit := min(n-len(out)+n/8+4, pageRows)
		p, err := read(cursor, limit)
		if err != nil {
			return nil, false, err
		}
		out = append(out, p.items...)
		if p.rows < limit {
			break
		}
		cursor = p.cursor
	}
	if len(out) >= n {
		return out[:max(n, 0)], true, nil
	}
	return out, false, nil
}
