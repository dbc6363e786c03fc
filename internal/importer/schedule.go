package importer

import "sync"

// chore is a kind of work that an account does once it is signed in.
type chore int

const (
	choreTweet chore = iota
	choreFollow
	choreComment
	choreLike
	chores
)

// work is what one account may do in one request: items are indexes into the
// plan's tweets, follows, comments or likes.
type work struct {
	account int
	chore   chore
	items   []int
}

// schedule knows what may be done next. It does no I/O: workers take work from
// it, do it, and say what came of it.
//
// An account has at most one request in flight, and posts one tweet at a time,
// so its lines keep their order. A follow is ready when the followee is signed
// up; a reply, like or comment when the id of its tweet is known. Ready work is
// held back until it fills a batch or nothing more of its kind will come; only
// when every account is signed up is there nothing better to do than a small
// batch.
type schedule struct {
	plan  Plan
	batch int

	// Who waits for what, by the index of what is waited for. Built once.
	followsOf  [][]int // follows, by followee
	repliesTo  [][]int // tweets, by parent
	commentsOn [][]int // comments, by tweet
	likesOn    [][]int // likes, by tweet

	mu          sync.Mutex // guards everything below
	changed     *sync.Cond // some queue got longer, or there is nothing left
	users       []string   // ids by account; "" until signed in
	tweets      []string   // ids by tweet; "" until posted
	accounts    []accountWork
	full        []int // accounts with a whole batch, in order of readiness
	partial     []int // accounts with anything at all
	signUpsLeft int   // accounts not yet signed in
	left        int   // items not yet done
	stopped     bool
}

// accountWork is what one account still has to do.
type accountWork struct {
	lines     []int         // own tweets not yet posted, in order
	ready     [chores][]int // what may be done at once; not used for tweets
	left      [chores]int   // not yet taken, ready or not
	busy      bool          // a request is in flight
	inFull    bool          // stands in full
	inPartial bool          // stands in partial
}

func newSchedule(p Plan, batch int) *schedule {
	s := &schedule{
		plan: p, batch: batch,
		followsOf: make([][]int, len(p.Accounts)), repliesTo: make([][]int, len(p.Tweets)),
		commentsOn: make([][]int, len(p.Tweets)), likesOn: make([][]int, len(p.Tweets)),
		users: make([]string, len(p.Accounts)), tweets: make([]string, len(p.Tweets)),
		accounts:    make([]accountWork, len(p.Accounts)),
		signUpsLeft: len(p.Accounts),
		left:        len(p.Tweets) + len(p.Follows) + len(p.Comments) + len(p.Likes),
	}
	s.changed = sync.NewCond(&s.mu)
	for i, f := range p.Follows {
		s.followsOf[f.Followee] = append(s.followsOf[f.Followee], i)
		s.accounts[f.Follower].left[choreFollow]++
	}
	for i, t := range p.Tweets {
		s.accounts[t.Author].lines = append(s.accounts[t.Author].lines, i)
		if t.Parent != NoParent {
			s.repliesTo[t.Parent] = append(s.repliesTo[t.Parent], i)
		}
	}
	for i, c := range p.Comments {
		s.commentsOn[c.Tweet] = append(s.commentsOn[c.Tweet], i)
		s.accounts[c.Account].left[choreComment]++
	}
	for i, l := range p.Likes {
		s.likesOn[l.Tweet] = append(s.likesOn[l.Tweet], i)
		s.accounts[l.Account].left[choreLike]++
	}
	return s
}

// signedIn says that an account is there, with its id.
func (s *schedule) signedIn(account int, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[account] = id
	s.signUpsLeft--
	for _, f := range s.followsOf[account] {
		s.unlock(s.plan.Follows[f].Follower, choreFollow, f)
	}
	s.enqueue(account)
	s.changed.Broadcast()
}

// next waits for work. It returns false when there is none left or the
// schedule was stopped.
func (s *schedule) next() (work, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.stopped && s.left > 0 {
		if w, ok := s.take(); ok {
			return w, true
		}
		s.changed.Wait()
	}
	return work{}, false
}

// done says that work was done; a posted tweet has its id.
func (s *schedule) done(w work, tweetID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accounts[w.account].busy = false
	s.left -= len(w.items)
	if w.chore == choreTweet {
		s.posted(w.items[0], tweetID)
	}
	s.enqueue(w.account)
	s.changed.Broadcast()
}

// stop makes every next return false.
func (s *schedule) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.changed.Broadcast()
}

// user and tweet return ids that work names; they are known by then.
func (s *schedule) user(account int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users[account]
}

func (s *schedule) tweet(t int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tweets[t]
}

func (s *schedule) posted(t int, id string) {
	s.tweets[t] = id
	for _, r := range s.repliesTo[t] {
		s.enqueue(s.plan.Tweets[r].Author)
	}
	for _, c := range s.commentsOn[t] {
		s.unlock(s.plan.Comments[c].Account, choreComment, c)
	}
	for _, l := range s.likesOn[t] {
		s.unlock(s.plan.Likes[l].Account, choreLike, l)
	}
}

func (s *schedule) unlock(account int, c chore, item int) {
	a := &s.accounts[account]
	a.ready[c] = append(a.ready[c], item)
	s.enqueue(account)
}

// enqueue puts the account where take will find it.
func (s *schedule) enqueue(account int) {
	a := &s.accounts[account]
	if a.busy || s.users[account] == "" {
		return
	}
	_, full, some := s.choose(a)
	if full && !a.inFull {
		a.inFull = true
		s.full = append(s.full, account)
	}
	if some && !a.inPartial {
		a.inPartial = true
		s.partial = append(s.partial, account)
	}
}

// choose returns the chore that the account would do next. Tweets come first,
// because others wait for them.
func (s *schedule) choose(a *accountWork) (c chore, full, some bool) {
	if len(a.lines) > 0 {
		if parent := s.plan.Tweets[a.lines[0]].Parent; parent == NoParent || s.tweets[parent] != "" {
			return choreTweet, true, true
		}
	}
	for k := choreFollow; k < chores; k++ {
		switch n := len(a.ready[k]); {
		case n >= s.batch, n > 0 && n == a.left[k]:
			return k, true, true
		case n > 0 && !some:
			c, some = k, true
		}
	}
	return c, false, some
}

// take returns work of the first account that has any.
func (s *schedule) take() (work, bool) {
	for len(s.full) > 0 {
		account := s.full[0]
		s.full = s.full[1:]
		s.accounts[account].inFull = false
		if w, ok := s.takeFrom(account, true); ok {
			return w, true
		}
	}
	if s.signUpsLeft > 0 {
		return work{}, false
	}
	for len(s.partial) > 0 {
		account := s.partial[0]
		s.partial = s.partial[1:]
		s.accounts[account].inPartial = false
		if w, ok := s.takeFrom(account, false); ok {
			return w, true
		}
	}
	return work{}, false
}

// takeFrom looks again, because what made the account ready may have been
// taken through the other queue.
func (s *schedule) takeFrom(account int, wantFull bool) (work, bool) {
	a := &s.accounts[account]
	if a.busy {
		return work{}, false // done will queue it again
	}
	c, full, some := s.choose(a)
	if !some || wantFull && !full {
		return work{}, false
	}
	w := work{account: account, chore: c}
	if c == choreTweet {
		w.items, a.lines = a.lines[:1], a.lines[1:]
	} else {
		n := min(s.batch, len(a.ready[c]))
		w.items, a.ready[c] = a.ready[c][:n:n], a.ready[c][n:]
		a.left[c] -= n
	}
	a.busy = true
	return w, true
}
