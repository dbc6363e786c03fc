package app_test

import (
	"slices"

	"pgregory.net/rapid"
)

// step is one line of a script: what somebody tries. Numbers are taken modulo
// what there is, so a script is data alone and plays the same in every world.
type step struct {
	Do   string
	Who  int
	What int // which person, tweet or comment
	Page int // size of the pages that are read afterwards
}

func drawScript(t *rapid.T) (people int, script []step) {
	steps := rapid.Custom(func(t *rapid.T) step {
		return step{
			Do: rapid.SampledFrom([]string{
				"post", "post", "reply", "reply", "delete", "follow", "follow", "follow", "unfollow",
				"like", "like", "like", "unlike", "unlike", "comment", "comment", "uncomment",
			}).Draw(t, "do"),
			Who:  rapid.IntRange(0, 11).Draw(t, "who"),
			What: rapid.IntRange(0, 59).Draw(t, "what"),
			Page: rapid.SampledFrom([]int{1, 2, 5, 50}).Draw(t, "page"),
		}
	})
	return rapid.IntRange(2, 4).Draw(t, "people"), rapid.SliceOfN(steps, 10, 40).Draw(t, "script")
}

// deed is a step as it is done: to whom or what, by number. Nothing is done
// where there is nothing to do it to.
type deed struct {
	do   string
	who  int
	what int
}

// model is what must come of a script: a few maps. Everything is known by its
// number, in the order in which it was made.
type model struct {
	people   int
	tweets   []modelPost
	comments []modelPost // of tweet parent
	follows  map[[2]int]bool
	likes    map[[2]int]int // by user and tweet: when it was liked; 0: not
	clock    int
}

type modelPost struct {
	author, parent int // -1 is no parent
	deleted        bool
}

func newModel(people int) *model {
	return &model{people: people, follows: map[[2]int]bool{}, likes: map[[2]int]int{}}
}

// apply changes the model and says what a world has to do.
func (m *model) apply(s step) (deed, bool) {
	who := s.Who % m.people
	tweet, ok := pick(m.tweets, s.What, func(p modelPost) bool { return !p.deleted })
	switch s.Do {
	case "post":
		m.tweets = append(m.tweets, modelPost{author: who, parent: -1})
		return deed{s.Do, who, -1}, true
	case "reply":
		if ok {
			m.tweets = append(m.tweets, modelPost{author: who, parent: tweet})
		}
	case "delete":
		if tweet, ok = pick(m.tweets, s.What, func(p modelPost) bool { return !p.deleted && p.author == who }); ok {
			m.tweets[tweet].deleted = true
		}
	case "follow", "unfollow":
		other := s.What % m.people
		if mine := pairsOf(m.people, func(j int) bool { return m.follows[[2]int{who, j}] }); s.Do == "unfollow" && len(mine) > 0 {
			other = mine[s.What%len(mine)]
		}
		if other != who {
			m.follows[[2]int{who, other}] = s.Do == "follow"
		}
		return deed{s.Do, who, other}, other != who
	case "like":
		if ok && m.likes[[2]int{who, tweet}] == 0 {
			m.clock++
			m.likes[[2]int{who, tweet}] = m.clock
		}
	case "unlike": // what is liked, or else anything
		if mine := m.liked(who); len(mine) > 0 && !m.tweets[mine[s.What%len(mine)]].deleted {
			tweet, ok = mine[s.What%len(mine)], true
		}
		if ok {
			m.likes[[2]int{who, tweet}] = 0
		}
	case "comment":
		if ok {
			m.comments = append(m.comments, modelPost{author: who, parent: tweet})
		}
	case "uncomment":
		if tweet, ok = pick(m.comments, s.What, func(p modelPost) bool { return !p.deleted && p.author == who }); ok {
			m.comments[tweet].deleted = true
		}
	}
	return deed{s.Do, who, tweet}, ok
}

// pick returns the number of one of those that are wanted.
func pick(posts []modelPost, n int, wanted func(modelPost) bool) (int, bool) {
	var some []int
	for i, p := range posts {
		if wanted(p) {
			some = append(some, i)
		}
	}
	if len(some) == 0 {
		return -1, false
	}
	return some[n%len(some)], true
}

// outcome is everything that can be read, by numbers.
type outcome struct {
	People []personOutcome
	Tweets []tweetOutcome
}

type personOutcome struct {
	Feed, Tweets, Likes, Followers, Followees []int
	FollowerCount, FolloweeCount              int
}

type tweetOutcome struct {
	Deleted                 bool
	Parent                  int
	Likers, Comments        []int
	LikeCount, CommentCount int
}

// outcome is what every world must show.
func (m *model) outcome() outcome {
	var out outcome
	for i := range m.people {
		p := personOutcome{
			Feed:      m.newest(m.tweets, func(t modelPost) bool { return t.author == i || m.follows[[2]int{i, t.author}] }),
			Tweets:    m.newest(m.tweets, func(t modelPost) bool { return t.author == i }),
			Likes:     m.liked(i),
			Followers: pairsOf(m.people, func(j int) bool { return m.follows[[2]int{j, i}] }),
			Followees: pairsOf(m.people, func(j int) bool { return m.follows[[2]int{i, j}] }),
		}
		p.FollowerCount, p.FolloweeCount = len(p.Followers), len(p.Followees)
		out.People = append(out.People, p)
	}
	for i, t := range m.tweets {
		o := tweetOutcome{Deleted: t.deleted, Parent: t.parent}
		if !t.deleted {
			o.Likers = pairsOf(m.people, func(j int) bool { return m.likes[[2]int{j, i}] > 0 })
			o.Comments = m.newest(m.comments, func(c modelPost) bool { return c.parent == i })
			o.LikeCount, o.CommentCount = len(o.Likers), len(o.Comments)
		}
		out.Tweets = append(out.Tweets, o)
	}
	return out
}

// newest lists what is there and wanted, newest first.
func (m *model) newest(posts []modelPost, wanted func(modelPost) bool) []int {
	out := []int{}
	for i := len(posts) - 1; i >= 0; i-- {
		if !posts[i].deleted && wanted(posts[i]) {
			out = append(out, i)
		}
	}
	return out
}

// liked lists what a person likes, the newest like first. Deleted tweets stay.
func (m *model) liked(who int) []int {
	out := []int{}
	for p, at := range m.likes {
		if at > 0 && p[0] == who {
			out = append(out, p[1])
		}
	}
	slices.SortFunc(out, func(a, b int) int { return m.likes[[2]int{who, b}] - m.likes[[2]int{who, a}] })
	return out
}

func pairsOf(people int, wanted func(int) bool) []int {
	out := []int{}
	for j := range people {
		if wanted(j) {
			out = append(out, j)
		}
	}
	return out
}
