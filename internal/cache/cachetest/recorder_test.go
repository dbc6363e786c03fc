package cachetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// recorder runs a case whose failure is what the test wants to see.
type recorder struct {
	testing.TB // of the real test, for what is not a verdict

	mu     sync.Mutex
	failed bool   // guarded by mu
	said   string // guarded by mu: the first failure
}

func (r *recorder) fail(said string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.failed {
		r.failed, r.said = true, said
	}
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Helper()                   {}
func (r *recorder) Log(...any)                {}
func (r *recorder) Logf(string, ...any)       {}
func (r *recorder) Fail()                     { r.fail("Fail") }
func (r *recorder) FailNow()                  { r.fail("FailNow"); runtime.Goexit() }
func (r *recorder) Error(args ...any)         { r.fail(fmt.Sprint(args...)) }
func (r *recorder) Errorf(f string, a ...any) { r.fail(fmt.Sprintf(f, a...)) }
func (r *recorder) Fatal(args ...any)         { r.Error(args...); runtime.Goexit() }
func (r *recorder) Fatalf(f string, a ...any) { r.Errorf(f, a...); runtime.Goexit() }
func (r *recorder) SkipNow()                  { r.fail("skipped"); runtime.Goexit() }
func (r *recorder) Skip(...any)               { r.SkipNow() }
func (r *recorder) Skipf(string, ...any)      { r.SkipNow() }

// verdict runs a case and returns what it said first, if it failed.
func verdict(t testing.TB, c aCase, open func(testing.TB) Harness) (said string, failed bool) {
	r := &recorder{TB: t}
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				r.fail(fmt.Sprint("panic: ", p))
			}
		}()
		c.check(r, open)
	})
	wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said, r.failed
}
