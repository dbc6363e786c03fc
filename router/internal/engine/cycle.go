package engine

import (
	"fmt"
	"slices"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/plan"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/postprocess"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/engine/resolve"
)

// checkCycles refuses fetches that wait for each other. The library orders
// fetches by a recursion that never ends on a cycle, and a stack overflow ends
// the process, so the stages before that one run on a copy first.
func checkCycles(p *plan.SynchronousResponsePlan) error {
	trial := *p.Response
	trial.Data = nil
	trial.RawFetches = make([]*resolve.FetchItem, len(p.Response.RawFetches))
	for i, item := range p.Response.RawFetches {
		c := *item
		if single, ok := item.Fetch.(*resolve.SingleFetch); ok {
			f := *single
			f.DependsOnFetchIDs = slices.Clone(f.DependsOnFetchIDs)
			c.Fetch = &f
		}
		trial.RawFetches[i] = &c
	}
	postprocess.NewProcessor(
		postprocess.DisableMergeFields(), postprocess.DisableOrderSequenceByDependencies(), postprocess.DisableCreateParallelNodes(),
		postprocess.DisableResolveInputTemplates(), postprocess.DisableCollectAuthorizationCoordinates(),
	).Process(&plan.SynchronousResponsePlan{Response: &trial})
	after := make(map[int][]int)
	for _, n := range trial.Fetches.ChildNodes {
		d := n.Item.Fetch.Dependencies()
		after[d.FetchID] = append(after[d.FetchID], d.DependsOnFetchIDs...)
	}
	state := make(map[int]int) // 1 on the way, 2 done
	var visit func(id int) error
	visit = func(id int) error {
		switch state[id] {
		case 1:
			return fmt.Errorf("fetch %d waits for itself", id)
		case 2:
			return nil
		}
		state[id] = 1
		for _, dep := range after[id] {
			if err := visit(dep); err != nil {
				return err
			}
		}
		state[id] = 2
		return nil
	}
	for id := range after {
		if err := visit(id); err != nil {
			return err
		}
	}
	return nil
}
