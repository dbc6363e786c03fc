package tweettext

import (
	"bytes"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// graphemeJoiner is what norm inserts after 30 combining marks, as the stream-safe text format wants it. It is not of the
// text and would count.
const graphemeJoiner = "\u034F"

// segment is a stretch of a text and of its normal form, each beginning where the segment before it ended.
type segment struct {
	end    int  // bytes, in the text
	normal int  // bytes, in the normal form
	same   bool // both are the same
}

// normalize returns the NFC of text and which part of it came from where.
func normalize(text string) (string, []segment) {
	var it norm.Iter
	it.InitString(norm.NFC, text)
	normal := make([]byte, 0, len(text)+len(text)/8)
	var segments []segment
	for start := 0; !it.Done(); {
		part := it.Next()
		if !strings.HasPrefix(text[start:], graphemeJoiner) {
			part = bytes.TrimPrefix(part, []byte(graphemeJoiner))
		}
		normal = append(normal, part...)
		s := segment{end: it.Pos(), normal: len(normal), same: string(part) == text[start:it.Pos()]}
		if last := len(segments) - 1; s.same && last >= 0 && segments[last].same {
			segments[last] = s
		} else {
			segments = append(segments, s)
		}
		start = s.end
	}
	return string(normal), segments
}

// originalEnd returns how many bytes of the text are whole in the first n bytes of its normal form.
func originalEnd(segments []segment, n int) int {
	end := 0
	before := 0 // bytes of the normal form before the segment
	for _, s := range segments {
		if s.normal > n {
			if s.same {
				end += n - before
			}
			return end
		}
		end, before = s.end, s.normal
	}
	return end
}
