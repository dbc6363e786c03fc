package tweettext

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// fragments are what the grammar turns on; texts of them meet its rules far more often than texts of any characters.
var fragments = strings.Split(`a|b|Z|com|co|jp|みんな|中国|рф|あ|日本|.|..|-|_|/|(|)|?|#|＃|@|＠|$|&|:|!|,|'|+|*|%|~|;|=|[|]|`+
	`http://|https://|HTTP://|://|t.co/|example.com|foo.co.jp|xn--|xn--ls8h| |  |RT|rt:|@bob|@ann/list|#tag|#1|#日本|$TSLA|$BRK.b|`+
	"é|e\u0301|한|\u1112\u1161\u11ab|\ufb2c|\u0301|😀|👨\u200d👩\u200d👧|👍🏽|🇩🇪|1\ufe0f\u20e3|\u200d|\u200c|\ufe0f|\u20e3|"+
	"\u202a|\u200f|\ufffe|\ufeff|\U00020021|\U000104a0|٣|·|–|\n|\u3000|\u0085|。|\xff|\x00|©|\u034f", "|")

func anyText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		piece := rapid.OneOf(rapid.SampledFrom(fragments), rapid.SampledFrom(fragments), rapid.StringN(0, 4, -1))
		return strings.Join(rapid.SliceOfN(piece, 0, 16).Draw(t, "pieces"), "")
	})
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyText().Draw(t, "text")
		holds(t, text)
		holds(t, norm.NFC.String(text))
		holds(t, norm.NFD.String(text))
		holds(t, norm.NFKC.String(text))
	})
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "😀 #go @ann $TSLA http://example.com/a_(b)?c=d.", "é e\u0301 \xff\xfe example.comです", "👨\u200d👩\u200d👧 1\ufe0f\u20e3"} {
		f.Add(s)
	}
	f.Add(strings.Join(fragments, ""))
	f.Fuzz(func(t *testing.T, text string) {
		holds(t, text)
		holds(t, norm.NFC.String(text))
		holds(t, norm.NFD.String(text))
	})
}

// holds checks what the package promises of any text.
func holds(t rapid.TB, text string) {
	t.Helper()
	es := Extract(text)
	wide := es.UTF16(text)
	runes := []rune(text)
	units := utf16.Encode(runes)
	all := slices.Concat(es.Hashtags, es.Mentions, es.Cashtags, es.URLs)
	for i, w := range slices.Concat(wide.Hashtags, wide.Mentions, wide.Cashtags, wide.URLs) {
		e := all[i]
		if e.Start < 0 || e.Start >= e.End || e.End > len(runes) {
			t.Fatalf("%q: %+v is out of range", text, e)
		}
		place := string(runes[e.Start:e.End])
		if got := string(utf16.Decode(units[w.Start:w.End])); got != place {
			t.Fatalf("%q: %q in code points, %q in UTF-16", text, place, got)
		}
		sigil := ""
		if i < len(all)-len(es.URLs) {
			_, size := utf8.DecodeRuneInString(place)
			sigil = place[:size]
		}
		if want := string([]rune(e.Text)); sigil+want != place {
			t.Fatalf("%q: entity %q is at %q", text, e.Text, place)
		}
	}
	for _, kind := range [][]Entity{es.Hashtags, es.Mentions, es.Cashtags, es.URLs} {
		if !slices.IsSortedFunc(kind, func(a, b Entity) int { return a.Start - b.Start }) {
			t.Fatalf("%q: not in order: %+v", text, kind)
		}
	}
	slices.SortFunc(all, func(a, b Entity) int { return a.Start - b.Start })
	for i := 1; i < len(all); i++ {
		if all[i].Start < all[i-1].End {
			t.Fatalf("%q: %+v overlaps %+v", text, all[i-1], all[i])
		}
	}
	lengthHolds(t, text, len(units))
}

func lengthHolds(t rapid.TB, text string, units int) {
	t.Helper()
	l := Check(text)
	if l.DisplayEnd != max(units-1, 0) || l.ValidEnd < 0 || l.ValidEnd > l.DisplayEnd {
		t.Fatalf("%q: ranges of %+v with %d units", text, l, units)
	}
	clean := !strings.ContainsFunc(text, isInvalid)
	if want := clean && text != "" && l.Weighted <= l.Limit; l.Valid != want {
		t.Fatalf("%q: %+v, want valid %t", text, l, want)
	}
	if l.Valid && l.ValidEnd != l.DisplayEnd {
		t.Fatalf("%q: valid, and yet %+v", text, l)
	}
	if want := l.Weighted * 1000 / l.Limit; l.Permillage != want {
		t.Fatalf("%q: %d‰, want %d", text, l.Permillage, want)
	}
	if want := !strings.ContainsFunc(text, func(r rune) bool { return !isSpace(r) }); Empty(text) != want {
		t.Fatalf("%q: empty %t, want %t", text, !want, want)
	}
	Reply(text)
	ValidURL(text)
	ValidBareURL(text)
}

