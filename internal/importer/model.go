package importer

// model is what must be seen, computed from the plan alone. It pulls: nothing
// is kept per viewer, a feed is put together when it is asked for. It shares no
// code with the server on purpose.
type model struct {
	plan      Plan
	followees [][]int // accounts, by follower
	followers [][]int // accounts, by followee
	lines     [][]int // tweets, by author, oldest first
	likers    [][]int // accounts, by tweet
	likes     [][]int // tweets, by account
	comments  [][]int // comments, by tweet
}

func newModel(p Plan) *model {
	m := &model{
		plan:      p,
		followees: make([][]int, len(p.Accounts)),
		followers: make([][]int, len(p.Accounts)),
		lines:     make([][]int, len(p.Accounts)),
		likers:    make([][]int, len(p.Tweets)),
		likes:     make([][]int, len(p.Accounts)),
		comments:  make([][]int, len(p.Tweets)),
	}
	for _, f := range p.Follows {
		m.followees[f.Follower] = append(m.followees[f.Follower], f.Followee)
		m.followers[f.Followee] = append(m.followers[f.Followee], f.Follower)
	}
	for i, t := range p.Tweets {
		m.lines[t.Author] = append(m.lines[t.Author], i)
	}
	for _, l := range p.Likes {
		m.likers[l.Tweet] = append(m.likers[l.Tweet], l.Account)
		m.likes[l.Account] = append(m.likes[l.Account], l.Tweet)
	}
	for i, c := range p.Comments {
		m.comments[c.Tweet] = append(m.comments[c.Tweet], i)
	}
	return m
}

// feed returns the tweets that a viewer must see: his own and those of his
// followees. Their order is that of the ids, which the server gives.
func (m *model) feed(viewer int) []int {
	feed := append([]int(nil), m.lines[viewer]...)
	for _, followee := range m.followees[viewer] {
		feed = append(feed, m.lines[followee]...)
	}
	return feed
}

// strangers returns up to n accounts that the viewer does not follow, himself
// left out, spread over all accounts.
func (m *model) strangers(viewer, n int) []int {
	return spread(len(m.plan.Accounts), n, viewer, append([]int{viewer}, m.followees[viewer]...))
}

// unliked returns up to n tweets that the viewer does not like, spread over all.
func (m *model) unliked(viewer, n int) []int {
	return spread(len(m.plan.Tweets), n, viewer, m.likes[viewer])
}

// spread returns up to n numbers below total that are not among the others, in
// even steps from a start that differs by viewer.
func spread(total, n, start int, others []int) []int {
	not := make(map[int]bool, len(others))
	for _, o := range others {
		not[o] = true
	}
	var found []int
	step := max(1, total/max(1, n))
	for offset := range step {
		for i := offset; i < total && len(found) < n; i += step {
			if at := (start + i) % total; !not[at] {
				found = append(found, at)
			}
		}
	}
	return found
}
