package execute

// slab hands out slices of T from large chunks and takes all of them back at
// once. It is what makes a request of a thousand values cost a handful of
// allocations.
type slab[T any] struct {
	chunks [][]T
	chunk  int // the one in use
	next   int // first free element of it
}

const (
	slabSize = 512
	// slabKeep bounds what a pooled slab holds on to between requests.
	slabKeep = 64
)

// take returns n zero elements.
func (s *slab[T]) take(n int) []T {
	if n > slabSize {
		return make([]T, n)
	}
	if len(s.chunks) == 0 {
		s.chunks = append(s.chunks, make([]T, slabSize))
	}
	if s.next+n > slabSize {
		s.chunk++
		s.next = 0
		if s.chunk == len(s.chunks) {
			s.chunks = append(s.chunks, make([]T, slabSize))
		}
	}
	out := s.chunks[s.chunk][s.next : s.next+n : s.next+n]
	s.next += n
	return out
}

// reset forgets everything that was handed out, so that no answer of a
// subgraph is reachable from the pool.
func (s *slab[T]) reset() {
	for i := range s.chunks {
		if i > s.chunk {
			break
		}
		clear(s.chunks[i])
	}
	if len(s.chunks) > slabKeep {
		clear(s.chunks[slabKeep:])
		s.chunks = s.chunks[:slabKeep]
	}
	s.chunk, s.next = 0, 0
}
