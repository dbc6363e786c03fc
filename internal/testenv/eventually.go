package testenv

import (
	"testing"
	"time"
)

// Eventually calls check until it returns nil, and fails with its last error
// when that takes longer than within. It is the one way for a test to wait.
func Eventually(t testing.TB, within time.Duration, check func() error) {
	t.Helper()
	deadline := time.Now().Add(within)
	for wait := time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %v", within, err)
		}
		time.Sleep(wait)
	}
}
