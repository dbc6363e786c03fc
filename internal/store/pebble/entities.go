package storepebble

import (
	"github.com/starlinghq/starling/internal/social/tweettext"
)

// appendEntities writes the four lists: for each its length, then start, end
// and text of every entity.
func appendEntities(b []byte, es *tweettext.Entities) []byte {
	for _, list := range [...][]tweettext.Entity{es.Hashtags, es.Mentions, es.Cashtags, es.URLs} {
		b = appendUvarint(b, len(list))
		for _, e := range list {
			b = appendCounter(b, int64(e.Start))
			b = appendCounter(b, int64(e.End))
			b = appendText(b, e.Text)
		}
	}
	return b
}

func (d *decoder) entities(es *tweettext.Entities) {
	for _, list := range [...]*[]tweettext.Entity{&es.Hashtags, &es.Mentions, &es.Cashtags, &es.URLs} {
		*list = d.entityList()
	}
}

// leastEntity is the length of the shortest entity: no row can hold more of
// them than its bytes allow, whatever length it names.
const leastEntity = 3

func (d *decoder) entityList() []tweettext.Entity {
	n := d.uvarint()
	if n == 0 {
		return nil
	}
	if n > uint64(len(d.b)/leastEntity) {
		d.fail("too short")
		return nil
	}
	list := make([]tweettext.Entity, n)
	for i := range list {
		list[i].Start = int(d.counter())
		list[i].End = int(d.counter())
		list[i].Text = d.text()
	}
	return list
}
