package tweettext

import "unicode/utf8"

// Entity is one hashtag, mention, cashtag or url of a text. Text is without the sigil and otherwise as it stands there.
// Start and End, the end exclusive, include the sigil and are in code points.
type Entity struct {
	Text       string
	Start, End int
}

// Entities are all entities of a text. Each list is in the order of the text, and no two entities overlap.
type Entities struct {
	Hashtags, Mentions, Cashtags, URLs []Entity
}

// kind says what a piece of text is.
type kind uint8

const (
	hashtag kind = iota
	mention
	cashtag
	list
	url
)

// piece is an entity by its bytes, the end exclusive.
type piece struct {
	kind       kind
	start, end int
}

// Extract finds the entities of text. Where two overlap, the one that begins first stays.
func Extract(text string) Entities {
	var urlBuf, tagBuf [8]piece
	urls := appendURLs(urlBuf[:0], text)
	tags := appendTags(tagBuf[:0], text)
	var (
		es     Entities
		place  counter
		end    int
		u, t   int
		chosen piece
	)
	for u < len(urls) || t < len(tags) {
		if t == len(tags) || u < len(urls) && urls[u].start <= tags[t].start {
			chosen = urls[u]
			u++
		} else {
			chosen = tags[t]
			t++
		}
		if chosen.start < end {
			continue
		}
		end = chosen.end
		es.add(text, chosen, &place)
	}
	return es
}

// add appends the piece to the list of its kind, unless there is none.
func (es *Entities) add(text string, p piece, place *counter) {
	into := &es.URLs
	switch p.kind {
	case hashtag:
		into = &es.Hashtags
	case mention:
		into = &es.Mentions
	case cashtag:
		into = &es.Cashtags
	case list:
		return
	}
	e := Entity{Start: place.at(text, p.start), End: place.at(text, p.end)}
	if p.kind != url {
		_, sigil := utf8.DecodeRuneInString(text[p.start:])
		p.start += sigil
	}
	e.Text = text[p.start:p.end]
	*into = append(*into, e)
}

// counter turns rising byte offsets into offsets in code points, each stretch of the text counted once.
type counter struct{ bytes, runes int }

func (c *counter) at(text string, bytes int) int {
	c.runes += utf8.RuneCountInString(text[c.bytes:bytes])
	c.bytes = bytes
	return c.runes
}

// UTF16 returns the entities of text, as Extract returned them, with offsets in UTF-16 units.
func (es Entities) UTF16(text string) Entities {
	return Entities{
		Hashtags: toUTF16(text, es.Hashtags),
		Mentions: toUTF16(text, es.Mentions),
		Cashtags: toUTF16(text, es.Cashtags),
		URLs:     toUTF16(text, es.URLs),
	}
}

// toUTF16 shifts each offset by the number of astral characters before it.
func toUTF16(text string, es []Entity) []Entity {
	if len(es) == 0 {
		return nil
	}
	out := append([]Entity(nil), es...)
	offsets := make([]*int, 0, 2*len(out))
	for i := range out {
		offsets = append(offsets, &out[i].Start, &out[i].End)
	}
	runes, astral, next := 0, 0, 0
	for _, r := range text {
		for next < len(offsets) && *offsets[next] <= runes {
			*offsets[next] += astral
			next++
		}
		runes++
		if r > 0xFFFF {
			astral++
		}
	}
	for _, o := range offsets[next:] {
		*o += astral
	}
	return out
}
