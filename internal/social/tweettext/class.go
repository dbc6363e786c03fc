package tweettext

import (
	"unicode"
	"unicode/utf8"
)

// class is a set of the roles that an ASCII character plays in the grammar. Wider characters have functions of their own.
type class uint16

const (
	letter   class = 1 << iota // A-Z a-z
	digit                      // 0-9
	label                      // begins, continues and ends a host label
	joint                      // only continues a host label: - and _
	path                       // continues a url's path
	pathEnd                    // may be the last of a path
	query                      // continues a url's query
	queryEnd                   // may be the last of a query
	closing                    // may follow a cashtag
)

var ascii = classify()

func classify() (table [utf8.RuneSelf]class) {
	mark := func(c class, chars string) {
		for i := range len(chars) {
			table[chars[i]] |= c
		}
	}
	for c := range table {
		table[c] = label
	}
	for _, c := range "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$ \t\n\v\f\r" {
		table[c] &^= label
	}
	for c := 'a'; c <= 'z'; c++ {
		mark(letter|path|pathEnd|query|queryEnd, string([]rune{c, c - 'a' + 'A'}))
	}
	mark(digit|path|pathEnd|query|queryEnd, "0123456789")
	mark(joint, "-_")
	mark(path, "!*';:=+,.$/%#[]-_~@|&")
	mark(pathEnd, "+-=_#/")
	mark(query, "!?*'@();:&=+$/%#[]-_.,~|")
	mark(queryEnd, "-_&=#/")
	mark(closing, "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$ \t\n\v\f\r")
	return table
}

// is reports whether byte c is ASCII and in one of the classes.
func is(c byte, classes class) bool { return c < utf8.RuneSelf && ascii[c]&classes != 0 }

func isName(c byte) bool { return is(c, letter|digit) || c == '_' }

// isLabel reports whether r may begin and end a label of a host name.
func isLabel(r rune) bool {
	if r < utf8.RuneSelf {
		return ascii[r]&label != 0
	}
	return !isSpace(r) && !isInvalid(r) && !isDirectional(r)
}

// isHost reports whether r may be part of a host name at all.
func isHost(r rune) bool { return r == '.' || r == '-' || r == '_' || isLabel(r) }

// isPlain reports whether r may be part of a host name that is written without a protocol: among scripts that put no
// spaces between words only these tell where a name begins.
func isPlain(r rune) bool {
	if r < utf8.RuneSelf {
		return ascii[r]&(letter|digit) != 0 || r == '-'
	}
	return isLatin(r)
}

// isPath reports whether the rune r, at least 128, may be part of a url's path, and whether it may end it.
func isPath(r rune) (inside, end bool) {
	if r >= 0x400 && r <= 0x4FF || isLatin(r) {
		return true, true
	}
	return r == '–', false
}

// isLatin reports whether r is a Latin letter with an accent, or a combining accent.
func isLatin(r rune) bool {
	switch {
	case r < 0xC0:
		return false
	case r <= 0x24F:
		return r != '×' && r != '÷'
	case r <= 0x2BB:
		switch r {
		case 0x253, 0x254, 0x256, 0x257, 0x259, 0x25B, 0x263, 0x268, 0x26F, 0x272, 0x289, 0x28B, 0x2BB:
			return true
		}
		return false
	}
	return r >= 0x300 && r <= 0x36F || r >= 0x1E00 && r <= 0x1EFF
}

// isSpace is the white space of twitter-text: Unicode's, and the Mongolian vowel separator that was once one.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r == 0x180E }

// isInvalid reports whether r may not be in a tweet at all: the byte order mark and two noncharacters.
func isInvalid(r rune) bool { return r == 0xFEFF || r == 0xFFFE || r == 0xFFFF }

// isDirectional reports whether r marks the direction of writing; urls begin and end at such marks.
func isDirectional(r rune) bool {
	switch {
	case r < 0x61C:
		return false
	case r == 0x61C, r == 0x200E, r == 0x200F:
		return true
	}
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// isTag reports whether r may be in a hashtag, and whether it is one of the letters of which a hashtag needs one.
func isTag(r rune) (inside, alpha bool) {
	if r < utf8.RuneSelf {
		c := ascii[r]
		return c&(letter|digit) != 0 || r == '_', c&letter != 0
	}
	if unicode.In(r, unicode.L, unicode.M) {
		return true, true
	}
	if unicode.Is(unicode.Nd, r) {
		return true, false
	}
	switch r {
	case '\u200C', '\u200D', // joiners, which spell words in Persian and Sinhala
		'\uA67E',                     // Cyrillic kavyka
		'\u05BE', '\u05F3', '\u05F4', // Hebrew maqaf, geresh, gershayim
		'\uFF5E', '\u301C', // wave dashes
		'\u309B', '\u309C', // Japanese voicing marks
		'\u30A0', '\u30FB', '\u3003', // Japanese hyphen, middle dot, ditto mark
		'\u0F0B', '\u0F0C', // Tibetan syllable marks
		'\u00B7': // Catalan middle dot
		return true, false
	}
	return false, false
}
