package tweettext_test

import (
	"fmt"

	"github.com/starlinghq/starling/internal/social/tweettext"
)

func ExampleExtract() {
	text := "😀 @ann reads #golang at example.com"
	es := tweettext.Extract(text)
	fmt.Printf("%+v\n", es.Mentions)
	fmt.Printf("%+v\n", es.Hashtags)
	fmt.Printf("%+v\n", es.URLs)
	fmt.Printf("%+v\n", es.UTF16(text).Mentions)
	// Output:
	// [{Text:ann Start:2 End:6}]
	// [{Text:golang Start:13 End:20}]
	// [{Text:example.com Start:24 End:35}]
	// [{Text:ann Start:3 End:7}]
}

func ExampleCheck() {
	l := tweettext.Check("日本 👨‍👩‍👧 http://example.com/a/long/path")
	fmt.Println(l.Weighted, l.Valid)
	// Output: 31 true
}
