// Package measure records span, rate, errors and duration of the methods of a seam.
//
// Each seam has one Traced decorator, and one of its methods reads:
//
//	func (t *traced) Get(ctx context.Context, id ID) (tweet Tweet, err error) {
//		ctx, call := t.get.Start(ctx)
//		defer func() { call.End(ctx, err) }()
//		return t.next.Get(ctx, id)
//	}
//
// It promises:
//
//  1. One histogram, starling.call.duration in seconds with seam, method and outcome, from which rate and errors follow.
//  2. Where the trace is not sampled no span is made; what is left is two looks at the clock and one histogram.
//  3. Nil providers cost nothing.
//
// It imports the OpenTelemetry API only, so seams may import it.
package measure
