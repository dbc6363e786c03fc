package importer

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/testenv"
)

// planFault returns what is wrong with a plan, or "".
func planFault(p Plan) string {
	handles := map[string]bool{}
	for _, a := range p.Accounts {
		if handles[strings.ToLower(a.Handle)] || len(a.Handle) == 0 || len(a.Handle) > 15 {
			return fmt.Sprintf("handle %q", a.Handle)
		}
		for _, r := range a.Handle {
			if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", r) {
				return fmt.Sprintf("handle %q", a.Handle)
			}
		}
		handles[strings.ToLower(a.Handle)] = true
		if len(a.Password) < 8 || a.Name == "" {
			return fmt.Sprintf("account %+v", a)
		}
	}
	follows, likes, followees := map[Follow]bool{}, map[Like]bool{}, map[int]int{}
	for _, f := range p.Follows {
		if f.Follower == f.Followee || follows[f] {
			return fmt.Sprintf("follow %+v", f)
		}
		follows[f] = true
		if followees[f.Follower]++; followees[f.Follower] > 10_000 {
			return "too many followees"
		}
	}
	for i, t := range p.Tweets {
		// Every character weighs at most 2 and a url at most what is written.
		if t.Author >= len(p.Accounts) || t.Parent >= i || t.Text == "" || utf8.RuneCountInString(t.Text) > 280 {
			return fmt.Sprintf("tweet %d: %+v", i, t)
		}
	}
	for _, l := range p.Likes {
		if likes[l] || l.Account >= len(p.Accounts) || l.Tweet >= len(p.Tweets) {
			return fmt.Sprintf("like %+v", l)
		}
		likes[l] = true
	}
	for _, c := range p.Comments {
		if c.Account >= len(p.Accounts) || c.Tweet >= len(p.Tweets) || c.Text == "" {
			return fmt.Sprintf("comment %+v", c)
		}
	}
	return ""
}

