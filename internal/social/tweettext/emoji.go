package tweettext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	joiner    = 0x200D
	styled    = 0xFE0F // asks for the colourful form of the character before it
	keycap    = 0x20E3
	blackFlag = 0x1F3F4
	tagCancel = 0xE007F

	chainMax = 4 // emoji that a joined sequence has at most
)

// emojiEnd returns the end of the emoji sequence at byte at of text; at itself where no emoji is there that counts other
// than its first character alone would.
func emojiEnd(text string, at int) int {
	r, size := utf8.DecodeRuneInString(text[at:])
	end := at + size
	switch {
	case r < utf8.RuneSelf:
		return keycapEnd(text, at, end, r)
	case isRegional(r):
		if r, size = utf8.DecodeRuneInString(text[end:]); isRegional(r) {
			return end + size
		}
		return end
	case r == blackFlag:
		if flag := tagsEnd(text, end); flag > end {
			return flag
		}
	case !unicode.Is(emoji, r):
		return at
	}
	end = memberEnd(text, end, r)
	if r < 0x100 && end == at+size {
		return at // © and ® are emoji only if asked for
	}
	return chainEnd(text, end, r)
}

// keycapEnd returns the end of the keycap that begins with the ASCII character r, or at.
func keycapEnd(text string, at, end int, r rune) int {
	if r != '#' && r != '*' && (r < '0' || r > '9') {
		return at
	}
	next, size := utf8.DecodeRuneInString(text[end:])
	if next == styled {
		end += size
		next, size = utf8.DecodeRuneInString(text[end:])
	}
	if next == keycap {
		return end + size
	}
	return at
}

func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

func isSkinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

// tagsEnd returns the end of the tags after a black flag that make it the flag of England, Scotland or Wales, or at.
// Other tags are unseen text and count.
func tagsEnd(text string, at int) int {
	var region [5]byte
	end := at
	for i := range region {
		r, size := utf8.DecodeRuneInString(text[end:])
		if r < 0xE0020 || r >= tagCancel {
			return at
		}
		region[i] = byte(r - 0xE0000)
		end += size
	}
	r, size := utf8.DecodeRuneInString(text[end:])
	if r != tagCancel {
		return at
	}
	switch string(region[:]) {
	case "gbeng", "gbsct", "gbwls":
		return end + size
	}
	return at
}

// memberEnd returns the end of the emoji r whose own character ends at byte end: after its skin tone or its selector.
func memberEnd(text string, end int, r rune) int {
	next, size := utf8.DecodeRuneInString(text[end:])
	if next == styled || isSkinTone(next) && unicode.Is(toned, r) {
		return end + size
	}
	return end
}

// chainEnd returns the end of the longest known sequence of joined emoji that begins with the emoji first, which ends at
// byte end; end itself where it is joined with nothing.
func chainEnd(text string, end int, first rune) int {
	chain := [chainMax]rune{first}
	ends := [chainMax]int{end}
	n := 1
	for n < chainMax {
		at := ends[n-1]
		r, size := utf8.DecodeRuneInString(text[at:])
		if r != joiner {
			break
		}
		at += size
		r, size = utf8.DecodeRuneInString(text[at:])
		if !unicode.Is(emoji, r) {
			break
		}
		chain[n], ends[n] = r, memberEnd(text, at+size, r)
		n++
	}
	for ; n > 1; n-- {
		if isJoined(chain[:n]) {
			break
		}
	}
	return ends[n-1]
}

// isJoined reports whether the emoji, skin tones left out, make one picture when joined.
func isJoined(chain []rune) bool {
	var buf [chainMax * utf8.UTFMax]byte
	tail := buf[:0]
	for _, r := range chain[1:] {
		tail = utf8.AppendRune(tail, r)
	}
	for i := range joined {
		j := &joined[i]
		if !strings.ContainsRune(j.heads, chain[0]) {
			continue
		}
		for t := range strings.SplitSeq(j.tails, " ") {
			if t == string(tail) {
				return true
			}
		}
	}
	return false
}

// joined are the sequences of joined emoji that Unicode 17 recommends for interchange, without joiners, selectors and
// skin tones: each of heads goes with each of tails.
var joined = [...]struct{ heads, tails string }{
	{"👨👩🧑", "⚕ ⚖ ✈ 🌾 🍳 🍼 🎓 🎤 🎨 🏫 🏭 💻 💼 🔧 🔬 🚀 🚒 🦯 🦯➡ 🦰 🦱 🦲 🦳 🦼 🦼➡ 🦽 🦽➡"},
	{"🏃🏄🏊🏋🏌👮👯👰👱👳👷💁💂💆💇🕵🙅🙆🙇🙋🙍🙎🚣🚴🚵🚶🤦🤵🤷🤸🤹🤼🤽🤾🦸🦹🧍🧎🧏🧔🧖🧗🧘🧙🧚🧛🧜🧝🧞🧟⛹", "♀ ♂"},
	{"🏃🚶🧎", "➡ ♀➡ ♂➡"},
	{"🧑", "🎄 🩰 🧒 🧒🧒 🧑🧒 🧑🧒🧒 🤝🧑 ❤🧑 ❤💋🧑 🐰🧑 🫯🧑"},
	{"👨👩", "👦 👧 👦👦 👧👦 👧👧 👩👦 👩👧 👩👦👦 👩👧👦 👩👧👧 ❤👨 ❤💋👨 🤝👨"},
	{"👨", "👨👦 👨👧 👨👦👦 👨👧👦 👨👧👧 🐰👨 🫯👨"},
	{"👩", "❤👩 ❤💋👩 🤝👩 🐰👩 🫯👩"},
	{"🫱", "🫲"},
	{"🏳", "🌈 ⚧"},
	{"🏴", "☠"},
	{"👁", "🗨"},
	{"❤", "🔥 🩹"},
	{"🐦", "🔥 ⬛"},
	{"🐈", "⬛"},
	{"🐕", "🦺"},
	{"🐻", "❄"},
	{"🍋", "🟩"},
	{"🍄", "🟫"},
	{"⛓", "💥"},
	{"😮", "💨"},
	{"😵", "💫"},
	{"😶", "🌫"},
	{"🙂", "↔ ↕"},
}
