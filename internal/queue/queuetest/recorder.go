package queuetest

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// recorder is a T that keeps a failure to itself. A case runs on it in a
// goroutine of its own, as a test does, because FailNow ends the goroutine.
type recorder struct {
	outer T

	mu      sync.Mutex
	failed  bool     // guarded by mu
	skipped bool     // guarded by mu
	lines   []string // guarded by mu
}

// attempt runs f on a recorder and returns what it said, or nothing when it
// neither failed nor was skipped.
func attempt(outer T, f func(T)) (failed, skipped bool, said []string) {
	r := &recorder{outer: outer}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		f(r)
	}()
	<-done
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed, r.skipped, r.lines
}

func (r *recorder) log(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, s)
}

func (r *recorder) mark(flag *bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*flag = true
}

// The methods of T.

func (r *recorder) Helper()                          {}
func (r *recorder) Name() string                     { return r.outer.Name() }
func (r *recorder) Context() context.Context         { return r.outer.Context() }
func (r *recorder) Cleanup(f func())                 { r.outer.Cleanup(f) }
func (r *recorder) Logf(format string, args ...any)  { r.log(fmt.Sprintf(format, args...)) }
func (r *recorder) Log(args ...any)                  { r.log(fmt.Sprint(args...)) }
func (r *recorder) Fail()                            { r.mark(&r.failed) }
func (r *recorder) Error(args ...any)                { r.Log(args...); r.Fail() }
func (r *recorder) Fatal(args ...any)                { r.Log(args...); r.FailNow() }
func (r *recorder) Skip(args ...any)                 { r.Log(args...); r.SkipNow() }
func (r *recorder) Errorf(format string, a ...any)   { r.Logf(format, a...); r.Fail() }
func (r *recorder) Fatalf(format string, a ...any)   { r.Logf(format, a...); r.FailNow() }
func (r *recorder) Skipf(format string, args ...any) { r.Logf(format, args...); r.SkipNow() }

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) SkipNow() {
	r.mark(&r.skipped)
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}
