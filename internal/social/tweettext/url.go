package tweettext

import (
	"strings"
	"unicode/utf8"
)

const (
	urlMax  = 4096 // UTF-16 units, with a protocol
	slugMax = 40   // of t.co
)

// finder finds urls. It goes from one run of host characters with a dot in it to the next, since no url is without one.
type finder struct {
	text  string
	taken int // bytes that earlier matches have taken; what precedes a url must come after them
}

// appendURLs appends the urls of text in order.
func appendURLs(dst []piece, text string) []piece {
	f := finder{text: text}
	var buf [8]part
	parts := hosts(buf[:0])
	for at := 0; ; {
		dot := strings.IndexByte(text[at:], '.')
		if dot < 0 {
			return dst
		}
		start, end := hostRun(text, at, at+dot)
		parts = parts.split(text, start, end)
		dst = f.run(dst, parts, start, end)
		at = max(end, f.taken)
	}
}

// hostRun returns the run of host characters around the dot, not beginning before byte from.
func hostRun(text string, from, dot int) (start, end int) {
	start, end = dot, dot
	for start > from {
		r, size := utf8.DecodeLastRuneInString(text[from:start])
		if !isHost(r) {
			break
		}
		start -= size
	}
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !isHost(r) {
			break
		}
		end += size
	}
	return start, end
}

// opening says how a url may begin at some place.
type opening uint8

const (
	closed   opening = iota
	open             // with a host name
	glued            // with a host name, but that is then part of something else: matched, and no url
	protocol         // after "http://" or "https://"
)

// run appends the urls whose host names lie in text[start:end]. A host name may begin at any character that follows one
// which is no ASCII letter or digit; the leftmost that matches is taken.
func (f *finder) run(dst []piece, parts hosts, start, end int) []piece {
	how, from := f.opens(start)
	part := 0
	for at := start; at < end; {
		r, size := utf8.DecodeRuneInString(f.text[at:end])
		for at > parts[part].end {
			part++
		}
		if how != closed {
			if host := parts.match(part, at, r); host > 0 {
				dst = f.take(dst, how, from, at, host)
				if f.taken >= end {
					return dst
				}
				at, how = host, closed
				continue
			}
		}
		at += size
		from, how = at, opensAfter(r)
	}
	return dst
}

// opens returns how a url may begin with the host name at byte at, which begins a run, and where that url begins.
func (f *finder) opens(at int) (how opening, from int) {
	if at == 0 {
		return open, at
	}
	before := f.text[:at]
	if strings.HasSuffix(before, "://") {
		for _, p := range [...]string{"http://", "https://"} {
			from = at - len(p)
			if from < 0 || !strings.EqualFold(before[from:], p) {
				continue
			}
			if from == 0 || from > f.taken && opensAfter(lastRune(before[:from])) != closed {
				return protocol, from
			}
		}
	}
	if at == f.taken {
		return closed, at
	}
	return opensAfter(lastRune(before)), at
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// opensAfter returns how a host name may begin after r.
func opensAfter(r rune) opening {
	switch r {
	case '-', '_', '.', '/':
		return glued
	case '@', '＠', '$', '#', '＃':
		return closed
	}
	if r < utf8.RuneSelf && ascii[r]&(letter|digit) != 0 || isInvalid(r) {
		return closed
	}
	return open
}

// take takes the url that begins at byte from and whose host name is text[at:host], and appends what of it is a url.
func (f *finder) take(dst []piece, how opening, from, at, host int) []piece {
	port := portEnd(f.text, host)
	path := pathEndAt(f.text, port)
	end := queryEndAt(f.text, path)
	f.taken = end
	if !validHost(f.text[at:host]) || tooLong(f.text[from:end], how) {
		return dst
	}
	switch how {
	case protocol:
		if end = trimShort(f.text, from, end); end > from {
			dst = append(dst, piece{url, from, end})
		}
	case open:
		first := len(dst)
		dst = appendPlainHosts(dst, f.text[:host], at)
		if last := len(dst) - 1; last >= first && dst[last].end == host && path > port {
			dst[last].end = end
		}
	}
	return dst
}

// tooLong reports whether a url is longer than urlMax with the protocol that it has or gets.
func tooLong(u string, how opening) bool {
	if how != protocol {
		return utf16Len(u)+len("https://") > urlMax
	}
	return utf16Len(u) > urlMax
}

// trimShort returns where a url with protocol ends: a t.co url right after its slug, or slug and query, whatever other
// characters follow, and not at all where the slug is too long.
func trimShort(text string, from, end int) int {
	const host = "://t.co/"
	u := text[from:end]
	i := strings.IndexByte(u, ':')
	if len(u) < i+len(host) || !strings.EqualFold(u[i:i+len(host)], host) {
		return end
	}
	slug := from + i + len(host)
	i = slug
	for i < end && is(text[i], letter|digit) {
		i++
	}
	switch {
	case i == slug:
		return end
	case i-slug > slugMax:
		return from
	}
	return queryEndAt(text[:end], i)
}

// portEnd returns the end of the ":port" at byte at, or at.
func portEnd(text string, at int) int {
	if at == len(text) || text[at] != ':' {
		return at
	}
	end := at + 1
	for end < len(text) && is(text[end], digit) {
		end++
	}
	if end == at+1 {
		return at
	}
	return end
}

// pathEndAt returns the end of the path at byte at, or at. A path ends with the last character that may end one: neither
// a sentence's punctuation nor the parenthesis that was opened before the url.
func pathEndAt(text string, at int) int {
	if at == len(text) || text[at] != '/' {
		return at
	}
	end := at + 1
	for i := end; i < len(text); {
		if text[i] == '(' {
			i = parensEnd(text, i)
			if i < 0 {
				break
			}
			end = i
			continue
		}
		size, last := pathChar(text[i:])
		if size == 0 {
			break
		}
		i += size
		if last {
			end = i
		}
	}
	return end
}

// pathChar returns the size of the path character at the beginning of text, 0 if there is none, and whether it may end
// a path.
func pathChar(text string) (size int, last bool) {
	if c := text[0]; c < utf8.RuneSelf {
		if ascii[c]&path == 0 {
			return 0, false
		}
		return 1, ascii[c]&pathEnd != 0
	}
	r, size := utf8.DecodeRuneInString(text)
	inside, last := isPath(r)
	if !inside {
		return 0, false
	}
	return size, last
}

// parensEnd returns the end of the parentheses that open at byte at, -1 if they do not close. They hold path characters
// and at most one pair of inner parentheses, and neither pair is empty.
func parensEnd(text string, at int) int {
	i := pathCharsEnd(text, at+1)
	if i < len(text) && text[i] == '(' {
		inner := i + 1
		i = pathCharsEnd(text, inner)
		if i == inner || i == len(text) || text[i] != ')' {
			return -1
		}
		i = pathCharsEnd(text, i+1)
	}
	if i == at+1 || i == len(text) || text[i] != ')' {
		return -1
	}
	return i + 1
}

// pathCharsEnd returns the end of the path characters at byte at.
func pathCharsEnd(text string, at int) int {
	for at < len(text) {
		size, _ := pathChar(text[at:])
		if size == 0 {
			break
		}
		at += size
	}
	return at
}

// queryEndAt returns the end of the "?query" at byte at, or at.
func queryEndAt(text string, at int) int {
	end := at
	if at == len(text) || text[at] != '?' {
		return end
	}
	for i := at + 1; i < len(text) && is(text[i], query); i++ {
		if is(text[i], queryEnd) {
			end = i + 1
		}
	}
	return end
}
