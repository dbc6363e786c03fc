package tweettext

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const labelMax = 63 // characters of a label, in punycode

// part is what lies between two dots of a run of host characters, with all that a match from any of its characters needs.
type part struct {
	start, end int
	underscore int  // the last one in it, -1 if none: the name under the top level domain has none
	whole      bool // its last character may end a label
	tld        int  // where the top level domain ends with which it begins, -1 if it begins with none
	host       int  // where the longest host name ends that begins with all of it, -1 if none does
}

// hosts are the parts of a run. They answer for every character of it which host name begins there, each in constant
// time. The longest is wanted, and whether "a.b.c" goes on as a host name does not depend on where in "a" it began; so one
// pass from the right over the parts replaces the backtracking of the regular expression.
type hosts []part

// split returns the parts of the run text[start:stop], in the memory of h.
func (h hosts) split(text string, start, stop int) hosts {
	h = h[:0]
	for at := start; ; {
		end := stop
		if dot := strings.IndexByte(text[at:stop], '.'); dot >= 0 {
			end = at + dot
		}
		h = append(h, part{start: at, end: end, underscore: -1, tld: -1, host: -1})
		if end == stop {
			break
		}
		at = end + 1
	}
	for i := len(h) - 1; i >= 0; i-- {
		h.fill(text, i)
	}
	return h
}

// fill fills in part i after those to its right.
func (h hosts) fill(text string, i int) {
	p := &h[i]
	s := text[p.start:p.end]
	if i > 0 {
		p.tld = tldEnd(text, p.start)
	}
	if s == "" || i == len(h)-1 {
		return
	}
	if u := strings.LastIndexByte(s, '_'); u >= 0 {
		p.underscore = p.start + u
	}
	p.whole = isLabel(lastRune(s))
	first, _ := utf8.DecodeRuneInString(s)
	p.host = h.match(i, p.start, first)
}

// match returns where the longest host name ends that begins in part i, at byte at with the rune r, -1 if none does.
func (h hosts) match(i, at int, r rune) int {
	p := &h[i]
	if !p.whole || !isLabel(r) {
		return -1
	}
	next := &h[i+1]
	if next.host >= 0 {
		return next.host
	}
	if p.underscore >= at {
		return -1
	}
	return next.tld
}

// appendPlainHosts appends the host names in text from byte at that consist of ASCII and accented Latin labels under any
// top level domain. text ends with a host name.
func appendPlainHosts(dst []piece, text string, at int) []piece {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !isPlain(r) {
			at += size
			continue
		}
		end, next := plainHost(text, at)
		if end > 0 {
			dst = append(dst, piece{url, at, end})
		}
		at = next
	}
	return dst
}

// plainHost returns where the longest plain host name at byte at ends, -1 if there is none, and where to look for the
// next one: a name that begins in a later label of a failed chain would need the same dots, so all of the chain is done.
func plainHost(text string, at int) (end, next int) {
	end = -1
	for {
		start := at
		for at < len(text) {
			r, size := utf8.DecodeRuneInString(text[at:])
			if !isPlain(r) {
				break
			}
			at += size
		}
		if at == start || at == len(text) || text[at] != '.' {
			break
		}
		at++
		if t := tldEnd(text, at); t >= 0 {
			end = t
		}
	}
	if end >= 0 {
		return end, end
	}
	return end, at
}

// validHost reports whether each label of a host name has at most 63 characters in punycode, and whether a name that
// claims to be punycode is.
func validHost(host string) bool {
	if strings.HasPrefix(host, "xn--") && len(appendPlainHosts(nil, host, 0)) == 0 {
		return false
	}
	for l := range strings.SplitSeq(host, ".") {
		if n := punycodeLen(l); n < 1 || n > labelMax {
			return false
		}
	}
	return true
}

// punycodeLen returns the length of a label in punycode, or something over labelMax where it is longer than that.
func punycodeLen(l string) int {
	wide := 0
	for i := range len(l) {
		if l[i] >= utf8.RuneSelf {
			wide++
		}
	}
	if wide == 0 {
		return len(l)
	}
	// Each character takes one at least, and encoding is quadratic: not worth its time beyond the limit.
	if n := utf8.RuneCountInString(l) + len("xn--"); n > labelMax {
		return n
	}
	n := 0
	for {
		dot := strings.IndexFunc(l, isWideDot)
		if dot < 0 {
			return n + encodedLen(l)
		}
		n += encodedLen(l[:dot]) + 1
		_, size := utf8.DecodeRuneInString(l[dot:])
		l = l[dot+size:]
	}
}

func encodedLen(l string) int {
	// An error says that the label claims to be punycode already: it counts encoded once more.
	encoded, _ := idna.Punycode.ToASCII(l)
	return len(encoded)
}

// isWideDot reports whether r separates labels as a dot does, in names that are typed in East Asian scripts.
func isWideDot(r rune) bool { return r == '。' || r == '．' || r == '｡' }
