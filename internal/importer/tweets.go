package importer

import (
	"cmp"
	"context"
	"fmt"
)

var (
	tweetField = template{
		operation: "query", name: "VerifyTweet", params: "$id#: ID!",
		field: "tweet(id: $id#) { id text deleted author { id } inReplyTo { id } likeCount commentCount }",
	}
	likersField   = listField("VerifyLikers", "tweet", "likers", "id")
	commentsField = listField("VerifyComments", "tweet", "comments", "id text deleted author { id } tweet { id }")
)

// tweetState is what tweetField asks for.
type tweetState struct {
	ID           string  `json:"id"`
	Text         *string `json:"text"`
	Deleted      *bool   `json:"deleted"`
	Author       *ref    `json:"author"`
	InReplyTo    *ref    `json:"inReplyTo"`
	LikeCount    *int    `json:"likeCount"`
	CommentCount *int    `json:"commentCount"`
}

// checkTweets compares tweets, their counts, their likers and their comments.
func (v *verifier) checkTweets(ctx context.Context, tweets []int) ([]string, error) {
	var there []int
	for _, t := range tweets {
		if v.book.tweets[t] != "" {
			there = append(there, t)
		}
	}
	ids := v.book.tweetIDs(there)
	states, faults, err := entities[tweetState](ctx, v.reader, nil, tweetField, idVars(ids))
	if err != nil {
		return nil, err
	}
	likers, err := v.reader.lists(ctx, nil, likersField, ids)
	if err != nil {
		return nil, err
	}
	comments, err := v.reader.lists(ctx, nil, commentsField, ids)
	if err != nil {
		return nil, err
	}
	var differences []string
	for i, t := range there {
		name := v.book.tweetName(ids[i])
		if states[i] == nil || faults[i] != nil {
			differences = append(differences, name+" "+nullFault(faults[i]))
			continue
		}
		differences = append(differences, v.judgeTweet(name, t, states[i])...)
		differences = append(differences, v.expect(likers[i], expectation{
			subject: "list of likers of " + name, keys: v.book.userIDs(v.model.likers[t]), order: byID, name: v.book.userName,
		})...)
		differences = append(differences, v.judgeComments("list of comments on "+name, t, comments[i])...)
	}
	return differences, nil
}

func (v *verifier) judgeTweet(name string, t int, got *tweetState) []string {
	want := v.plan.Tweets[t]
	var differences []string
	differences = same(differences, name, "id", &got.ID, v.book.tweets[t])
	differences = same(differences, name, "text", got.Text, want.Text)
	differences = same(differences, name, "deleted", got.Deleted, false)
	differences = same(differences, name, "likeCount", got.LikeCount, len(v.model.likers[t]))
	differences = same(differences, name, "commentCount", got.CommentCount, len(v.model.comments[t]))
	if author := v.book.users[want.Author]; author != "" {
		differences = same(differences, name, "author", got.Author.id(), author)
	}
	if want.Parent == NoParent {
		if got.InReplyTo != nil {
			differences = append(differences, fmt.Sprintf("%s replies to %s and should to nothing", name, v.book.tweetName(got.InReplyTo.ID)))
		}
		return differences
	}
	if parent := v.book.tweets[want.Parent]; parent != "" {
		differences = same(differences, name, "inReplyTo", got.InReplyTo.id(), parent)
		if number(got.ID) <= number(parent) {
			differences = append(differences, fmt.Sprintf("%s has an older id than its parent %s", name, parent))
		}
	}
	return differences
}

func (r *ref) id() *string {
	if r == nil {
		return nil
	}
	return &r.ID
}

// judgeComments matches comments by author and text, as their ids are not
// known.
func (v *verifier) judgeComments(subject string, t int, got listing) []string {
	if got.fault != "" {
		return []string{subject + " " + got.fault}
	}
	words := make(map[string]string) // key -> in words
	free := make(map[pairKey][]string)
	e := expectation{subject: subject, order: newestFirst, name: func(key string) string { return words[key] }}
	for _, c := range v.model.comments[t] {
		comment := v.plan.Comments[c]
		key := commentKey(c)
		words[key] = fmt.Sprintf("%s by %s", key, v.plan.handle(comment.Account))
		e.keys = append(e.keys, key)
		author := pairKey{v.book.users[comment.Account], comment.Text}
		free[author] = append(free[author], key)
	}
	var differences []string
	var items []item
	keyOf := make(map[string]string) // by the comment's id
	for _, n := range got.nodes {
		key, again := keyOf[n.ID]
		if !again {
			author := pairKey{*cmp.Or(n.Author.id(), new("")), *cmp.Or(n.Text, new(""))}
			key = n.ID
			if keys := free[author]; len(keys) > 0 {
				key, free[author] = keys[0], keys[1:]
			} else {
				words[key] = fmt.Sprintf("%s by %s with the text %q", n.ID, v.book.userName(author.author), author.text)
			}
			keyOf[n.ID] = key
		}
		items = append(items, item{id: n.ID, key: key})
		differences = same(differences, subject+": "+words[key], "deleted", n.Deleted, false)
		differences = same(differences, subject+": "+words[key], "tweet", n.Tweet.id(), v.book.tweets[t])
	}
	return append(differences, e.compare(items)...)
}

// pairKey is an author's id and a text.
type pairKey struct{ author, text string }
