package tweettext

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Rules say how a text counts. The zero value is of no use: take [V1], [V2] or [V3].
type Rules struct {
	Limit         int  // the greatest weighted length
	Scale         int  // weights are in parts of this many to one of length
	DefaultWeight int  // of a character in none of Ranges, and of an emoji
	URLLength     int  // weighted length of any url
	Emoji         bool // whether an emoji sequence counts as one character
	Ranges        []Range
}

// Range gives the characters from First to Last a weight.
type Range struct {
	First, Last rune
	Weight      int
}

// V1 are the rules of the first configuration: 140 characters of one weight.
func V1() Rules {
	return Rules{Limit: 140, Scale: 1, DefaultWeight: 1, URLLength: 23}
}

// V2 are the rules of the second configuration: 280, of which a character in most scripts of long words takes one and
// any other two.
func V2() Rules {
	r := V3()
	r.Emoji = false
	return r
}

// V3 are the rules of Starling, the third configuration: as the second, and an emoji takes two whatever it consists of.
func V3() Rules {
	return Rules{
		Limit: 280, Scale: 100, DefaultWeight: 200, URLLength: 23, Emoji: true,
		Ranges: []Range{
			{0x0000, 0x10FF, 100}, // Latin to Georgian
			{0x2000, 0x200D, 100}, // spaces and joiners
			{0x2010, 0x201F, 100}, // dashes and quotation marks
			{0x2032, 0x2037, 100}, // primes
		},
	}
}

// Length is what a text counts. The ranges are in UTF-16 units of the text as it was given, the end included; those of
// an empty text, and of one whose first character is already too much, are 0 to 0.
type Length struct {
	Weighted   int  // the weighted length
	Limit      int  // the greatest one that is valid
	Permillage int  // Weighted of Limit in thousandths, rounded down; over 1000 if too long
	Valid      bool // not empty, not over Limit, no invalid character

	DisplayStart, DisplayEnd int // all of the text
	ValidStart, ValidEnd     int // what of it is within Limit and before the first invalid character
}

// Check counts text by the rules of Starling, [V3].
func Check(text string) Length { return standard.Check(text) }

var standard = V3()

// Empty reports whether text is nothing but white space.
func Empty(text string) bool { return strings.TrimLeftFunc(text, isSpace) == "" }

// Check counts text by the rules r.
func (r Rules) Check(text string) Length { return r.check(text) }

// check is Check without copying the rules.
func (r *Rules) check(text string) Length {
	normal, origin := text, []segment(nil)
	if !norm.NFC.IsNormalString(text) {
		normal, origin = normalize(text)
	}
	weight, fits, clean := r.weigh(normal)
	l := Length{
		Weighted:   weight / r.Scale,
		Limit:      r.Limit,
		Permillage: weight * 1000 / (r.Limit * r.Scale),
		Valid:      clean && weight > 0 && weight <= r.Limit*r.Scale,
		DisplayEnd: max(utf16Len(text)-1, 0),
	}
	if origin != nil {
		fits = originalEnd(origin, fits)
	}
	l.ValidEnd = l.DisplayEnd
	if fits < len(text) {
		l.ValidEnd = max(utf16Len(text[:fits])-1, 0)
	}
	return l
}

// weigh returns the weight of an NFC text, how many of its bytes are within the limit and before an invalid character,
// and whether there is no such character.
func (r *Rules) weigh(text string) (weight, fits int, clean bool) {
	var buf [8]piece
	urls := appendURLs(buf[:0], text)
	limit := r.Limit * r.Scale
	clean = true
	for i := 0; i < len(text); {
		if len(urls) > 0 && urls[0].start == i {
			weight += r.URLLength * r.Scale
			i = urls[0].end
			urls = urls[1:]
		} else {
			c, size := rune(text[i]), 1
			if c >= utf8.RuneSelf {
				c, size = utf8.DecodeRuneInString(text[i:])
			}
			w := r.of(c)
			if r.Emoji && mayBeEmoji(text, i, c) {
				if end := emojiEnd(text, i); end > i {
					w, size = r.DefaultWeight, end-i
				}
			}
			weight += w
			i += size
			clean = clean && !isInvalid(c)
		}
		if clean && weight <= limit {
			fits = i
		}
	}
	return weight, fits, clean
}

// mayBeEmoji spares the look-up for most characters: ASCII ones that no keycap follows, and letters.
func mayBeEmoji(text string, at int, c rune) bool {
	switch {
	case c < utf8.RuneSelf:
		return at+1 < len(text) && (text[at+1] == 0xE2 || text[at+1] == 0xEF) // the lead bytes of keycap and selector
	case c < 0x203C:
		return c == 0xA9 || c == 0xAE
	}
	return c <= 0x303D || c >= 0x1F000 || c == 0x3297 || c == 0x3299
}

// of returns the weight of a character.
func (r *Rules) of(c rune) int {
	for i := range r.Ranges {
		if c >= r.Ranges[i].First && c <= r.Ranges[i].Last {
			return r.Ranges[i].Weight
		}
	}
	return r.DefaultWeight
}

// utf16Len returns the length of s in UTF-16 units.
func utf16Len(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf {
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		n++
		if r > 0xFFFF {
			n++
		}
		i += size - 1
	}
	return n
}
