package snowflake_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
)

func TestIDFields(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := snowflake.Epoch + snowflake.Millis(rapid.Int64Range(0, 1<<41-1).Draw(t, "ms"))
		node := rapid.IntRange(0, snowflake.Nodes-1).Draw(t, "node")
		seq := rapid.IntRange(0, snowflake.PerMilli-1).Draw(t, "seq")
		id := snowflake.Make(ms, node, seq)
		if id < 0 || id.Millis() != int64(ms) || id.Node() != node || id.Seq() != seq {
			t.Fatalf("Make(%d, %d, %d) reads as %d, %d, %d", ms, node, seq, id.Millis(), id.Node(), id.Seq())
		}
		if got := snowflake.MillisOf(id.Time()); got != ms {
			t.Fatalf("time is %d, want %d", got, ms)
		}
		if first := snowflake.FirstAt(id.Time()); first > id || snowflake.FirstAt(id.Time().Add(time.Millisecond)) <= id && ms < snowflake.Epoch+1<<41-1 {
			t.Fatalf("FirstAt does not bound %d", id)
		}
		if id == 0 {
			return
		}
		back, err := snowflake.Parse(id.String())
		if err != nil || back != id {
			t.Fatalf("Parse(%s) = %d, %v", id, back, err)
		}
	})
}

func TestFirstAtIsHeldInRange(t *testing.T) {
	epoch := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := snowflake.FirstAt(epoch.Add(-time.Hour)); got != 0 {
		t.Errorf("before the epoch: %d, want 0", got)
	}
	if got := snowflake.FirstAt(epoch.Add(time.Millisecond)); got != 1<<22 {
		t.Errorf("the first millisecond: %d, want %d", got, 1<<22)
	}
	if got := snowflake.FirstAt(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)); got < 0 {
		t.Errorf("past the last millisecond: %d is negative", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", "0", "00", "01", "-1", "+1", " 1", "1 ", "1_0", "0x1", "1e3", "९",
		"9223372036854775808", "18446744073709551616", "99999999999999999999", strings.Repeat("1", 1000),
	} {
		id, err := snowflake.Parse(s)
		if !errors.Is(err, snowflake.ErrBadID) || id != 0 {
			t.Errorf("Parse(%.30q) = %d, %v; want ErrBadID", s, id, err)
		}
		if err != nil && len(err.Error()) > 100 {
			t.Errorf("Parse of %d bytes answers an error of %d", len(s), len(err.Error()))
		}
	}
	if id, err := snowflake.Parse("9223372036854775807"); err != nil || id != math.MaxInt64 {
		t.Errorf("the largest id: %d, %v", id, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "0", "9223372036854775807", "9223372036854775808", "-5", "12x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := snowflake.Parse(s)
		if (err == nil) != (id > 0) {
			t.Fatalf("Parse(%q) = %d, %v", s, id, err)
		}
		if err == nil && id.String() != s {
			t.Fatalf("Parse(%q) reads as %s", s, id)
		}
	})
}
