package operation

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// setIDs names selection sets by where they stand in a document, so that what
// was found out about several of them can be remembered.
type setIDs map[*ast.Selection]int

// once returns the sets, each once, and appends the key of all of them, which
// does not depend on their order. Empty sets are left out.
func (ids setIDs) once(key []byte, sets []ast.SelectionSet) ([]ast.SelectionSet, []byte) {
	numbers := make([]int, 0, len(sets))
	byNumber := make(map[int]ast.SelectionSet, len(sets))
	for _, s := range sets {
		if len(s) == 0 {
			continue
		}
		n, ok := ids[&s[0]]
		if !ok {
			n = len(ids)
			ids[&s[0]] = n
		}
		if byNumber[n] == nil {
			byNumber[n] = s
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	out := make([]ast.SelectionSet, len(numbers))
	for i, n := range numbers {
		key = append(strconv.AppendInt(key, int64(n), 36), ',')
		out[i] = byNumber[n]
	}
	return out, key
}
