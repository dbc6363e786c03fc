package telemetry

import "github.com/starlinghq/starling/internal/telemetry/measure"

// Seam and Method are those of package measure, which whoever must not depend on the SDK imports directly.
type (
	Seam   = measure.Seam
	Method = measure.Method
)

// Seam measures the methods of a seam with the providers of t.
func (t *Telemetry) Seam(name string, opts ...measure.Option) *Seam {
	if t == nil {
		return measure.New(name, nil, nil, opts...)
	}
	return measure.New(name, t.traces, t.metrics, opts...)
}
