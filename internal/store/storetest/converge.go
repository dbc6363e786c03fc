package storetest

import "slices"

// trial is one object, writes of it, and what must be there after all of them.
type trial struct {
	writes []func() error
	read   func() (any, error)
	want   any
}

// converge applies the writes of a trial in every order, then again in the
// reverse one, each time to a new object, and expects the same end. So every
// write arrives early, late and twice.
func converge(e *env, what string, build func() trial) {
	e.Helper()
	for _, order := range permutations(len(build().writes)) {
		t := build()
		for _, i := range order {
			e.must(t.writes[i]())
		}
		for _, i := range slices.Backward(order) {
			e.must(t.writes[i]())
		}
		got, err := t.read()
		e.must(err)
		e.equal(what, got, t.want)
		if e.Failed() {
			e.Fatalf("%s: that was after the writes %v and back", what, order)
		}
	}
}

// permutations returns every order of 0 to n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(p), at, n-1))
		}
	}
	return all
}

// pager is one list and how to page through it.
type pager[T any] struct {
	want  []T                                  // all of it, in order
	page  func(from int64, n int) ([]T, error) // 0: from the start
	place func(T) int64                        // the cursor behind an item
}

// pages walks a list in pages of every size up to one more than it has.
func pages[T any](e *env, what string, p pager[T]) {
	e.Helper()
	for n := 1; n <= len(p.want)+1; n++ {
		got, err := walkPages(p, n)
		if err != nil {
			e.Fatalf("%s: pages of %d: %v", what, n, err)
		}
		e.equal(what, slices.Concat(got...), p.want)
		for i, page := range got {
			if full := len(page) == n; full == (i == len(got)-1) {
				e.Errorf("%s: page %d of %d has %d items where pages have %d", what, i+1, len(got), len(page), n)
			}
		}
		if e.Failed() {
			e.Fatalf("%s: that was in pages of %d", what, n)
		}
	}
}

// walkPages reads pages until one is not full, or until there are surely too
// many.
func walkPages[T any](p pager[T], n int) ([][]T, error) {
	var got [][]T
	from := int64(0)
	for range len(p.want) + 2 {
		page, err := p.page(from, n)
		if err != nil {
			return nil, err
		}
		got = append(got, page)
		if len(page) < n {
			break
		}
		from = p.place(page[len(page)-1])
	}
	return got, nil
}
