package tweettext

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestData runs the cases in testdata/rules: a command, a text on each line, and what there is to say of each. A text in quotes
// is a Go string.
//
//	extract                entities with their places in code points, and in UTF-16 where those differ
//	check [rules=v1|v2]    length, validity and ranges
//	reply, empty           what Reply and Empty say
//	valid kind=...         whether ValidHashtag, ValidMention, ValidURL or ValidBareURL accepts
func TestData(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			answer := command(t, d)
			var b strings.Builder
			for line := range strings.SplitSeq(d.Input, "\n") {
				fmt.Fprintf(&b, "%s\n", answer(unquote(t, line)))
			}
			return b.String()
		})
	})
}

func unquote(t *testing.T, line string) string {
	t.Helper()
	if !strings.HasPrefix(line, `"`) {
		return line
	}
	text, err := strconv.Unquote(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return text
}

func command(t *testing.T, d *datadriven.TestData) func(text string) string {
	switch d.Cmd {
	case "extract":
		return describe
	case "check":
		rules := V3()
		if d.HasArg("rules") {
			var name string
			d.ScanArgs(t, "rules", &name)
			rules = map[string]Rules{"v1": V1(), "v2": V2()}[name]
		}
		return func(text string) string { return describeLength(rules.Check(text)) }
	case "reply":
		return func(text string) string {
			name, ok := Reply(text)
			return fmt.Sprintf("%q %t", name, ok)
		}
	case "empty":
		return func(text string) string { return strconv.FormatBool(Empty(text)) }
	case "valid":
		var kind string
		d.ScanArgs(t, "kind", &kind)
		valid := map[string]func(string) bool{
			"hashtag": ValidHashtag, "mention": ValidMention, "url": ValidURL, "bareurl": ValidBareURL,
		}[kind]
		return func(text string) string { return strconv.FormatBool(valid(text)) }
	}
	t.Fatalf("unknown command %s", d.Cmd)
	return nil
}

func describe(text string) string {
	es := Extract(text)
	wide := es.UTF16(text)
	var b strings.Builder
	list := func(sigil string, es, wide []Entity) {
		for i, e := range es {
			fmt.Fprintf(&b, "%s%s [%d,%d)", sigil, e.Text, e.Start, e.End)
			if w := wide[i]; w != e {
				fmt.Fprintf(&b, " utf16 [%d,%d)", w.Start, w.End)
			}
			b.WriteString("; ")
		}
	}
	list("#", es.Hashtags, wide.Hashtags)
	list("@", es.Mentions, wide.Mentions)
	list("$", es.Cashtags, wide.Cashtags)
	list("", es.URLs, wide.URLs)
	if b.Len() == 0 {
		return "nothing"
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func describeLength(l Length) string {
	verdict := "valid"
	if !l.Valid {
		verdict = "invalid"
	}
	return fmt.Sprintf("%d of %d, %d‰, %s, display [%d,%d], valid [%d,%d]", l.Weighted, l.Limit, l.Permillage, verdict,
		l.DisplayStart, l.DisplayEnd, l.ValidStart, l.ValidEnd)
}
