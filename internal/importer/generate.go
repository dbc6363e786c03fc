package importer

import (
	"fmt"
	"strconv"
)

// The proportions of a generated history.
const (
	edgesPerPerson    = 12 // of the graph; a person follows about 18
	triadChance       = 75 // percent: a new edge closes a triangle
	followBackChance  = 50 // percent
	tweetsPerPerson   = 4
	likesPerPerson    = 20
	commentsPerPerson = 5
	replyChance       = 12 // percent
	replyReach        = 200
	maxFollowees      = 9_000 // below the 10,000 that the server allows
)

// GeneratePlan makes a history out of a seed, so that a clone without any data
// has something real to do. The same people and seed give the same history
// forever; two different ones share no handle, so both may be loaded into one
// server. The number of people is cut to 1 to MaxPeople.
//
// The graph follows P. Holme and B. J. Kim, "Growing scale-free networks with
// tunable clustering", Physical Review E 65, 026107 (2002): whoever arrives
// joins somebody with a chance proportional to his degree and then, mostly, a
// neighbour of his. This gives what social networks have: a heavy tail of
// degrees, short ways and many triangles. Newcomers follow; half are followed
// back.
func GeneratePlan(people int, seed uint64) Plan {
	people = max(1, min(people, MaxPeople))
	d := newDice(people, seed)
	plan := Plan{Accounts: generateAccounts(d, people)}
	graph := growGraph(d, people)
	plan.Follows = orient(d, graph)
	plan.Tweets = generateTweets(d, plan.Accounts, graph)
	plan.Likes = generateLikes(d, people, len(plan.Tweets))
	for j := range commentsPerPerson * people {
		plan.Comments = append(plan.Comments, Comment{
			Account: d.below(people),
			Tweet:   d.early(len(plan.Tweets)),
			Text:    fmt.Sprintf("%s (comment %d)", sentence(d, 3, 8), j+1),
		})
	}
	return plan
}

func generateAccounts(d *dice, people int) []Account {
	const letters = "abcdefghjkmnpqrstvwxyz0123456789"
	tag := make([]byte, 4)
	for i := range tag {
		tag[i] = letters[d.below(len(letters))]
	}
	accounts := make([]Account, people)
	for n := range accounts {
		first := pick(d, firstNames)
		handle := fmt.Sprintf("%s%d_%s", lower(first), n, tag)
		accounts[n] = Account{
			Handle:   handle,
			Name:     first + " " + pick(d, lastNames),
			Password: handle + "-password",
		}
	}
	return accounts
}

// lower is for the ASCII names of the word list.
func lower(name string) string { return string(name[0]|0x20) + name[1:] }

// graph is undirected: neighbours in order of arrival, and every edge's two
// ends in one list, from which a draw is proportional to the degree.
type graph struct {
	neighbours [][]int
	ends       []int
	edges      []pair // newcomer, older one
	joined     map[pair]bool
}

func growGraph(d *dice, people int) *graph {
	g := &graph{neighbours: make([][]int, people), joined: make(map[pair]bool)}
	core := min(people, edgesPerPerson)
	for v := range core {
		for w := range v {
			g.join(v, w)
		}
	}
	for v := core; v < people; v++ {
		last := -1
		for range edgesPerPerson {
			w := -1
			if last >= 0 && d.chance(triadChance) {
				w = g.drawNeighbour(d, v, last)
			}
			if w < 0 {
				w = g.drawByDegree(d, v)
				last = w
			}
			g.join(v, w)
		}
	}
	return g
}

func (g *graph) join(v, w int) {
	g.joined[pair{v, w}] = true
	g.edges = append(g.edges, pair{v, w})
	g.neighbours[v] = append(g.neighbours[v], w)
	g.neighbours[w] = append(g.neighbours[w], v)
	g.ends = append(g.ends, v, w)
}

// free says whether newcomer v may still join the older w.
func (g *graph) free(v, w int) bool { return w < v && !g.joined[pair{v, w}] }

// drawNeighbour returns a neighbour of w that v has not joined, or -1.
func (g *graph) drawNeighbour(d *dice, v, w int) int {
	around := g.neighbours[w]
	start := d.below(len(around))
	for i := range around {
		if u := around[(start+i)%len(around)]; g.free(v, u) {
			return u
		}
	}
	return -1
}

// drawByDegree returns somebody older whom v has not joined. There always is
// one: v has joined fewer than edgesPerPerson, and at least as many came first.
func (g *graph) drawByDegree(d *dice, v int) int {
	start := d.below(len(g.ends))
	for i := range g.ends {
		if w := g.ends[(start+i)%len(g.ends)]; g.free(v, w) {
			return w
		}
	}
	panic("importer: a newcomer has joined everybody") // core is as large as the edges he makes
}

func orient(d *dice, g *graph) []Follow {
	followees := make([]int, len(g.neighbours))
	var follows []Follow
	follow := func(a, b int) {
		if followees[a] < maxFollowees {
			followees[a]++
			follows = append(follows, Follow{Follower: a, Followee: b})
		}
	}
	for _, e := range g.edges {
		follow(e.a, e.b)
		if d.chance(followBackChance) {
			follow(e.b, e.a)
		}
	}
	return follows
}

func generateTweets(d *dice, accounts []Account, g *graph) []Tweet {
	tweets := make([]Tweet, 0, tweetsPerPerson*len(accounts))
	for i := range cap(tweets) {
		author := i % len(accounts)
		if len(g.ends) > 0 && d.chance(50) {
			author = pick(d, g.ends) // those with many friends post more
		}
		parent := NoParent
		if i > 0 && d.chance(replyChance) {
			parent = i - 1 - d.below(min(i, replyReach))
		}
		tweets = append(tweets, Tweet{Author: author, Text: text(d, accounts), Parent: parent})
	}
	return tweets
}

// generateLikes lets everybody like the first tweet, the hot one, and spreads
// the rest with a long tail.
func generateLikes(d *dice, people, tweets int) []Like {
	var likes []Like
	seen := make(map[pair]bool)
	like := func(account, tweet int) {
		if !seen[pair{account, tweet}] {
			seen[pair{account, tweet}] = true
			likes = append(likes, Like{Account: account, Tweet: tweet})
		}
	}
	for n := range people {
		like(n, 0)
	}
	for range (likesPerPerson - 1) * people {
		like(d.below(people), d.early(tweets))
	}
	return likes
}

// text makes a tweet of words with, now and then, a mention, hashtags, a url
// and emoji. It stays far below 280 weighted characters.
func text(d *dice, accounts []Account) string {
	s := sentence(d, 4, 14)
	if d.chance(25) {
		mention := "@" + pick(d, accounts).Handle
		if d.chance(50) {
			s = mention + " " + s
		} else {
			s += " cc " + mention
		}
	}
	if d.chance(35) {
		for range d.between(1, 2) {
			s += " #" + pick(d, hashtags)
		}
	}
	if d.chance(15) {
		s += " " + pick(d, sites) + strconv.Itoa(d.below(1000))
	}
	if d.chance(5) {
		s += " $" + pick(d, cashtags)
	}
	if d.chance(20) {
		s += " " + pick(d, emoji)
	}
	return s
}

func sentence(d *dice, low, high int) string {
	s := pick(d, openers)
	for range d.between(low, high) {
		s += " " + pick(d, words)
	}
	return s + pick(d, endings)
}
