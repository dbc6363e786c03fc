package queuepebble

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/queue"
	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

func records() *rapid.Generator[record] {
	return rapid.Custom(func(t *rapid.T) record {
		text := rapid.StringN(0, 40, 80)
		r := record{
			Message: queue.Message{
				ID:     text.Draw(t, "id"),
				Type:   social.EventType(text.Draw(t, "type")),
				Family: social.Family(text.Draw(t, "family")),
				Key:    snowflake.ID(rapid.Int64Min(0).Draw(t, "key")),
				Body:   rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "body"),
			},
			attempts:  rapid.IntRange(0, 1<<30).Draw(t, "attempts"),
			recovered: rapid.Bool().Draw(t, "recovered"),
			reason:    text.Draw(t, "reason"),
		}
		if headers := rapid.MapOfN(text, text, 0, 4).Draw(t, "headers"); len(headers) > 0 {
			r.Headers = headers
		}
		if rapid.Bool().Draw(t, "dated") {
			r.at = time.UnixMilli(rapid.Int64Range(1, 1<<43).Draw(t, "at")).UTC()
		}
		return r
	})
}

func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := records().Draw(t, "record")
		b := want.encode()
		got, err := decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
		for i := range b { // the result shares nothing with the buffer, which Pebble takes back
			b[i] = 0xff
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); diff != "" {
			t.Fatalf("changed with its buffer:\n%s", diff)
		}
	})
}

// Whatever the bytes, decode returns; what it accepts it can write again.
func FuzzDecode(f *testing.F) {
	f.Add(record{Message: queue.Message{ID: "1:x", Headers: map[string]string{"a": "b"}, Body: []byte("{}")}}.encode())
	f.Add(record{reason: "why", at: time.UnixMilli(1), attempts: 3, recovered: true}.encode())
	f.Add([]byte{recordVersion, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Add([]byte{recordVersion + 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decode(b)
		if err != nil {
			if !errors.Is(err, errRecord) {
				t.Fatalf("%v is not errRecord", err)
			}
			return
		}
		again, err := decode(r.encode())
		if err != nil {
			t.Fatalf("decode of its own encoding: %v", err)
		}
		if !bytes.Equal(again.encode(), r.encode()) {
			t.Fatal("encoding is not stable")
		}
	})
}

func TestKeysSortAsTheirNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		family := rapid.SampledFrom([]social.Family{"a", "ab", "users", "users2"})
		name := func(label string) queue.Name {
			return queue.Name{Family: family.Draw(t, label), Shard: rapid.IntRange(0, maxShards-1).Draw(t, label)}
		}
		seq := rapid.Uint64Max(1<<63 - 1)
		a, b := seq.Draw(t, "a"), seq.Draw(t, "b")
		n := name("queue")
		prefix := queueKey(tableMessages, n)
		if got := bytes.Compare(seqKey(prefix, a), seqKey(prefix, b)); (got < 0) != (a < b) || (got == 0) != (a == b) {
			t.Fatalf("keys of %d and %d compare as %d", a, b, got)
		}
		if other := name("other"); other != n && bytes.HasPrefix(seqKey(queueKey(tableMessages, other), a), prefix) {
			t.Fatalf("a key of %s lies in %s", other, n)
		}
		due := rapid.Int64Range(0, 1<<50).Draw(t, "due")
		gotDue, gotName, err := cutResting(restingKey(due, n, a))
		if err != nil || gotDue != due || gotName != n {
			t.Fatalf("got %d, %v, %v", gotDue, gotName, err)
		}
	})
}

func FuzzCutResting(f *testing.F) {
	f.Add(restingKey(1, queue.Name{Family: "users", Shard: 3}, 9))
	f.Add([]byte("qr12345678users"))
	f.Fuzz(func(_ *testing.T, key []byte) { _, _, _ = cutResting(key) })
}
