package storecassandra

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/store"
)

// TestCountTimestamp: write timestamps stand in the order of stamps.
func TestCountTimestamp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) store.Stamp {
			return store.Stamp{
				Epoch: store.Epoch(rapid.Int64Range(0, 1<<epochBits-1).Draw(t, name+" epoch")),
				Seq:   rapid.Int64Range(0, 1<<seqBits-1).Draw(t, name+" seq"),
			}
		}
		a, b := draw("a"), draw("b")
		at, errA := countTimestamp(a)
		bt, errB := countTimestamp(b)
		if errA != nil || errB != nil || a.Newer(b) != (at > bt) || at < 0 {
			t.Fatalf("%+v is %d, %+v is %d (%v, %v)", a, at, b, bt, errA, errB)
		}
	})
	for _, bad := range []store.Stamp{{Epoch: 1 << epochBits}, {Epoch: -1}, {Seq: 1 << seqBits}, {Seq: -1}} {
		if at, err := countTimestamp(bad); err == nil {
			t.Errorf("%+v is %d, want an error", bad, at)
		}
	}
}

func TestBuckets(t *testing.T) {
	at := func(text string) snowflake.ID {
		when, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return snowflake.FirstAt(when)
	}
	newYear := at("2026-01-01 00:00:00")
	if m := month(newYear); m != 2026*12 || month(newYear-1) != m-1 {
		t.Errorf("month of new year is %d, before it %d", m, month(newYear-1))
	}
	april := at("2026-04-01 00:00:00")
	if q := quarter(april); q != 2026*4+1 || quarter(april-1) != q-1 || quarter(newYear) != q-1 {
		t.Errorf("quarter of April is %d, before it %d, of January %d", q, quarter(april-1), quarter(newYear))
	}
}

// TestFill: rows that are not wanted are filled up, whatever the pages.
func TestFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted := rapid.SliceOfN(rapid.Bool(), 0, 60).Draw(t, "wanted")
		n := rapid.IntRange(0, 40).Draw(t, "n")
		var want []int64
		for id, w := range wanted {
			if w && len(want) < n {
				want = append(want, int64(id+1))
			}
		}
		got, left, err := fill(n, 0, func(after int64, limit int) (p page[int64], err error) {
			for id := after + 1; id <= int64(len(wanted)) && p.rows < limit; id++ {
				p.add(id, id, wanted[id-1])
			}
			return p, nil
		})
		if err != nil || len(got) != len(want) || left != (len(want) == n) {
			t.Fatalf("%v, left %t, %v; want %v of %d", got, left, err, want, n)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%v, want %v", got, want)
			}
		}
	})
}

func TestEach(t *testing.T) {
	seen := make([]int, 100)
	must(t, each(t.Context(), len(seen), func(_ context.Context, i int) error { seen[i]++; return nil }))
	for i, n := range seen {
		if n != 1 {
			t.Errorf("%d was done %d times", i, n)
		}
	}
	bad := errors.New("bad")
	err := each(t.Context(), len(seen), func(ctx context.Context, i int) error {
		if i == 3 {
			return bad
		}
		if i > 3 {
			<-ctx.Done() // ended by the one that failed
			return ctx.Err()
		}
		return nil
	})
	if !errors.Is(err, bad) {
		t.Errorf("%v, want the first error", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := each(gone, 0, nil); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("nothing to do for a caller who has gone: %v", err)
	}
}
