package tweettext

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/starlinghq/starling/internal/testenv"
)

// suite returns a file of the conformance suite of twitter-text, which lies beside a checkout and not in it.
func suite(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(testenv.Shared(t, "data", "twitter-text", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// suiteCase is one case of the suite; what is expected depends on its section.
type suiteCase struct {
	Description string
	Text        string
	Expected    yaml.Node
}

// section says how the cases of one section are checked: check returns what was expected and what there is.
type section struct {
	cases int
	check func(t *testing.T, c suiteCase) (want, got any)
}

// runSuite runs all sections of a file. A section that is not in the table, or has fewer cases than it should, fails.
func runSuite(t *testing.T, file string, sections map[string]section) {
	var doc struct{ Tests map[string][]suiteCase }
	if err := yaml.Unmarshal(suite(t, file), &doc); err != nil {
		t.Fatal(err)
	}
	for name := range doc.Tests {
		if _, known := sections[name]; !known {
			t.Errorf("section %s is not run", name)
		}
	}
	for name, s := range sections {
		t.Run(name, func(t *testing.T) {
			if s.check == nil {
				t.Logf("%d cases not run: lists are no feature of Starling", len(doc.Tests[name]))
				return
			}
			if len(doc.Tests[name]) < s.cases {
				t.Errorf("%d cases, want %d at least", len(doc.Tests[name]), s.cases)
			}
			for _, c := range doc.Tests[name] {
				want, got := s.check(t, c)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s\n%q\n%s", c.Description, c.Text, diff)
				}
			}
		})
	}
}

func TestConformanceExtract(t *testing.T) {
	hashtags := func(es Entities) []Entity { return es.Hashtags }
	mentions := func(es Entities) []Entity { return es.Mentions }
	cashtags := func(es Entities) []Entity { return es.Cashtags }
	urls := func(es Entities) []Entity { return es.URLs }
	runSuite(t, "extract.yml", map[string]section{
		"mentions":                       {23, texts(mentions)},
		"mentions_with_indices":          {3, places(mentions)},
		"mentions_or_lists_with_indices": {},
		"replies":                        {13, reply},
		"urls":                           {91, texts(urls)},
		"urls_with_indices":              {10, places(urls)},
		"urls_with_directional_markers":  {2, places(urls)},
		"tco_urls_with_params":           {5, texts(urls)},
		"hashtags":                       {65, texts(hashtags)},
		"hashtags_from_astral":           {3, texts(hashtags)},
		"hashtags_with_indices":          {8, places(hashtags)},
		"cashtags":                       {8, texts(cashtags)},
		"cashtags_with_indices":          {2, places(cashtags)},
	})
}

func TestConformanceTLDs(t *testing.T) {
	urls := func(es Entities) []Entity { return es.URLs }
	runSuite(t, "tlds.yml", map[string]section{
		"country": {315, texts(urls)},
		"generic": {1259, texts(urls)},
	})
}

func TestConformanceValidate(t *testing.T) {
	v1 := V1()
	runSuite(t, "validate.yml", map[string]section{
		"tweets":                    {8, verdict(func(text string) bool { return v1.Check(text).Valid })},
		"usernames":                 {4, verdict(ValidMention)},
		"lists":                     {},
		"hashtags":                  {7, verdict(ValidHashtag)},
		"urls":                      {24, verdict(ValidURL)},
		"urls_without_protocol":     {5, verdict(ValidBareURL)},
		"WeightedTweetsCounterTest": {20, length(V2())},
		"WeightedTweetsWithDiscountedEmojiCounterTest": {22, length(V3())},
		"UnicodeDirectionalMarkerCounterTest":          {2, length(V3())},
	})
}

type pick func(Entities) []Entity

func texts(of pick) func(*testing.T, suiteCase) (any, any) {
	return func(t *testing.T, c suiteCase) (any, any) {
		want, got := []string{}, []string{}
		decode(t, c, &want)
		for _, e := range of(Extract(c.Text)) {
			got = append(got, e.Text)
		}
		return want, got
	}
}

// places also compares in UTF-16, which is the same in every case of the suite: no astral character is in it there.
func places(of pick) func(*testing.T, suiteCase) (any, any) {
	return func(t *testing.T, c suiteCase) (any, any) {
		var nodes []map[string]yaml.Node
		decode(t, c, &nodes)
		want := []Entity{}
		for _, n := range nodes {
			var e Entity
			for key, v := range n {
				var indices [2]int
				if key != "indices" {
					e.Text = v.Value
				} else if err := v.Decode(&indices); err != nil {
					t.Fatal(err)
				} else {
					e.Start, e.End = indices[0], indices[1]
				}
			}
			want = append(want, e)
		}
		es := Extract(c.Text)
		return [2]any{want, want}, [2]any{of(es), of(es.UTF16(c.Text))}
	}
}

func reply(t *testing.T, c suiteCase) (any, any) {
	var want string
	decode(t, c, &want)
	got, _ := Reply(c.Text)
	return want, got
}

func verdict(valid func(string) bool) func(*testing.T, suiteCase) (any, any) {
	return func(t *testing.T, c suiteCase) (any, any) {
		var want bool
		decode(t, c, &want)
		return want, valid(c.Text)
	}
}

func length(r Rules) func(*testing.T, suiteCase) (any, any) {
	return func(t *testing.T, c suiteCase) (any, any) {
		var want struct {
			Weighted     int `yaml:"weightedLength"`
			Valid        bool
			Permillage   int
			DisplayStart int `yaml:"displayRangeStart"`
			DisplayEnd   int `yaml:"displayRangeEnd"`
			ValidStart   int `yaml:"validRangeStart"`
			ValidEnd     int `yaml:"validRangeEnd"`
		}
		decode(t, c, &want)
		return Length{
			Weighted: want.Weighted, Limit: r.Limit, Permillage: want.Permillage, Valid: want.Valid,
			DisplayStart: want.DisplayStart, DisplayEnd: want.DisplayEnd,
			ValidStart: want.ValidStart, ValidEnd: want.ValidEnd,
		}, r.Check(c.Text)
	}
}

func decode(t *testing.T, c suiteCase, into any) {
	t.Helper()
	if err := c.Expected.Decode(into); err != nil {
		t.Fatalf("%s: %v", c.Description, err)
	}
}
