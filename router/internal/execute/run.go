package execute

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Fetcher calls subgraphs for one request.
type Fetcher interface {
	// Fetch sends the body and returns the answer's. The call's body is only
	// valid during the call; the answer must not change while the request
	// lives. An error that clients may read is a *FetchError.
	Fetch(ctx context.Context, call Call) ([]byte, error)
}

// Call is one request to a subgraph.
type Call struct {
	Subgraph string
	Body     []byte
	Mutation bool
	// ID is the number of the fetch in its plan.
	ID int
}

// FetchError is why a subgraph did not answer, in words for clients.
type FetchError struct {
	Code       string
	Message    string
	RetryAfter time.Duration
	Err        error
}

func (e *FetchError) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *FetchError) Unwrap() error { return e.Err }

// Request is one run.
type Request struct {
	// Plans run one after the other into the same answer: a query has one, a
	// mutation one for each of its root fields.
	Plans []*Plan
	Shape *Shape
	// Variables are the values of the operation's variables as JSON, nil where
	// there is none.
	Variables [][]byte
	Fetcher   Fetcher
	// MaxAnswers bounds the bytes of all that [Field.Answer] gives, which a list
	// of a subgraph may repeat; 0 is no bound. What goes beyond it is null, with
	// the error that TooLong makes.
	MaxAnswers int
	TooLong    func() *Error
	// Errors come before those of the run.
	Errors []*Error
	// Internal is told of faults of ours; clients see CodeInternal only.
	Internal func(ctx context.Context, err error)
}

// Result is the answer of a run. Data and Open belong to the result's buffer:
// call Release when they have been written.
type Result struct {
	// Data is the data member as JSON.
	Data []byte
	// Open is the response up to the end of its data, without the brace that
	// closes it. Append to it what follows: the buffer has room.
	Open   []byte
	Errors []*Error
	// Incomplete is set when something was not answered that no failure
	// accounts for: the plan did not ask for it. Another plan may do better.
	Incomplete bool
	// Forgotten is set when it is surely the plan's fault: no fetch was meant to
	// get a field, or the key of an entity.
	Forgotten bool
	// Hasty is set when an object is null and a field of it failed that the client
	// may not want of it. A plan that waits for the object's type knows.
	Hasty bool
	run   *run
}

// Release gives the memory of the result back.
func (r *Result) Release() {
	if r.run == nil {
		return
	}
	r.run.reset()
	runs.Put(r.run)
	r.run, r.Data, r.Open = nil, nil, nil
}

var runs = sync.Pool{New: func() any { return new(run) }}

// run is the state of one request.
type run struct {
	mu      sync.Mutex // guards everything below while fetches run at once
	reader  reader
	errs    errorList
	failed  map[int]bool // fetches of the running plan that gave nothing
	gap     bool         // a fetch failed: what is absent may be so for that
	absent  bool         // a representation lacked a value
	blank   bool         // a field of the answer lacked a value
	hasty   bool         // an error may be of what nobody wants
	early   []early      // entries that found nothing to ask for
	causes  []*Error     // what the causes of values count
	blame   uint32       // cause of the last representation that is not complete
	lacks   []lack       // representations that lacked a member
	lacking string       // the member that the last representation lacks
	above   uint32       // cause of the nearest object around the one being rendered
	eased   map[eased]bool
	root    *value

	req      *Request
	plan     *Plan
	out      []byte
	answered int // bytes of out that are the router's own
	path     Path
	keys     []string // data keys on the way to the position
	body     bodies
	// scratch is for selecting objects
	scratch [2][]*value
}

func (r *run) reset() {
	r.reader.reset()
	r.errs = errorList{}
	clear(r.failed)
	r.gap, r.absent, r.blank, r.hasty = false, false, false, false
	r.lacks, r.lacking = nil, ""
	r.causes, r.blame, r.above, r.eased = nil, 0, 0, nil
	clear(r.early[:cap(r.early)])
	r.root, r.req, r.plan = nil, nil, nil
	r.out, r.answered = r.out[:0], 0
	r.path, r.keys = r.path[:0], r.keys[:0]
	for i := range r.scratch {
		clear(r.scratch[i][:cap(r.scratch[i])])
	}
	if cap(r.out) > maxKeptBuffer {
		r.out = nil
	}
}

