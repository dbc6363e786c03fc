package invariant

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"
)

// broken counts over the whole process. It is the one variable of its kind: a bug has no owner whom one could ask for a
// counter, and a caller who had to be given one would leave the check out.
var broken atomic.Int64

// Count is how many invariants broke since the process began.
func Count() int64 { return broken.Load() }

// Failf reports that an invariant is broken. The text says what should have held and what was found instead. It panics in a
// test; else it logs to log, which may be nil, and returns.
func Failf(ctx context.Context, log *slog.Logger, format string, args ...any) {
	fail(ctx, log, testing.Testing(), fmt.Sprintf(format, args...))
}

// Check is Failf where ok is false; it answers ok, so that a caller can leave: if !invariant.Check(...) { return ... }.
func Check(ctx context.Context, log *slog.Logger, ok bool, format string, args ...any) bool {
	if !ok {
		fail(ctx, log, testing.Testing(), fmt.Sprintf(format, args...))
	}
	return ok
}

func fail(ctx context.Context, log *slog.Logger, inTest bool, what string) {
	if inTest {
		panic("invariant broken: " + what)
	}
	broken.Add(1)
	if log == nil {
		return
	}
	const skip = 2 // fail and its exported caller
	attrs := []slog.Attr{slog.String("what", what)}
	if _, file, line, ok := runtime.Caller(skip); ok {
		attrs = append(attrs, slog.String("at", fmt.Sprintf("%s:%d", file, line)))
	}
	log.LogAttrs(ctx, slog.LevelError, "invariant broken", attrs...)
}
