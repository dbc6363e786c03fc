package execute

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// compact is what encoding/json makes of a text, or "" when it is not JSON.
func compact(text []byte) string {
	if !json.Valid(text) {
		return ""
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return ""
	}
	return b.String()
}

// FuzzParser compares the reader with encoding/json: the same texts are JSON,
// and they are written back as they were, without spaces.
func FuzzParser(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"x\u00e9\n"],"b":{}}`, `[]`, `"\ud83d\udd11"`, `01`, `1.`, `-`, `"\x"`, `{"a":1,}`, `[1 2]`, `nul`, ` { "a" : "\"" } `,
		strings.Repeat("[", 600) + strings.Repeat("]", 600), `{"\u0061":1}`, "\"\x01\"", "\xff", `1e999`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r reader
		v, err := r.parse(text, 0)
		want := compact(text)
		if err != nil {
			if want != "" && !strings.Contains(err.Error(), "UTF-8") && !strings.Contains(err.Error(), "deeply") {
				t.Fatalf("refused %q: %v", text, err)
			}
			return
		}
		if want == "" {
			t.Fatalf("accepted %q", text)
		}
		got := string(v.append(nil))
		if got != want && !strings.Contains(want, `\`) { // names are written without needless escapes
			t.Fatalf("%q: wrote %q, want %q", text, got, want)
		}
		if !json.Valid([]byte(got)) {
			t.Fatalf("%q: wrote %q, which is not JSON", text, got)
		}
	})
}

// TestReaderIsReused: nothing of one answer is in the next.
func TestReaderIsReused(t *testing.T) {
	var r reader
	for range 3 {
		v, err := r.parse([]byte(`{"a":[`+strings.Repeat(`{"x":[1,2]},`, 700)+`{}],"b":"c"}`), 1)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(v.get("a").items); n != 701 {
			t.Fatalf("%d items", n)
		}
		r.reset()
		w, err := r.parse([]byte(`{}`), 2)
		if err != nil || len(w.members) != 0 || w.items != nil || w.raw != nil || w.cause != 0 {
			t.Fatalf("a fresh value is %+v, %v", w, err)
		}
		r.reset()
	}
}

func TestIntegers(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "-2147483648": "-2147483648", "2147483647": "2147483647", "2.0": "2", "1e3": "1000",
		"2147483648": "", "1.5": "", "1e10": "", "-2147483649": "", "99999999999999999999": "",
	} {
		r := &run{}
		v := &value{kind: kindNumber, raw: []byte(text)}
		ok := r.leaf(&Type{Leaf: LeafInt}, v)
		if got := string(r.out); ok != (want != "") || got != want {
			t.Errorf("%s: %q %t, want %q", text, got, ok, want)
		}
	}
}

func TestStrings(t *testing.T) {
	for _, s := range []string{"", "a", `"\`, "\n\r\t\x00\x1f", "é🔑", "\xff", "<>&", "\u2028"} {
		got := appendString(nil, s)
		var back string
		if err := json.Unmarshal(got, &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") {
			t.Errorf("%q: %s reads as %q, %v", s, got, back, err)
		}
	}
}

// TestErrorList: one error for each path, and paths above and below explain.
func TestErrorList(t *testing.T) {
	p := func(parts ...any) Path {
		var out Path
		for _, x := range parts {
			if s, ok := x.(string); ok {
				out = append(out, PathElement{Name: s})
			} else {
				out = append(out, PathElement{Index: x.(int)})
			}
		}
		return out
	}
	var l errorList
	l.add(&Error{Message: "1", Path: p("a", 1)})
	l.add(&Error{Message: "2", Path: p("a", 1)})
	l.add(&Error{Message: "3"})
	l.add(&Error{Message: "4"})
	if len(l.list) != 3 {
		t.Errorf("%d errors, want 3", len(l.list))
	}
	if !l.explains(p("z")) {
		t.Error("an error without a path is about everything")
	}
	l = errorList{}
	if l.explains(nil) {
		t.Error("nothing explains nothing")
	}
	l.addAll([]*Error{{Path: p("a", 1, "b")}})
	for _, c := range []struct {
		path Path
		want bool
	}{{p("a"), true}, {p("a", 1), true}, {p("a", 1, "b"), true}, {p("a", 1, "b", "c"), true}, {p("a", 0), false}, {p("b"), false}, {p("a", 1, "c"), false}} {
		if got := l.explains(c.path); got != c.want {
			t.Errorf("%v: %t, want %t", c.path, got, c.want)
		}
	}
}

// plainByByte is plain without the words.
func plainByByte(b []byte) int {
	for i, c := range b {
		if c == '"' || c == '\\' || c < 0x20 {
			return i
		}
	}
	return len(b)
}

// TestPlain puts every byte at every place of a word, before every neighbour.
func TestPlain(t *testing.T) {
	for c := range 256 {
		for _, next := range []byte{'a', '"', '\\', 0, 0x1f, 0x20, 0x21, 0x7f, 0x80, 0xff} {
			for at := range 17 {
				b := []byte(strings.Repeat("a", 20))
				b[at], b[at+1] = byte(c), next
				for end := range len(b) + 1 {
					if got, want := plain(b[:end]), plainByByte(b[:end]); got != want {
						t.Fatalf("%q: %d, want %d", b[:end], got, want)
					}
				}
			}
		}
	}
}

// BenchmarkPlain compares with a look at each byte, on a name, a sentence and
// a post.
func BenchmarkPlain(b *testing.B) {
	for _, size := range []int{6, 40, 500} {
		text := append(bytes.Repeat([]byte{'a'}, size), '"')
		for _, way := range []struct {
			name string
			scan func([]byte) int
		}{{"words", plain}, {"bytes", plainByByte}} {
			b.Run(strconv.Itoa(size)+"/"+way.name, func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					if way.scan(text) != size {
						b.Fatal("not at the quote")
					}
				}
			})
		}
	}
}
