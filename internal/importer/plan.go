package importer

import (
	"fmt"
	"strconv"
)

// Plan is a whole social history in the order in which it may happen. Accounts
// and tweets are named by their index; line i of a text file is tweet i-1.
type Plan struct {
	Accounts []Account
	Follows  []Follow  // no pair twice, nobody himself
	Tweets   []Tweet   // in posting order
	Likes    []Like    // no pair twice
	Comments []Comment // in the order of their keys
}

// Account is one person with what is needed to sign up.
type Account struct {
	Handle   string
	Name     string
	Password string
}

// Follow says that one account follows another.
type Follow struct{ Follower, Followee int }

// Tweet is one text; Parent is the tweet that it replies to, or NoParent.
type Tweet struct {
	Author int
	Text   string
	Parent int
}

// NoParent is the Parent of a tweet that is not a reply.
const NoParent = -1

// Like says that an account likes a tweet.
type Like struct{ Account, Tweet int }

// Comment is a text below a tweet.
type Comment struct {
	Account, Tweet int
	Text           string
}

// Replies counts the tweets that have a parent.
func (p Plan) Replies() int {
	n := 0
	for _, t := range p.Tweets {
		if t.Parent != NoParent {
			n++
		}
	}
	return n
}

// tweetKey is the idempotency key of a tweet.
func tweetKey(t int) string { return "tweet-" + strconv.Itoa(t+1) }

// commentKey is the idempotency key of a comment.
func commentKey(c int) string { return "comment-" + strconv.Itoa(c+1) }

func (p Plan) handle(account int) string { return p.Accounts[account].Handle }

// line names a tweet in messages.
func (p Plan) line(t int) string {
	return fmt.Sprintf("line %d by %s", t+1, p.handle(p.Tweets[t].Author))
}

// pair is a set member for relations between two indexes.
type pair struct{ a, b int }

// interactions returns the likes and comments that go with a history of the
// given size. For the real data, 962 people and 4,200 lines, they are the
// published ones: everybody likes line 1; for j = 1 to 19,038 account j mod
// 962 likes line 2 + (37 j mod 4199); for j = 1 to 5,000 account 7 j mod 962
// comments "Comment <j>" on line 1 + (17 j mod 4200). Other sizes keep the
// same proportion to the number of lines.
func interactions(people, lines int) ([]Like, []Comment) {
	if people == 0 || lines == 0 {
		return nil, nil
	}
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
	if lines > 1 {
		for j := 1; j <= 20_000*lines/4_200-people; j++ {
			like(j%people, 1+37*j%(lines-1))
		}
	}
	comments := make([]Comment, 0, 5_000*lines/4_200)
	for j := 1; j <= 5_000*lines/4_200; j++ {
		comments = append(comments, Comment{
			Account: 7 * j % people,
			Tweet:   17 * j % lines,
			Text:    "Comment " + strconv.Itoa(j),
		})
	}
	return likes, comments
}
