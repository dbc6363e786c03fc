package importer

import (
	"fmt"
	"sync"
)

// book knows which id the server gave to what. It is filled while accounts are
// read, and then frozen.
type book struct {
	plan Plan

	mu     sync.Mutex // guards all below until frozen
	users  []string   // by account; "" unknown
	tweets []string   // by tweet; "" unknown

	accountOf map[string]int
	tweetOf   map[string]int
}

func newBook(p Plan) *book {
	return &book{plan: p, users: make([]string, len(p.Accounts)), tweets: make([]string, len(p.Tweets))}
}

func (b *book) setUser(account int, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.users[account] = id
}

func (b *book) setTweet(t int, id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tweets[t] = id
}

// freeze ends the filling. It returns a difference for every id that two
// things share.
func (b *book) freeze() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accountOf = make(map[string]int, len(b.users))
	b.tweetOf = make(map[string]int, len(b.tweets))
	var differences []string
	for n, id := range b.users {
		if other, taken := b.accountOf[id]; id != "" && taken {
			differences = append(differences, fmt.Sprintf("accounts %s and %s have the same id %s", b.plan.handle(other), b.plan.handle(n), id))
		}
		b.accountOf[id] = n
	}
	for t, id := range b.tweets {
		if other, taken := b.tweetOf[id]; id != "" && taken {
			differences = append(differences, fmt.Sprintf("tweets of %s and %s have the same id %s", b.plan.line(other), b.plan.line(t), id))
		}
		b.tweetOf[id] = t
	}
	delete(b.accountOf, "")
	delete(b.tweetOf, "")
	return differences
}

// userIDs and tweetIDs translate; what has no id is left out, because its
// absence has been reported where it was looked for.
func (b *book) userIDs(accounts []int) []string { return known(b.users, accounts) }
func (b *book) tweetIDs(tweets []int) []string  { return known(b.tweets, tweets) }

func known(ids []string, indexes []int) []string {
	out := make([]string, 0, len(indexes))
	for _, i := range indexes {
		if ids[i] != "" {
			out = append(out, ids[i])
		}
	}
	return out
}

// userName and tweetName put an id into words.
func (b *book) userName(id string) string {
	if n, ok := b.accountOf[id]; ok {
		return fmt.Sprintf("%s (%s)", b.plan.handle(n), id)
	}
	return id + " (nobody of the plan)"
}

func (b *book) tweetName(id string) string {
	if t, ok := b.tweetOf[id]; ok {
		return fmt.Sprintf("tweet line %d (%s) by %s", t+1, id, b.plan.handle(b.plan.Tweets[t].Author))
	}
	return id + " (no tweet of the plan)"
}
