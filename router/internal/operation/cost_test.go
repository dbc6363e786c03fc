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
