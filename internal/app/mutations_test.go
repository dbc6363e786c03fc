package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/starlinghq/starling/internal/app/apptest"
)

// whole documents: what a client can ask of each kind of object, lists apart.
const (
	userFields    = `id handle name bio createdAt followerCount followeeCount viewerFollows`
	tweetFields   = `id text createdAt deleted author { id handle } inReplyTo { id } likeCount commentCount viewerHasLiked entities { hashtags { text start end } mentions { text start end } cashtags { text start end } urls { text start end } }`
	commentFields = `id text createdAt deleted author { id handle } tweet { id text }`
	noErrors      = `userErrors { code field message }`
)

// seen is JSON with times checked and blanked, ready to be compared.
func seen(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	blank(t, v)
	return v
}

func blank(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			s, isText := inner.(string)
			if isText && (k == "createdAt" || k == "expiresAt") {
				at, err := time.Parse(time.RFC3339, s)
				if err != nil || !strings.HasSuffix(s, "Z") {
					t.Errorf("%s is %q, not RFC 3339 in UTC: %v", k, s, err)
				}
				if off := time.Until(at).Abs(); k == "createdAt" && off > time.Minute {
					t.Errorf("createdAt is %s off", off)
				}
				if k == "expiresAt" && (time.Until(at) < 23*time.Hour || time.Until(at) > 24*time.Hour) {
					t.Errorf("the token expires in %s, not in 24 h", time.Until(at))
				}
				v[k] = "T"
				continue
			}
			blank(t, inner)
		}
	case []any:
		for _, inner := range v {
			blank(t, inner)
		}
	}
}

func want(t *testing.T, format string, args ...any) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(fmt.Sprintf(format, args...)), &v); err != nil {
		t.Fatalf("%v in %s", err, format)
	}
	return v
}

