package importer

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// loaded returns a stand-in with a whole history that has more than one page
// of feed, followers and likers, and the options that made it.
func loaded(t *testing.T) (*standIn, Options) {
	t.Helper()
	s := newStandIn()
	o := filesOptions(t, s, 104, 260)
	plan, err := o.Plan()
	if err != nil {
		t.Fatal(err)
	}
	s.fill(plan)
	return s, o
}

// fill makes the server hold a plan, as if it had been loaded.
func (s *standIn) fill(p Plan) {
	for _, a := range p.Accounts {
		u := &standUser{id: s.mint("u"), handle: a.Handle, password: a.Password, name: a.Name}
		s.users, s.byHandle[u.handle] = append(s.users, u), u
	}
	for _, f := range p.Follows {
		a, b := s.users[f.Follower], s.users[f.Followee]
		a.followees, b.followers = append(a.followees, b), append(b.followers, a)
	}
	posted := make([]*standTweet, len(p.Tweets))
	for i, t := range p.Tweets {
		posted[i] = &standTweet{id: s.mint("t"), text: t.Text, author: s.users[t.Author]}
		if t.Parent != NoParent {
			posted[i].parent = posted[t.Parent]
		}
		s.tweets[posted[i].id] = posted[i]
		posted[i].author.tweets = append(posted[i].author.tweets, posted[i])
	}
	for _, l := range p.Likes {
		u, t := s.users[l.Account], posted[l.Tweet]
		u.likes, t.likers = append(u.likes, t), append(t.likers, u)
	}
	for _, c := range p.Comments {
		t := posted[c.Tweet]
		t.comments = append(t.comments, &standComment{id: s.mint("c"), text: c.Text, author: s.users[c.Account], tweet: t})
	}
}

// lieIn changes one list of one owner.
func lieIn(owner, list string, change func([]string) []string) func(*standIn) {
	return func(s *standIn) {
		s.lie = func(o, l string, ids []string) []string {
			if o == owner && l == list {
				return change(ids)
			}
			return ids
		}
	}
}

// tweetByText finds a tweet's id in the stand-in.
func (s *standIn) tweetByText(text string) string {
	for id, t := range s.tweets {
		if t.text == text {
			return id
		}
	}
	return ""
}

// lieAboutTweet changes one field of the tweet with a text.
func lieAboutTweet(text, field string, value any) func(*standIn) {
	return func(s *standIn) {
		at := s.tweetByText(text)
		s.lieAbout = func(id, f string, v any) any {
			if id == at && f == field {
				return value
			}
			return v
		}
	}
}

// lieAboutUser changes one field of an account.
func lieAboutUser(handle, field string, value any) func(*standIn) {
	return func(s *standIn) {
		at := s.byHandle[handle].id
		s.lieAbout = func(id, f string, v any) any {
			if id == at && f == field {
				return value
			}
			return v
		}
	}
}

func without(i int) func([]string) []string {
	return func(ids []string) []string { return slices.Delete(ids, i, i+1) }
}

func twice(i, again int) func([]string) []string {
	return func(ids []string) []string { return slices.Insert(ids, again, ids[i]) }
}

func with(id string) func([]string) []string {
	return func(ids []string) []string { return append(ids, id) }
}

func swap(i, j int) func([]string) []string {
	return func(ids []string) []string {
		ids[i], ids[j] = ids[j], ids[i]
		return ids
	}
}

