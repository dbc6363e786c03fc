package operation

import (
	"strings"
	"testing"
)

// TestCostOfAbstractLevels: an estimate looks at each type of each level once,
// and not at each way through them.
func TestCostOfAbstractLevels(t *testing.T) {
	s, err := NewSchema(`
		type Query { n: N }
		interface N { id: ID! n: N }
		type A implements N { id: ID! n: N }
		type B implements N { id: ID! n: N }
		type C implements N { id: ID! n: N }
	`, testPlanner{})
	if err != nil {
		t.Fatal(err)
	}
	costs := &Costs{listSize: 10}
	const depth = 45
	doc, errs := s.Parse(strings.Repeat("{ n ", depth)+"{ id }"+strings.Repeat(" }", depth), Limits{})
	if len(errs) > 0 {
		t.Fatal(errs[0])
	}
	op, oerr := doc.Operation("")
	if oerr != nil {
		t.Fatal(oerr)
	}
	p := op.Prepare(noVariables, FormPlain, nil)
	e := newEstimate(costs, p, noVariables)
	if cost := e.operation(p); cost != depth || e.work > 10*depth {
		t.Errorf("cost %d with work %d, want %d", cost, e.work, depth)
	}
	e = newEstimate(costs, p, noVariables)
	e.work = maxEstimate + 1
	if cost := e.operation(p); cost != maxCost {
		t.Errorf("cost %d beyond the bound of work, want the largest", cost)
	}
}

// TestCostSaturates: no sizes, however large, make an operation cheap.
func TestCostSaturates(t *testing.T) {
	s, err := NewSchema(`type Query { l(first: Int, n: Long): [Query!] id: ID! } scalar Long`, testPlanner{})
	if err != nil {
		t.Fatal(err)
	}
	costs := &Costs{listSize: 10, sizes: map[Coordinate]*listSize{{"Query", "l"}: {slicing: []string{"first", "n"}}}}
	for _, list := range []string{"l(first: 2147483647)", "l(first: 1073741824)", "l(first: 65536)", "l(n: 1125899906842624)", "l(n: 9223372036854775807)"} {
		for depth := 4; depth < 40; depth++ {
			doc, errs := s.Parse("{ "+strings.Repeat(list+" { ", depth)+"id }"+strings.Repeat(" }", depth), Limits{})
			if len(errs) > 0 {
				t.Fatal(errs[0])
			}
			op, oerr := doc.Operation("")
			if oerr != nil {
				t.Fatal(oerr)
			}
			if cost, err := op.Prepare(noVariables, FormPlain, nil).Cost(costs, noVariables); err != nil || cost != maxCost {
				t.Errorf("%d times %s cost %d, %v", depth, list, cost, err)
			}
		}
	}
}