// maxKeptBuffer bounds the output buffers that stay in the pool.
const maxKeptBuffer = 1 << 20

// Run executes the request.
func Run(ctx context.Context, req *Request) *Result {
	r := runs.Get().(*run)
	if r.failed == nil {
		r.failed = make(map[int]bool)
	}
	r.req = req
	r.errs.addAll(req.Errors)
	r.root = r.reader.alloc()
	r.root.kind = kindObject
	for _, plan := range req.Plans {
		r.plan = plan
		clear(r.failed)
		r.early = r.early[:0]
		r.node(ctx, plan.Root)
		r.late(ctx)
	}
	r.settleLacks()
	r.gap = r.gap || len(r.errs.list) > len(req.Errors)
	r.settle(len(req.Errors))
	open := r.render()
	return &Result{
		Data: open[len(opening):], Open: open, Errors: r.errs.list, run: r,
		Incomplete: (r.absent || r.blank) && !r.gap, Forgotten: r.absent && !r.gap, Hasty: r.hasty,
	}
}

// early are entries of a fetch whose turn came too soon.
type early struct {
	fetch   *Fetch
	entries []int
}

// late runs the entries for which nothing was there yet when their turn came,
// and now is: the planner does not always put them after what they need, and
// may put both into one fetch.
func (r *run) late(ctx context.Context) {
	for ran := true; ran && len(r.early) > 0; {
		waiting := r.early
		r.early, ran = nil, false
		for _, e := range waiting {
			ran = r.fetch(ctx, e.fetch, e.entries...) || ran
		}
	}
}

// node runs one step of the plan.
func (r *run) node(ctx context.Context, n *Node) {
	switch {
	case n == nil:
	case n.Fetch != nil:
		r.fetch(ctx, n.Fetch)
	case n.Copy != nil:
		r.copy(n.Copy)
	case n.Parallel:
		r.parallel(ctx, n.Children)
	default:
		for _, c := range n.Children {
			r.node(ctx, c)
		}
	}
}

// copy gives members further names.
func (r *run) copy(c *Copy) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, obj := range r.objects(c.Path) {
		if c.Type != "" && obj.get("__typename").text() != c.Type {
			continue
		}
		for _, m := range c.Members {
			if v := obj.get(m.From); v != nil && obj.get(m.To) == nil {
				r.addMember(obj, &member{key: m.To, val: v}, 1)
			}
		}
	}
}

// parallel runs the first child here and each other one in a goroutine, and
// waits for all.
func (r *run) parallel(ctx context.Context, children []*Node) {
	var wg sync.WaitGroup
	for _, c := range children[1:] {
		wg.Go(func() { r.node(ctx, c) })
	}
	r.node(ctx, children[0])
	wg.Wait()
}

// fetch runs one fetch, or some of its entries, and reports whether there was
// something to ask for.
func (r *run) fetch(ctx context.Context, f *Fetch, only ...int) (asked bool) {
	return r.fetchOf(ctx, f, nil, only...)
}

// fetchOf does the same for some objects only, unless they are nil. A panic in
// it costs this fetch and no more.
func (r *run) fetchOf(ctx context.Context, f *Fetch, of map[*value]bool, only ...int) (asked bool) {
	defer func() {
		if p := recover(); p != nil {
			err := fmt.Errorf("execute: fetch %d of subgraph %s: panic: %v\n%s", f.ID, f.Subgraph, p, debug.Stack())
			if r.req.Internal != nil {
				r.req.Internal(ctx, err)
			}
			r.fail(f, nil, &FetchError{Code: CodeInternal, Message: "Something went wrong on our side."})
		}
	}()
	body, entries, ok := r.prepare(f, of, only...)
	if of == nil {
		defer func() { asked = r.ease(ctx, f, entries) || asked }()
	}
	if !ok {
		return false
	}
	answer, err := r.req.Fetcher.Fetch(ctx, Call{Subgraph: f.Subgraph, Body: body.b, Mutation: f.Mutation, ID: f.ID})
	r.body.put(body)
	if err != nil {
		r.fail(f, entries, err)
		return true
	}
	r.merge(f, entries, answer)
	return true
}