// TestMutationsAnswerTheWholeChange walks every mutation once, with everything
// its payload can hold.
func TestMutationsAnswerTheWholeChange(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	bob := sys.SignUp(t, "bob")

	a := sys.Anonymous().Do(t, `mutation { signUp(input: {handle: "Ann", password: "long enough", name: "Ann A."}) { token expiresAt user { `+userFields+` } `+noErrors+` } }`, nil)
	var in struct {
		SignUp struct {
			Token string
			User  struct{ ID string }
		}
	}
	if err := json.Unmarshal(a, &in); err != nil {
		t.Fatal(err)
	}
	ann := sys.Anonymous().With(in.SignUp.Token)
	ann.UserID, ann.Handle = in.SignUp.User.ID, "Ann"
	annAs := func(name, bio, viewerFollows string, followers, followees int) string {
		return fmt.Sprintf(`{"id":%q,"handle":"Ann","name":%q,"bio":%q,"createdAt":"T","followerCount":%d,"followeeCount":%d,"viewerFollows":%s}`,
			ann.UserID, name, bio, followers, followees, viewerFollows)
	}
	check := func(name string, raw json.RawMessage, wanted any) {
		t.Helper()
		if diff := cmp.Diff(wanted, seen(t, raw)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	check("signUp", a, want(t, `{"signUp":{"token":%q,"expiresAt":"T","user":%s,"userErrors":[]}}`, ann.Token, annAs("Ann A.", "", "null", 0, 0)))

	a = sys.Anonymous().Do(t, `mutation { logIn(input: {handle: "aNN", password: "long enough"}) { expiresAt user { `+userFields+` } `+noErrors+` } }`, nil)
	check("logIn", a, want(t, `{"logIn":{"expiresAt":"T","user":%s,"userErrors":[]}}`, annAs("Ann A.", "", "null", 0, 0)))

	a = ann.Do(t, `mutation { updateProfile(input: {bio: "hello"}) { user { `+userFields+` } `+noErrors+` } }`, nil)
	check("updateProfile bio", a, want(t, `{"updateProfile":{"user":%s,"userErrors":[]}}`, annAs("Ann A.", "hello", "false", 0, 0)))
	a = ann.Do(t, `mutation { updateProfile(input: {name: "A."}) { user { `+userFields+` } `+noErrors+` } }`, nil)
	check("updateProfile name", a, want(t, `{"updateProfile":{"user":%s,"userErrors":[]}}`, annAs("A.", "hello", "false", 0, 0)))

	a = bob.Do(t, `mutation($id: ID!) { follow(input: {userId: $id}) { user { id handle viewerFollows } `+noErrors+` } }`, map[string]any{"id": ann.UserID})
	check("follow", a, want(t, `{"follow":{"user":{"id":%q,"handle":"Ann","viewerFollows":true},"userErrors":[]}}`, ann.UserID))
	a = bob.Do(t, `mutation($id: ID!) { unfollow(input: {userId: $id}) { user { id handle viewerFollows } `+noErrors+` } }`, map[string]any{"id": ann.UserID})
	check("unfollow", a, want(t, `{"unfollow":{"user":{"id":%q,"handle":"Ann","viewerFollows":false},"userErrors":[]}}`, ann.UserID))

	text := "hi @bob #go $GOOG example.com é"
	a = ann.Do(t, `mutation($t: String!) { postTweet(input: {text: $t}) { tweet { `+tweetFields+` } `+noErrors+` } }`, map[string]any{"t": text})
	post := idIn(t, a, "postTweet", "tweet")
	entities := `{"mentions":[{"text":"bob","start":3,"end":7}],"hashtags":[{"text":"go","start":8,"end":11}],"cashtags":[{"text":"GOOG","start":12,"end":17}],"urls":[{"text":"example.com","start":18,"end":29}]}`
	check("postTweet", a, want(t, `{"postTweet":{"tweet":{"id":%q,"text":%q,"createdAt":"T","deleted":false,"author":{"id":%q,"handle":"Ann"},"inReplyTo":null,"likeCount":0,"commentCount":0,"viewerHasLiked":false,"entities":%s},"userErrors":[]}}`,
		post, text, ann.UserID, entities))

	a = bob.Do(t, `mutation($id: ID!) { postTweet(input: {text: "me too", inReplyToId: $id}) { tweet { id text author { handle } inReplyTo { id text author { handle } } } `+noErrors+` } }`, map[string]any{"id": post})
	reply := idIn(t, a, "postTweet", "tweet")
	check("postTweet reply", a, want(t, `{"postTweet":{"tweet":{"id":%q,"text":"me too","author":{"handle":"bob"},"inReplyTo":{"id":%q,"text":%q,"author":{"handle":"Ann"}}},"userErrors":[]}}`, reply, post, text))

	for _, m := range []struct{ mutation, liked string }{{"likeTweet", "true"}, {"unlikeTweet", "false"}} {
		a = bob.Do(t, `mutation($id: ID!) { `+m.mutation+`(input: {tweetId: $id}) { tweet { id text viewerHasLiked author { handle } } `+noErrors+` } }`, map[string]any{"id": post})
		check(m.mutation, a, want(t, `{%q:{"tweet":{"id":%q,"text":%q,"viewerHasLiked":%s,"author":{"handle":"Ann"}},"userErrors":[]}}`, m.mutation, post, text, m.liked))
	}

	a = bob.Do(t, `mutation($id: ID!) { commentOnTweet(input: {tweetId: $id, text: "nice"}) { comment { `+commentFields+` } `+noErrors+` } }`, map[string]any{"id": post})
	comment := idIn(t, a, "commentOnTweet", "comment")
	check("commentOnTweet", a, want(t, `{"commentOnTweet":{"comment":{"id":%q,"text":"nice","createdAt":"T","deleted":false,"author":{"id":%q,"handle":"bob"},"tweet":{"id":%q,"text":%q}},"userErrors":[]}}`, comment, bob.UserID, post, text))
	a = bob.Do(t, `mutation($id: ID!) { deleteComment(input: {commentId: $id}) { comment { `+commentFields+` } `+noErrors+` } }`, map[string]any{"id": comment})
	check("deleteComment", a, want(t, `{"deleteComment":{"comment":{"id":%q,"text":"","createdAt":"T","deleted":true,"author":{"id":%q,"handle":"bob"},"tweet":{"id":%q,"text":%q}},"userErrors":[]}}`, comment, bob.UserID, post, text))

	a = ann.Do(t, `mutation($id: ID!) { deleteTweet(input: {tweetId: $id}) { tweet { `+tweetFields+` } `+noErrors+` } }`, map[string]any{"id": post})
	check("deleteTweet", a, want(t, `{"deleteTweet":{"tweet":{"id":%q,"text":"","createdAt":"T","deleted":true,"author":{"id":%q,"handle":"Ann"},"inReplyTo":null,"likeCount":null,"commentCount":null,"viewerHasLiked":null,"entities":{"hashtags":[],"mentions":[],"cashtags":[],"urls":[]}},"userErrors":[]}}`, post, ann.UserID))
}

// idIn digs the id of a mutation's object out of its answer.
func idIn(t *testing.T, raw json.RawMessage, mutation, field string) string {
	t.Helper()
	var v map[string]map[string]json.RawMessage
	var o struct{ ID string }
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(v[mutation][field], &o); err != nil || o.ID == "" {
		t.Fatalf("%s gave no %s: %s", mutation, field, raw)
	}
	return o.ID
}

// TestAnObjectHasOneIDOnEveryPath asks for the same objects in every way there is.
func TestAnObjectHasOneIDOnEveryPath(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	ann, bob := sys.SignUp(t, "ann"), sys.SignUp(t, "bob")
	bob.Follows(t, ann)
	tweet := ann.Posts(t, "one")
	comment := bob.Comments(t, tweet, "two")
	bob.Likes(t, tweet)
	sys.Settled(t)

	vars := map[string]any{"u": ann.UserID, "t": tweet, "c": comment}
	raw := bob.Do(t, `query($u: ID!, $t: ID!, $c: ID!) {
		byNode: node(id: $u) { __typename id ... on User { handle } }
		byID: user(id: $u) { id handle tweets { edges { node { id author { id } } } } followers { edges { node { id } } } }
		byHandle: userByHandle(handle: "ANN") { id handle }
		viewer { id followees { edges { node { id handle } } } likes { edges { node { id author { id } } } } }
		feed { edges { node { id author { id handle } comments { edges { node { id tweet { id author { id } } author { id } } } } likers { edges { node { id handle } } } } } }
		tweet(id: $t) { id author { id } }
		tweetNode: node(id: $t) { __typename id ... on Tweet { author { id } text } }
		commentNode: node(id: $c) { __typename id ... on Comment { text author { id handle } tweet { id text } } }
	}`, vars)
	wanted := want(t, `{
		"byNode":{"__typename":"User","id":%[1]q,"handle":"ann"},
		"byID":{"id":%[1]q,"handle":"ann","tweets":{"edges":[{"node":{"id":%[2]q,"author":{"id":%[1]q}}}]},"followers":{"edges":[{"node":{"id":%[4]q}}]}},
		"byHandle":{"id":%[1]q,"handle":"ann"},
		"viewer":{"id":%[4]q,"followees":{"edges":[{"node":{"id":%[1]q,"handle":"ann"}}]},"likes":{"edges":[{"node":{"id":%[2]q,"author":{"id":%[1]q}}}]}},
		"feed":{"edges":[{"node":{"id":%[2]q,"author":{"id":%[1]q,"handle":"ann"},"comments":{"edges":[{"node":{"id":%[3]q,"tweet":{"id":%[2]q,"author":{"id":%[1]q}},"author":{"id":%[4]q}}}]},"likers":{"edges":[{"node":{"id":%[4]q,"handle":"bob"}}]}}}]},
		"tweet":{"id":%[2]q,"author":{"id":%[1]q}},
		"tweetNode":{"__typename":"Tweet","id":%[2]q,"author":{"id":%[1]q},"text":"one"},
		"commentNode":{"__typename":"Comment","id":%[3]q,"text":"two","author":{"id":%[4]q,"handle":"bob"},"tweet":{"id":%[2]q,"text":"one"}}
	}`, ann.UserID, tweet, comment, bob.UserID)
	if diff := cmp.Diff(wanted, seen(t, raw)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNothingIsNull asks for what is not there.
func TestNothingIsNull(t *testing.T) {
	t.Parallel()
	c := apptest.Start(t).Anonymous()
	raw := c.Do(t, `{ viewer { id } user(id: "u1") { id } tweet(id: "t1") { id } byHandle: userByHandle(handle: "nobody") { id } bad: userByHandle(handle: "no body!") { id }
		u: node(id: "u1") { id } t: node(id: "t1") { id } c: node(id: "c1") { id } future: node(id: "t9223372036854775807") { id } }`, nil)
	wanted := want(t, `{"viewer":null,"user":null,"tweet":null,"byHandle":null,"bad":null,"u":null,"t":null,"c":null,"future":null}`)
	if diff := cmp.Diff(wanted, seen(t, raw)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestViewerFieldsNeedAViewer: null without one, never a guess.
func TestViewerFieldsNeedAViewer(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	ann := sys.SignUp(t, "ann")
	tweet := ann.Posts(t, "one")
	query := `query($u: ID!, $t: ID!) { user(id: $u) { viewerFollows } tweet(id: $t) { viewerHasLiked } }`
	vars := map[string]any{"u": ann.UserID, "t": tweet}
	for _, tt := range []struct {
		who  *apptest.Client
		want string
	}{
		{sys.Anonymous(), `{"user":{"viewerFollows":null},"tweet":{"viewerHasLiked":null}}`},
		{ann, `{"user":{"viewerFollows":false},"tweet":{"viewerHasLiked":false}}`},
	} {
		if diff := cmp.Diff(want(t, "%s", tt.want), seen(t, tt.who.Do(t, query, vars))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// newestFirst and byID are the two orders of lists.
func newestFirst(ids []string) []string {
	ids = byID(ids)
	slices.Reverse(ids)
	return ids
}

func byID(ids []string) []string {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return ids
}

// TestListsPageToTheirEndInOrder reads every list with several page sizes, in
// the state the rows give it and in the state the viewer's own last writes do.
func TestListsPageToTheirEndInOrder(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	ann := sys.SignUp(t, "ann")
	var fans, tweets, comments, likedTweets []string
	post := ann.Posts(t, "the one that is liked")
	tweets = append(tweets, post)
	for i := range 7 {
		fan := sys.SignUp(t, fmt.Sprintf("fan%d", i))
		fans = append(fans, fan.UserID)
		fan.Follows(t, ann)
		ann.Follows(t, fan)
		fan.Likes(t, post)
		comments = append(comments, fan.Comments(t, post, fmt.Sprintf("comment %d", i)))
		tweets = append(tweets, ann.Posts(t, fmt.Sprintf("tweet %d", i)))
	}
	for _, i := range []int{3, 0, 5, 1} { // liked in another order than posted
		ann.Likes(t, tweets[i])
		likedTweets = append(likedTweets, tweets[i])
	}
	slices.Reverse(likedTweets)
	likers := append(slices.Clone(fans), ann.UserID)
	if slices.Contains(likedTweets, post) {
		likers = byID(likers)
	}
	lists := []struct {
		of, list string
		want     []string
	}{
		{ann.UserID, "followers", byID(fans)},
		{ann.UserID, "followees", byID(fans)},
		{ann.UserID, "tweets", newestFirst(tweets)},
		{ann.UserID, "likes", likedTweets},
		{post, "likers", likers},
		{post, "comments", newestFirst(comments)},
		{fans[0], "tweets", nil},
		{fans[0], "followers", []string{ann.UserID}},
		{tweets[7], "likers", nil},
		{tweets[7], "comments", nil},
	}
	sys.Settled(t)
	for _, l := range lists {
		for _, first := range []int{1, 2, 3, 7, 8, 100} {
			for _, who := range []*apptest.Client{ann, sys.Anonymous()} {
				if got := who.List(t, l.of, l.list, first); !slices.Equal(got, l.want) {
					t.Errorf("%s of %s by pages of %d:\ngot  %v\nwant %v", l.list, l.of, first, got, l.want)
				}
			}
		}
	}
	if got := ann.Feed(t, 3); !slices.Equal(got, newestFirst(tweets)) {
		t.Errorf("ann's feed is %v, want %v", got, newestFirst(tweets))
	}
	counts := want(t, `{"user":{"followerCount":7,"followeeCount":7},"tweet":{"likeCount":8,"commentCount":7,"viewerHasLiked":true}}`)
	raw := ann.Do(t, `query($u: ID!, $t: ID!) { user(id: $u) { followerCount followeeCount } tweet(id: $t) { likeCount commentCount viewerHasLiked } }`, map[string]any{"u": ann.UserID, "t": post})
	if diff := cmp.Diff(counts, seen(t, raw)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFeedCountsWhatIsNew asks how much is newer than a cursor.
func TestFeedCountsWhatIsNew(t *testing.T) {
	t.Parallel()
	sys := apptest.Start(t)
	ann := sys.SignUp(t, "ann")
	ann.Posts(t, "one")
	since := ann.FeedPage(t, 1, nil).PageInfo.StartCursor
	for _, n := range []int{0, 1, 2} {
		var out struct{ Feed struct{ NewCount *int } }
		ann.Into(t, &out, `query($s: String!) { feed(first: 1) { newCount(since: $s) } }`, map[string]any{"s": since})
		if out.Feed.NewCount == nil || *out.Feed.NewCount != n {
			t.Errorf("newCount is %v, want %d", out.Feed.NewCount, n)
		}
		ann.Posts(t, "another")
	}
}