// lies are ways in which a server may be wrong, each of which must be found
// and put into these words.
var lies = []struct {
	name string
	tell func(*standIn)
	want string
}{
	{"feed misses its first entry", lieIn("reed17", "feed", without(0)), "viewer reed17: feed misses tweet line "},
	{"feed misses an entry at a page's edge", lieIn("reed17", "feed", without(100)), "viewer reed17: feed misses tweet line "},
	{"feed misses its last entry", lieIn("reed17", "feed", func(ids []string) []string { return ids[:len(ids)-1] }), "viewer reed17: feed misses tweet line "},
	{"feed is empty", lieIn("reed17", "feed", func([]string) []string { return nil }), "viewer reed17: feed misses"},
	{"feed holds an entry twice in a row", lieIn("reed17", "feed", twice(5, 5)), "viewer reed17: feed holds tweet line "},
	{"feed holds an entry on two pages", lieIn("reed17", "feed", twice(99, 101)), " twice"},
	{"feed is out of order", lieIn("reed17", "feed", swap(3, 4)), "viewer reed17: feed is out of order"},
	{"feed is out of order over two pages", lieIn("reed17", "feed", swap(99, 100)), "viewer reed17: feed is out of order"},
	{"feed holds a stranger's tweet", func(s *standIn) {
		// reed17 follows reed0 and everybody of even number, not reed19
		lieIn("reed17", "feed", func(ids []string) []string { return descending(append(ids, s.tweetByText("Text 20 of the test"))) })(s)
	}, "by reed19, which does not belong there"},
	{"list of tweets misses one", lieIn("reed4", "tweets", without(0)), "tweets of reed4 miss line 213"},
	{"list of tweets holds one twice", lieIn("reed4", "tweets", twice(0, 1)), "tweets of reed4 holds t"},
	{"list of tweets is out of order", lieIn("reed4", "tweets", swap(0, 1)), "tweets of reed4 is out of order"},
	{"list of tweets holds another's", func(s *standIn) {
		lieIn("reed4", "tweets", func(ids []string) []string { return descending(append(ids, s.tweetByText("Text 20 of the test"))) })(s)
	}, "which is no line of his"},
	{"tweet has another text", lieAboutTweet("Text 9 of the test", "text", "Text 9"), `text is "Text 9" and not "Text 9 of the test"`},
	{"lines in the wrong order", func(s *standIn) {
		a, b := s.tweetByText("Text 5 of the test"), s.tweetByText("Text 109 of the test")
		s.tweets[a].text, s.tweets[b].text = s.tweets[b].text, s.tweets[a].text
	}, "was posted before an earlier line"},
	{"wrong author", lieAboutTweet("Text 9 of the test", "author", object{"id": "u5"}), "author is "},
	{"no author", lieAboutTweet("Text 9 of the test", "author", object(nil)), "author is null and not "},
	{"no parent", lieAboutTweet("Text 10 of the test", "inReplyTo", object(nil)), "inReplyTo is null and not "},
	{"wrong parent", lieAboutTweet("Text 10 of the test", "inReplyTo", object{"id": "t5"}), "inReplyTo is "},
	{"a parent where none is", lieAboutTweet("Text 11 of the test", "inReplyTo", object{"id": "t5"}), "and should to nothing"},
	{"reply older than its parent", func(s *standIn) {
		reply, parent := s.tweets[s.tweetByText("Text 10 of the test")], s.tweets[s.tweetByText("Text 3 of the test")]
		reply.id, parent.id = parent.id, reply.id
		s.tweets[reply.id], s.tweets[parent.id] = reply, parent
	}, "has an older id than its parent"},
	{"deleted", lieAboutTweet("Text 9 of the test", "deleted", true), "deleted is true and not false"},
	{"like count", lieAboutTweet("Text 1 of the test", "likeCount", 103), "likeCount is 103 and not 104"},
	{"like count null", lieAboutTweet("Text 1 of the test", "likeCount", nil), "likeCount is null and not 104"},
	{"comment count", lieAboutTweet("Text 1 of the test", "commentCount", 7), "commentCount is 7 and not "},
	{"a lost like", func(s *standIn) {
		u, hot := s.byHandle["reed30"], s.tweetByText("Text 1 of the test")
		s.tweets[hot].likers = slices.DeleteFunc(s.tweets[hot].likers, func(l *standUser) bool { return l == u })
		u.likes = slices.DeleteFunc(u.likes, func(t *standTweet) bool { return t.id == hot })
	}, "list of likers of tweet line 1 "},
	{"likers out of order", lieIn("Text 1 of the test", "likers", swap(7, 8)), "list of likers of tweet line 1 "},
	{"liker twice", lieIn("Text 1 of the test", "likers", twice(7, 7)), "list of likers of tweet line 1 "},
	{"a liker who is nobody", lieIn("Text 1 of the test", "likers", with("u99999")), "u99999 (nobody of the plan), which does not belong there"},
	{"a like too many", func(s *standIn) {
		u, cold := s.byHandle["reed30"], s.tweets[s.tweetByText("Text 260 of the test")]
		cold.likers = append(cold.likers, u)
		u.likes = append(u.likes, cold)
	}, "list of likes holds tweet line 260"},
	{"likes list misses one", lieIn("reed30", "likes", without(0)), "viewer reed30: list of likes misses tweet line "},
	{"liked tweet not shown as liked", func(s *standIn) {
		s.lieAbout = func(_, field string, v any) any {
			if field == "viewerHasLiked" && v == true {
				return false
			}
			return v
		}
	}, "viewerHasLiked is false and not true"},
	{"everything shown as liked", func(s *standIn) {
		s.lieAbout = func(_, field string, v any) any {
			if field == "viewerHasLiked" {
				return true
			}
			return v
		}
	}, "viewerHasLiked is true and not false"},
	{"a lost comment", func(s *standIn) {
		tw := s.tweets[s.tweetByText("Text 18 of the test")]
		tw.comments = tw.comments[1:]
	}, "list of comments on tweet line 18 "},
	{"a comment made twice", func(s *standIn) {
		tw := s.tweets[s.tweetByText("Text 18 of the test")]
		again := *tw.comments[0]
		again.id = s.mint("c")
		tw.comments = append(tw.comments, &again)
	}, "which does not belong there"},
	{"a comment shown twice", lieIn("Text 18 of the test", "comments", twice(0, 0)), "twice"},
	{"comments out of order", lieIn("Text 18 of the test", "comments", func(ids []string) []string {
		slices.Reverse(ids)
		return ids
	}), "list of comments on tweet line 18 "},
	{"a comment with another text", func(s *standIn) {
		s.tweets[s.tweetByText("Text 18 of the test")].comments[0].text = "Comment 0"
	}, `with the text "Comment 0"`},
	{"handle", lieAboutUser("reed8", "handle", "Reed8"), `handle is "Reed8" and not "reed8"`},
	{"name", lieAboutUser("reed8", "name", nil), `name is null and not "Reed 8"`},
	{"follower count", lieAboutUser("reed0", "followerCount", 102), "followerCount is 102 and not 103"},
	{"followee count", lieAboutUser("reed0", "followeeCount", 104), "followeeCount is 104 and not 103"},
	{"follower missing", lieIn("reed0", "followers", without(102)), "list of followers of reed0 misses "},
	{"followers out of order", lieIn("reed0", "followers", swap(99, 100)), "list of followers of reed0 is out of order"},
	{"followee missing", lieIn("reed0", "followees", without(50)), "viewer reed0: list of followees misses "},
	{"followee not shown as followed", func(s *standIn) {
		at := s.byHandle["reed8"].id
		s.lieAbout = func(id, field string, v any) any {
			if id == at && field == "viewerFollows" && v == true {
				return false
			}
			return v
		}
	}, "viewerFollows is false and not true"},
	{"everybody shown as followed", func(s *standIn) {
		s.lieAbout = func(_, field string, v any) any {
			if field == "viewerFollows" {
				return true
			}
			return v
		}
	}, "viewerFollows is true and not false"},
	{"a follow too many", func(s *standIn) {
		u := s.byHandle["reed17"]
		u.followees = append(u.followees, s.byHandle["reed19"])
		s.byHandle["reed19"].followers = append(s.byHandle["reed19"].followers, u)
	}, "viewer reed17: feed holds tweet line 20 "},
	{"account missing", func(s *standIn) { delete(s.byHandle, "reed17") }, "account reed17 is not there"},
	{"another password", func(s *standIn) { s.byHandle["reed17"].password = "another" }, "viewer reed17 cannot log in: WRONG_CREDENTIALS"},
	{"two accounts of one id", func(s *standIn) { s.byHandle["reed17"] = s.byHandle["reed19"] }, "accounts reed17 and reed19 have the same id"},
	{"a list that does not answer", func(s *standIn) {
		s.mood = func(field string) mood {
			if field == "feed" {
				return mood{code: "INTERNAL"}
			}
			return mood{}
		}
	}, "feed cannot be read: INTERNAL"},
}

