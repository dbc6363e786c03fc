package cachelocal_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/cache/cachetest"
	cachelocal "github.com/starlinghq/starling/internal/cache/local"
)

func open(t testing.TB) cachetest.Harness {
	var passed atomic.Int64
	c, err := cachelocal.New(cachelocal.Config{
		Now: func() time.Time { return time.Now().Add(time.Duration(passed.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return cachetest.Harness{
		Cache:   c,
		Advance: func(d time.Duration) { passed.Add(int64(d)) },
		Lacks:   map[string]string{"Away": "it is in this process, and is there while that is"},
	}
}

func TestSuite(t *testing.T) { cachetest.Run(t, open) }