func TestPlanOfTheRealData(t *testing.T) {
	p, err := Options{
		GraphFile:  testenv.Shared(t, "data", "reed98.edges"),
		TweetsFile: testenv.Shared(t, "data", "tweets.txt"),
	}.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if fault := planFault(p); fault != "" {
		t.Error(fault)
	}
	counts := []int{len(p.Accounts), len(p.Follows), len(p.Tweets), p.Replies(), len(p.Likes), len(p.Comments)}
	if diff := cmp.Diff([]int{962, 37_624, 4_200, 420, 20_000, 5_000}, counts); diff != "" {
		t.Errorf("accounts, follows, tweets, replies, likes, comments (-want +got):\n%s", diff)
	}
	// Worked out by hand from the description of the data.
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"account 961", p.Accounts[961], Account{Handle: "reed961", Name: "Reed 961", Password: "reed-password-961"}},
		{"first edge", p.Follows[:2], []Follow{{1, 0}, {0, 1}}},
		{"line 963", p.Tweets[962].Author, 0},
		{"line 4200", p.Tweets[4199].Author, 4199 - 4*962},
		{"line 10 replies to line 3", p.Tweets[9].Parent, 2},
		{"line 4200 replies to line 4193", p.Tweets[4199].Parent, 4192},
		{"line 11 replies to nothing", p.Tweets[10].Parent, NoParent},
		{"everybody likes line 1", p.Likes[961], Like{961, 0}},
		{"j = 1 likes line 39", p.Likes[962], Like{1, 38}},
		{"j = 19038", p.Likes[19_999], Like{19_038 % 962, 1 + 37*19_038%4_199}},
		{"comment 1", p.Comments[0], Comment{7, 17, "Comment 1"}},
		{"comment 5000", p.Comments[4_999], Comment{35_000 % 962, 85_000 % 4_200, "Comment 5000"}},
		{"key of line 233", tweetKey(232), "tweet-233"},
		{"key of comment 17", commentKey(16), "comment-17"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

func TestReadPlanKeepsTextsAsTheyStand(t *testing.T) {
	texts := []string{" spaces around ", "tab\there", "carriage return\r", "separator\u2028inside", "&amp; <b>"}
	p, err := ReadPlan(strings.NewReader("0 2\n\n 2   1 \n1 2\n"), strings.NewReader(strings.Join(texts, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tw := range p.Tweets {
		got = append(got, tw.Text)
	}
	if diff := cmp.Diff(texts, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	want := []Follow{{0, 2}, {2, 0}, {2, 1}, {1, 2}}
	if diff := cmp.Diff(want, p.Follows); diff != "" {
		t.Errorf("follows (-want +got):\n%s", diff)
	}
}

func TestReadPlanRefusesBrokenFiles(t *testing.T) {
	for _, c := range []struct{ name, graph, tweets, want string }{
		{"no edges", "\n", "a\n", "no edges"},
		{"one node on a line", "0 1\n2\n", "a\n", "graph: line 2: want two node ids"},
		{"no number", "0 x\n", "a\n", `line 1: "x" is no node id`},
		{"negative", "0 -1\n", "a\n", `line 1: "-1" is no node id`},
		{"huge", "0 99999999999\n", "a\n", "is no node id"},
		{"to itself", "3 3\n", "a\n", "line 1: node 3 is joined to itself"},
		{"empty line", "0 1\n", "a\n\nb\n", "tweets: line 2 is empty"},
		{"not UTF-8", "0 1\n", "a\n\xff\n", "line 2 is not UTF-8"},
		{"too long", "0 1\n", "a\n" + strings.Repeat("b", maxLine+1), "line 2 is longer than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadPlan(strings.NewReader(c.graph), strings.NewReader(c.tweets))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestReadPlanIsSoundForAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, lines := rapid.IntRange(2, 40).Draw(t, "people"), rapid.IntRange(1, 60).Draw(t, "lines")
		p, err := ReadPlan(strings.NewReader(fmt.Sprintf("0 %d\n", people-1)), strings.NewReader(strings.Repeat("text\n", lines)))
		if err != nil {
			t.Fatal(err)
		}
		if fault := planFault(p); fault != "" {
			t.Fatal(fault)
		}
	})
}

func TestGeneratedPlansStayTheSame(t *testing.T) {
	for _, c := range []struct {
		people int
		seed   uint64
		want   string
	}{
		{50, 1, "935eb5e2538ff539"},
		{50, 2, "607f905120c65606"},
		{200, 1, "184f5f95ec9bffd0"},
	} {
		raw, err := json.Marshal(GeneratePlan(c.people, c.seed))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(raw))[:16]; got != c.want {
			t.Errorf("people %d, seed %d: hash %s, want %s; a changed generator needs another generation", c.people, c.seed, got, c.want)
		}
	}
}

func TestGeneratedPlansAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := GeneratePlan(rapid.IntRange(1, 60).Draw(t, "people"), rapid.Uint64().Draw(t, "seed"))
		if fault := planFault(p); fault != "" {
			t.Fatal(fault)
		}
	})
	if fault := planFault(GeneratePlan(MaxPeople/20, 3)); fault != "" {
		t.Error(fault)
	}
}

func TestGeneratedPlansShareNoHandle(t *testing.T) {
	seen := map[string]string{}
	for _, people := range []int{10, 11} {
		for seed := range uint64(20) {
			for _, a := range GeneratePlan(people, seed).Accounts {
				plan := fmt.Sprintf("%d people, seed %d", people, seed)
				if other, taken := seen[a.Handle]; taken {
					t.Fatalf("%s belongs to %s and to %s", a.Handle, other, plan)
				}
				seen[a.Handle] = plan
			}
		}
	}
}

// The graph must look like a social one: a heavy tail, short ways, triangles,
// and follows of which only a part is returned.
func TestGeneratedGraphIsASmallWorldWithAHeavyTail(t *testing.T) {
	const people = 2_000
	p := GeneratePlan(people, 1)
	m := newModel(p)
	mean := float64(len(p.Follows)) / people
	most, mutual := 0, 0
	follows := map[Follow]bool{}
	for _, f := range p.Follows {
		follows[f] = true
	}
	for _, f := range p.Follows {
		most = max(most, len(m.followers[f.Followee]))
		if follows[Follow{f.Followee, f.Follower}] {
			mutual++
		}
	}
	if float64(most) < 8*mean {
		t.Errorf("the most followed has %d followers, the mean is %.1f: no heavy tail", most, mean)
	}
	if share := float64(mutual) / float64(len(p.Follows)); share < 0.5 || share > 0.85 {
		t.Errorf("%.0f %% of the follows are returned", 100*share)
	}
	if c, even := clustering(m, follows), mean/people; c < 10*even {
		t.Errorf("clustering is %.3f, that of an even graph %.4f: too few triangles", c, even)
	}
	if d := distance(m, 0, people); d > 4 {
		t.Errorf("the mean distance from one person is %.1f: no small world", d)
	}
}

// clustering is the share of pairs of followees that are joined themselves.
func clustering(m *model, follows map[Follow]bool) float64 {
	joined, pairs := 0, 0
	for _, around := range m.followees {
		for i, a := range around {
			for _, b := range around[:i] {
				pairs++
				if follows[Follow{a, b}] || follows[Follow{b, a}] {
					joined++
				}
			}
		}
	}
	return float64(joined) / float64(pairs)
}

// distance is the mean number of steps from one person to all.
func distance(m *model, from, people int) float64 {
	at := map[int]int{from: 0}
	sum := 0
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		sum += at[n]
		for _, next := range slices.Concat(m.followees[n], m.followers[n]) {
			if _, seen := at[next]; !seen {
				at[next] = at[n] + 1
				queue = append(queue, next)
			}
		}
	}
	if len(at) < people {
		return float64(people) // not connected
	}
	return float64(sum) / float64(people-1)
}

func TestGeneratedTextsHaveWhatTweetsHave(t *testing.T) {
	p := GeneratePlan(500, 1)
	counts := map[string]int{}
	for _, tw := range p.Tweets {
		for _, mark := range []string{"#", "@", "http", "$"} {
			if strings.Contains(tw.Text, mark) {
				counts[mark]++
			}
		}
		if slices.ContainsFunc(emoji, func(e string) bool { return strings.Contains(tw.Text, e) }) {
			counts["emoji"]++
		}
	}
	for _, mark := range []string{"#", "@", "http", "$", "emoji"} {
		if counts[mark] < len(p.Tweets)/50 {
			t.Errorf("%d of %d texts have %s", counts[mark], len(p.Tweets), mark)
		}
	}
}