func TestVerifyFindsEveryLie(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, o := loaded(t)
		report := mustBeExact(t, o)
		if report.Feeds != 104 || report.FeedEntries < 104*50 {
			t.Fatalf("the history is too small for this test: %s", report)
		}
	})
	for _, lie := range lies {
		t.Run(lie.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, o := loaded(t)
				o.Settle, o.MaxDifferences = time.Millisecond, 10_000
				lie.tell(s)
				report, err := Verify(t.Context(), o)
				var different *DifferentError
				if !errors.As(err, &different) {
					t.Fatalf("not found: %v", err)
				}
				if different.Differences == 0 || different.Differences != report.Differences {
					t.Errorf("error counts %d differences, report %d", different.Differences, report.Differences)
				}
				if text := report.String(); !strings.Contains(text, lie.want) {
					t.Errorf("no word of %q in:\n%s", lie.want, text)
				}
			})
		})
	}
}

func TestVerifyFindsEndlessLists(t *testing.T) {
	for _, c := range []struct{ name, cursor, want string }{
		{"same cursor for ever", "after-100", "does not end"},
		{"no cursor", "", "has a next page but no cursor to it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := reader{batch: 1, limit: 150}
			var l listing
			data := `{"edges":[{"node":{"id":"t1"}}],"pageInfo":{"hasNextPage":true,"endCursor":"` + c.cursor + `"}}`
			for range 200 {
				if _, fault := r.add(&l, outcome{data: []byte(data)}, decodePage); fault != "" {
					if !strings.Contains(fault, c.want) {
						t.Errorf("got %q, want %q", fault, c.want)
					}
					return
				}
			}
			t.Error("read for ever")
		})
	}
}

