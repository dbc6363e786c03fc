package tweettext

import (
	"regexp"
	"strings"
	"testing"
)

var tweets = map[string]string{
	"plain": strings.Repeat("The quick brown fox jumps over the lazy dog, and nobody is amused. ", 5)[:280],
	"rich": "RT @ann: reading #golang and #日本語 notes from https://example.com/a/path_(x)?q=1 with @bob and $TSLA, see also " +
		"blog.example.co.uk/2024/05, t.co/abc and 👨‍👩‍👧 at http://例え.みんな/ (via @carol) #done. " +
		"It goes on for a while so that all 280 characters are used, é or not: naïve façade #end",
	"japanese": strings.Repeat("これは日本語のツイートです。とても長い文章が続きます。", 6),
	"emoji":    strings.Repeat("👨‍👩‍👧‍👦👍🏽😀🇩🇪1️⃣", 20),
	"hostile":  strings.Repeat("あ.a", 90),
}

func BenchmarkTweet(b *testing.B) {
	for name, text := range tweets {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Extract(text)
				Check(text)
			}
		})
	}
}

// BenchmarkRegexp is the naive way: the rules as regular expressions, without what Go's cannot say (what follows a tag),
// without lists of top level domains, and counting without emoji.
func BenchmarkRegexp(b *testing.B) {
	for name, text := range tweets {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, re := range naive {
					re.FindAllStringSubmatchIndex(text, -1)
				}
				naive[0].FindAllStringSubmatchIndex(text, -1) // urls once more, to count
				weight := 0
				for _, r := range text {
					weight += standard.of(r)
				}
			}
		})
	}
}

var naive = func() (out []*regexp.Regexp) {
	const (
		chars  = `[^\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$]`
		domain = `(?:` + chars + `(?:[_-]|` + chars + `)*\.)+[\pL]{2,}`
		inPath = `[a-z\x{400}-\x{4FF}0-9!*';:=+,.$/%#\[\]\-\x{2013}_~@|&À-ɏ]`
	)
	for _, s := range []string{
		`(?i)(?:[^a-z0-9@＠$#＃]|^)((https?://)?(` + domain + `)(?::([0-9]+))?(/` + inPath + `*(?:\(` + inPath + `+\))*)?(\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?)`,
		`(^|[^&\pL\pM\p{Nd}_])([#＃])([\pL\pM\p{Nd}_]*[\pL\pM][\pL\pM\p{Nd}_]*)`,
		`(^|[^a-zA-Z0-9_!#$%&*@＠]|(?:^|[^a-zA-Z0-9_+~.-])(?:rt|RT|rT|Rt):?)([@＠])([a-zA-Z0-9_]{1,20})(/[a-zA-Z][a-zA-Z0-9_-]{0,24})?`,
		`(?i)(^|\s)(\$)([a-z]{1,6}(?:[._][a-z]{1,2})?)`,
	} {
		out = append(out, regexp.MustCompile(s))
	}
	return out
}()
