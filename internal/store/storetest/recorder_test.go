package storetest

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// recorder stands for a test that is expected to fail: what it reports is kept
// instead of failing the real one.
type recorder struct {
	testing.TB // for the methods that only a real test has

	mu       sync.Mutex
	failed   bool     // guarded by mu
	skipped  bool     // guarded by mu
	messages []string // guarded by mu
}

// failing runs f in a test of its own, and returns what became of it.
func failing(t testing.TB, f func(*recorder)) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r
}

func (r *recorder) note(failed bool, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || failed
	r.messages = append(r.messages, message)
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.TB.Context() }
func (r *recorder) Log(args ...any)          { r.note(false, fmt.Sprint(args...)) }
func (r *recorder) Logf(f string, a ...any)  { r.note(false, fmt.Sprintf(f, a...)) }
func (r *recorder) Error(args ...any)        { r.note(true, fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, a ...any) {
	r.note(true, fmt.Sprintf(f, a...))
}
func (r *recorder) Fail() { r.note(true, "failed") }

func (r *recorder) FailNow() {
	r.note(true, "failed")
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(f string, a ...any) {
	r.Errorf(f, a...)
	runtime.Goexit()
}

func (r *recorder) Skipf(f string, a ...any) {
	r.mu.Lock()
	r.skipped = true
	r.mu.Unlock()
	r.Logf(f, a...)
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}