func TestVerifyWaitsForWhatIsOnItsWay(t *testing.T) {
	for _, c := range []struct {
		name string
		lag  time.Duration
		ok   bool
	}{
		{"arrives in time", 8 * time.Second, true},
		{"arrives too late", 15 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, o := loaded(t)
				start := time.Now()
				s.lie = func(owner, list string, ids []string) []string {
					if list == "feed" && owner == "reed17" && time.Since(start) < c.lag {
						return ids[1:]
					}
					return ids
				}
				_, err := Verify(t.Context(), o)
				if got := err == nil; got != c.ok {
					t.Errorf("exact: %t (%v), want %t", got, err, c.ok)
				}
			})
		})
	}
}

func TestVerifyKeepsWaitingWhileDifferencesGoAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, o := loaded(t)
		start := time.Now()
		s.lie = func(owner, list string, ids []string) []string {
			if list != "feed" || owner != "reed17" {
				return ids
			}
			// One entry more every 5 s, a minute long: never 10 s without one.
			return ids[max(0, 12-int(time.Since(start)/(5*time.Second))):]
		}
		if report, err := Verify(t.Context(), o); err != nil {
			t.Errorf("%v\n%s", err, report)
		}
	})
}

func TestVerifyOfAnEmptyServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := smallOptions(newStandIn())
		report, err := Verify(t.Context(), o)
		var different *DifferentError
		if !errors.As(err, &different) {
			t.Fatalf("got %v, want a DifferentError", err)
		}
		if len(report.First) > o.withDefaults().MaxDifferences || report.Differences < 2*o.People {
			t.Errorf("%d differences, %d shown", report.Differences, len(report.First))
		}
		if !strings.Contains(report.String(), "is not there") || !strings.Contains(report.String(), " more") {
			t.Errorf("report:\n%s", report)
		}
	})
}

func TestVerifyThroughTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn()
		o := smallOptions(s)
		mustLoad(t, o)
		n := 0
		s.mood = func(string) mood {
			if n++; n%7 == 0 {
				return mood{code: codeOverloaded, retryAfter: 1}
			}
			return mood{}
		}
		s.line = func() lineState {
			if s.requests%31 == 0 {
				clear(s.tokens)
				return lineDown
			}
			return lineUp
		}
		if report := mustBeExact(t, o); report.Waits == "" {
			t.Error("the report hides the waits")
		}
	})
}
