package tweettext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of the grammar, in characters.
const (
	mentionMax  = 20 // longer than any handle, as twitter-text has it
	listMax     = 25
	cashtagMax  = 6
	exchangeMax = 2 // "b" of $BRK.b
)

// appendTags appends the hashtags, mentions, lists and cashtags of text, in order, whether or not they lie in a url.
func appendTags(dst []piece, text string) []piece {
	// What a match has taken cannot come before the next match of its kind.
	var hashTaken, atTaken int
	for i := 0; i < len(text); i++ {
		sigil := 1
		c := text[i]
		if c == 0xEF {
			c, sigil = fullwidth(text[i:])
		}
		switch c {
		case '#':
			var p piece
			var ok bool
			p, ok, hashTaken = matchHashtag(text, i, sigil, hashTaken)
			if ok {
				dst = append(dst, p)
			}
		case '@':
			var p piece
			var ok bool
			p, ok, atTaken = matchMention(text, i, sigil, atTaken)
			if ok {
				dst = append(dst, p)
			}
		case '$':
			if p, ok := matchCashtag(text, i); ok {
				dst = append(dst, p)
			}
		}
	}
	return dst
}

// fullwidth returns the sigil that the fullwidth form at the beginning of text stands for, and its length in bytes.
func fullwidth(text string) (sigil byte, size int) {
	switch {
	case strings.HasPrefix(text, "＃"):
		return '#', len("＃")
	case strings.HasPrefix(text, "＠"):
		return '@', len("＠")
	}
	return 0, 1
}

// matchHashtag matches a hashtag with its sign at byte at. It returns the end of what the match takes, which is beyond at
// also where the tag is then refused for what follows it.
func matchHashtag(text string, at, sigil, taken int) (p piece, ok bool, _ int) {
	if !startsTag(text, at, taken) {
		return p, false, taken
	}
	rest := text[at+sigil:]
	if strings.HasPrefix(rest, "\uFE0F") || strings.HasPrefix(rest, "\u20E3") {
		return p, false, taken // a keycap emoji
	}
	end, alpha := len(rest), false
	for i, r := range rest {
		inside, a := isTag(r)
		if !inside {
			end = i
			break
		}
		alpha = alpha || a
	}
	if !alpha {
		return p, false, taken
	}
	after := rest[end:]
	end += at + sigil
	if strings.HasPrefix(after, "#") || strings.HasPrefix(after, "＃") || strings.HasPrefix(after, "://") {
		return p, false, end
	}
	return piece{hashtag, at, end}, true, end
}

// startsTag reports whether a hashtag may begin at byte at: after nothing, after an emoji's variation selector, or after
// anything but a word and the ampersand of an HTML entity.
func startsTag(text string, at, taken int) bool {
	if at == 0 {
		return true
	}
	r, size := utf8.DecodeLastRuneInString(text[:at])
	if at-size < taken {
		return false
	}
	if r == 0xFE0E || r == 0xFE0F {
		return true
	}
	inside, _ := isTag(r)
	return !inside && r != '&'
}

// matchMention matches a mention, or a list, with its sign at byte at; it returns like matchHashtag.
func matchMention(text string, at, sigil, taken int) (p piece, ok bool, _ int) {
	if !startsMention(text, at, taken) {
		return p, false, taken
	}
	end := nameEnd(text, at+sigil)
	if end == at+sigil {
		return p, false, taken
	}
	p = piece{mention, at, end}
	if slug := listEnd(text, end); slug > end {
		p = piece{list, at, slug}
	}
	return p, !refusesMention(text[p.end:]), p.end
}

// startsMention reports whether a mention may begin at byte at: not inside of a word or an address, but after a "RT".
func startsMention(text string, at, taken int) bool {
	if at == 0 {
		return true
	}
	if at == taken {
		return false
	}
	c := text[at-1]
	if !isName(c) && !strings.ContainsRune("!#$%&*@", rune(c)) {
		return !strings.HasSuffix(text[:at], "＠")
	}
	rt := at - len("rt")
	if rt < taken || !strings.EqualFold(text[rt:at], "rt") {
		return false
	}
	if rt == 0 {
		return true
	}
	c = text[rt-1]
	return !isName(c) && !strings.ContainsRune("+~.-", rune(c))
}

// nameEnd returns the end of the screen name at byte at of text, or at.
func nameEnd(text string, at int) int {
	end := at
	for end < len(text) && end-at < mentionMax && isName(text[end]) {
		end++
	}
	return end
}

// listEnd returns the end of the "/list" at byte at of text, or at.
func listEnd(text string, at int) int {
	if at+1 >= len(text) || text[at] != '/' || !is(text[at+1], letter) {
		return at
	}
	end := at + 1
	for end < len(text) && end-at-1 < listMax && (isName(text[end]) || text[end] == '-') {
		end++
	}
	return end
}

// refusesMention reports whether what follows a name shows that it was none: an address, a longer word, a url's protocol.
func refusesMention(after string) bool {
	if after == "" {
		return false
	}
	if after[0] < utf8.RuneSelf {
		return after[0] == '@' || strings.HasPrefix(after, "://")
	}
	r, _ := utf8.DecodeRuneInString(after)
	return r == '＠' || isLatin(r)
}

// Reply returns the name that a text beginning with a mention answers, and whether it does.
func Reply(text string) (name string, ok bool) {
	text = strings.TrimLeftFunc(text, isSpace)
	sigil := 1
	switch {
	case strings.HasPrefix(text, "@"):
	case strings.HasPrefix(text, "＠"):
		sigil = len("＠")
	default:
		return "", false
	}
	end := nameEnd(text, sigil)
	if end == sigil || refusesMention(text[end:]) {
		return "", false
	}
	return text[sigil:end], true
}

// matchCashtag matches a cashtag with its sign at byte at: up to six letters, and perhaps up to two more after a dot or
// an underscore, between white space and white space or punctuation.
func matchCashtag(text string, at int) (p piece, ok bool) {
	if at > 0 {
		if r, _ := utf8.DecodeLastRuneInString(text[:at]); !isSpace(r) {
			return p, false
		}
	}
	end := lettersEnd(text, at+1, cashtagMax)
	if end == at+1 {
		return p, false
	}
	if end < len(text) && (text[end] == '.' || text[end] == '_') {
		if long := lettersEnd(text, end+1, exchangeMax); long > end+1 && closesCashtag(text[long:]) {
			return piece{cashtag, at, long}, true
		}
	}
	return piece{cashtag, at, end}, closesCashtag(text[end:])
}

// lettersEnd returns the end of the at most limit ASCII letters at byte at.
func lettersEnd(text string, at, limit int) int {
	end := at
	for end < len(text) && end-at < limit && is(text[end], letter) {
		end++
	}
	return end
}

func closesCashtag(after string) bool {
	if after == "" {
		return true
	}
	if after[0] < utf8.RuneSelf {
		return is(after[0], closing)
	}
	r, _ := utf8.DecodeRuneInString(after)
	return unicode.IsSpace(r)
}
