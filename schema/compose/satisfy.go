package compose

import (
	"context"
	"strings"

	"github.com/starlinghq/starling/schema/satisfy"
)

// satisfy checks that every query of the API schema can be answered.
func (m *merger) satisfy(ctx context.Context, o options) {
	if len(m.late) > 0 {
		m.errors = append(m.errors, m.late...)
		return
	}
	problems, err := satisfy.Check(ctx, m.schema, satisfy.Options{MaxSteps: o.steps})
	if err != nil {
		return // the context ended, which Compose reports
	}
	for _, p := range problems {
		d := diagnostic(Code(p.Code), p.Coordinate, m.fieldPositions(p.Coordinate), "%s", p.Message)
		if p.Hint {
			m.hints = append(m.hints, d)
		} else {
			m.errors = append(m.errors, d)
		}
	}
}

// fieldPositions is where the subgraphs declare the field of a coordinate.
func (m *merger) fieldPositions(coordinate string) []Location {
	typ, field, ok := strings.Cut(coordinate, ".")
	if !ok {
		return nil
	}
	return m.everywhere(typ, field)
}