// TestForms: how a letter is encoded changes neither what a text counts nor which hashtags it has.
func TestForms(t *testing.T) {
	letters := rapid.SampledFrom([]string{"a", "é", "ü", "ǖ", "한", "が", "й", "ё", "ấ", " ", " #", " @ann ", "😀", "ﬀ", ", "})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(letters, 0, 40).Draw(t, "letters"), "")
		composed, decomposed := norm.NFC.String(text), norm.NFD.String(text)
		if a, b := Check(composed), Check(decomposed); a.Weighted != b.Weighted || a.Valid != b.Valid {
			t.Fatalf("%q: composed %+v, decomposed %+v", text, a, b)
		}
		a, b := Extract(composed), Extract(decomposed)
		same := func(x, y Entity) bool { return x.Text == norm.NFC.String(y.Text) }
		if !slices.EqualFunc(a.Hashtags, b.Hashtags, same) || !slices.EqualFunc(a.Mentions, b.Mentions, same) {
			t.Fatalf("%q: composed %+v, decomposed %+v", text, a, b)
		}
	})
}

// TestShift: what comes before a text, apart by a space, moves its entities and changes nothing else of them.
func TestShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := " " + anyText().Draw(t, "text")
		es, moved := Extract(text), Extract("😀日"+text)
		for i, kind := range [][]Entity{es.Hashtags, es.Mentions, es.Cashtags, es.URLs} {
			for j := range kind {
				kind[j].Start += 2
				kind[j].End += 2
			}
			if got := [][]Entity{moved.Hashtags, moved.Mentions, moved.Cashtags, moved.URLs}[i]; !slices.Equal(got, kind) {
				t.Fatalf("%q: %+v, want %+v", text, got, kind)
			}
		}
	})
}

// hostile are texts that repeated make a careless implementation go over the same characters again and again.
var hostile = []string{
	"a.", ".", "あ", "あ.", "a_.", "-.", "_", "a-", "a.co/(", "a.co/(b", "a.co/(b(", "a.co/.", "a.co?", "a.co?.", "a.comあ",
	"あa.comあ.", "xn--", "a.xn--", "a.vermögens", "a.भारत", "http://", "http://a", "http://a.co/", "http://t.co/a", "://",
	"#", "#a", "＃", "#1", "#_", "@", "@a", "@a/a", "RT@", "＠", "$", "$A ", "$A.", "👨\u200d", "👨\u200d👩\u200d", "🇩", "1\ufe0f",
	"🏴\U000E0067", "e\u0301", "\u0301", "a\u0323\u0301", "한", "\u1112\u1161\u11ab", "\ufb2c", "\ufffe", "\xff",
	strings.Repeat("あいうえお", 10) + ".com ", strings.Repeat("a", 63) + ".", strings.Repeat("あ", 100) + ".com",
}

// TestHostile does not end within the time of a test run if any of this takes time quadratic in the text.
func TestHostile(t *testing.T) {
	const size = 100_000
	for _, s := range hostile {
		text := strings.Repeat(s, size/len(s))
		for _, text := range []string{text, text + ".com", "http://" + text, "http://a.co/" + text, "#" + text} {
			Extract(text)
			Check(text)
		}
	}
}

// TestTables: the tables are sorted, for they are searched so, and say nothing that the public suffix list says.
func TestTables(t *testing.T) {
	if !slices.IsSorted(retired) || !slices.IsSorted(wideTLDs) {
		t.Error("top level domains are not sorted")
	}
	for _, name := range retired {
		if _, icann := publicsuffix.PublicSuffix(name); icann {
			t.Errorf("%s is in the public suffix list and not retired", name)
		}
	}
	gone := 0
	for _, name := range wideTLDs {
		if n := utf8.RuneCountInString(name); n > wideMax {
			t.Errorf("%s has %d characters, more than wideMax", name, n)
		}
		encoded, err := idna.Punycode.ToASCII(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, icann := publicsuffix.PublicSuffix(encoded); !icann {
			gone++
		}
	}
	if gone != 7 {
		t.Errorf("%d of wideTLDs are not in the public suffix list, want the 7 that were retired", gone)
	}
}

// TestJoined: every sequence of the table counts as one emoji, and with one more joined to it as two and a joiner.
func TestJoined(t *testing.T) {
	sequences := 0
	for _, j := range joined {
		for _, head := range j.heads {
			for tail := range strings.SplitSeq(j.tails, " ") {
				sequences++
				text := strings.Join(strings.Split(string(head)+tail, ""), "\u200d")
				if got := Check(text).Weighted; got != 2 {
					t.Errorf("%s (%+q) counts %d", text, text, got)
				}
				if got := Check(text + "\u200d🐌").Weighted; got != 5 {
					t.Errorf("%s with a snail counts %d", text, got)
				}
			}
		}
	}
	if sequences < 249 {
		t.Errorf("%d sequences", sequences)
	}
}
