package apptest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Outcome is what a mutation answered: the id of what it changed, or codes.
type Outcome struct {
	ID         string
	UserErrors []UserError
	Errors     []Error
}

// UserError is one entry of a payload's userErrors.
type UserError struct {
	Code    string
	Field   []string
	Message string
}

// Code is the first code of the outcome, of either kind; empty for a success.
func (o Outcome) Code() string {
	switch {
	case len(o.Errors) > 0:
		return o.Errors[0].Code()
	case len(o.UserErrors) > 0:
		return o.UserErrors[0].Code
	}
	return ""
}

// payloads names the field of each mutation's payload and its input type.
func payloads(mutation string) (input, field string) {
	switch mutation {
	case "follow", "unfollow":
		return "FollowInput", "user"
	case "updateProfile":
		return "UpdateProfileInput", "user"
	case "signUp":
		return "SignUpInput", "user"
	case "logIn":
		return "LogInInput", "user"
	case "postTweet":
		return "PostTweetInput", "tweet"
	case "deleteTweet":
		return "DeleteTweetInput", "tweet"
	case "likeTweet", "unlikeTweet":
		return "LikeInput", "tweet"
	case "commentOnTweet":
		return "CommentInput", "comment"
	case "deleteComment":
		return "DeleteCommentInput", "comment"
	}
	panic("apptest: no mutation " + mutation)
}

// Mutation returns the document of a mutation with its input as $in.
func Mutation(name string) string {
	input, field := payloads(name)
	return fmt.Sprintf(`mutation($in: %s!) { out: %s(input: $in) { it: %s { id } userErrors { code field message } } }`, input, name, field)
}

// Input is the input of a mutation.
type Input map[string]any

// Act sends a mutation and returns its outcome, whatever it is.
func (c *Client) Act(t TB, mutation string, in Input) Outcome {
	t.Helper()
	o, err := c.TryAct(t.Context(), mutation, in)
	if err != nil {
		t.Fatalf("%s %v: %v", mutation, in, err)
	}
	return o
}

// TryAct is Act for goroutines of a test.
func (c *Client) TryAct(ctx context.Context, mutation string, in Input) (Outcome, error) {
	a, err := c.Try(ctx, Mutation(mutation), map[string]any{"in": in})
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Errors: a.Errors}
	var data struct {
		Out *struct {
			It         *struct{ ID string }
			UserErrors []UserError
		}
	}
	if len(a.Data) > 0 {
		if err := json.Unmarshal(a.Data, &data); err != nil {
			return o, err
		}
	}
	if data.Out != nil {
		o.UserErrors = data.Out.UserErrors
		if data.Out.It != nil {
			o.ID = data.Out.It.ID
		}
	}
	return o, nil
}

// Must sends a mutation that must succeed and returns the id of what it changed.
func (c *Client) Must(t TB, mutation string, in Input) string {
	t.Helper()
	o := c.Act(t, mutation, in)
	if o.Code() != "" || o.ID == "" {
		t.Fatalf("%s %v by %s gave %+v", mutation, in, c.Handle, o)
	}
	return o.ID
}

// Posts posts a tweet and returns its id.
func (c *Client) Posts(t TB, text string) string {
	t.Helper()
	return c.Must(t, "postTweet", Input{"text": text})
}

// Replies posts a reply and returns its id.
func (c *Client) Replies(t TB, parent, text string) string {
	t.Helper()
	return c.Must(t, "postTweet", Input{"text": text, "inReplyToId": parent})
}

// Deletes deletes a tweet.
func (c *Client) Deletes(t TB, tweet string) {
	t.Helper()
	c.Must(t, "deleteTweet", Input{"tweetId": tweet})
}

// Follows follows another client's account.
func (c *Client) Follows(t TB, other *Client) {
	t.Helper()
	c.Must(t, "follow", Input{"userId": other.UserID})
}

// Unfollows ends it.
func (c *Client) Unfollows(t TB, other *Client) {
	t.Helper()
	c.Must(t, "unfollow", Input{"userId": other.UserID})
}

// Likes likes a tweet.
func (c *Client) Likes(t TB, tweet string) {
	t.Helper()
	c.Must(t, "likeTweet", Input{"tweetId": tweet})
}

// Unlikes takes the like back.
func (c *Client) Unlikes(t TB, tweet string) {
	t.Helper()
	c.Must(t, "unlikeTweet", Input{"tweetId": tweet})
}

// Comments comments on a tweet and returns the comment's id.
func (c *Client) Comments(t TB, tweet, text string) string {
	t.Helper()
	return c.Must(t, "commentOnTweet", Input{"tweetId": tweet, "text": text})
}

// Page is one page of a connection.
type Page struct {
	Edges []struct {
		Cursor string
		Node   *struct{ ID string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
}

// IDs lists the nodes of a page; an empty id stands for null.
func (p Page) IDs() []string {
	out := []string{}
	for _, e := range p.Edges {
		id := ""
		if e.Node != nil {
			id = e.Node.ID
		}
		out = append(out, id)
	}
	return out
}

const page = `{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`

// FeedPage reads one page of the client's feed.
func (c *Client) FeedPage(t TB, first int, after *string) Page {
	t.Helper()
	var out struct{ Feed Page }
	c.Into(t, &out, `query($n: Int, $a: String) { feed(first: $n, after: $a) `+page+` }`, map[string]any{"n": first, "a": after})
	return out.Feed
}

// ListPage reads one page of a list of the user or tweet with an id.
func (c *Client) ListPage(t TB, id, list string, first int, after *string) Page {
	t.Helper()
	kind := "User"
	if strings.HasPrefix(id, "t") {
		kind = "Tweet"
	}
	var out struct{ Node struct{ List Page } }
	query := fmt.Sprintf(`query($id: ID!, $n: Int, $a: String) { node(id: $id) { ... on %s { list: %s(first: $n, after: $a) %s } } }`, kind, list, page)
	c.Into(t, &out, query, map[string]any{"id": id, "n": first, "a": after})
	return out.Node.List
}

// Feed reads a client's whole feed, page by page, and returns the ids.
func (c *Client) Feed(t TB, first int) []string {
	t.Helper()
	return walk(t, "feed of "+c.Handle, first, func(after *string) Page { return c.FeedPage(t, first, after) })
}

// List reads a whole list, page by page, and returns the ids.
func (c *Client) List(t TB, id, list string, first int) []string {
	t.Helper()
	return walk(t, list+" of "+id, first, func(after *string) Page { return c.ListPage(t, id, list, first, after) })
}

// walk reads a list to its end and checks what each page says of itself.
func walk(t TB, name string, first int, read func(after *string) Page) []string {
	t.Helper()
	ids := []string{}
	for after := (*string)(nil); ; {
		p := read(after)
		ids = append(ids, p.IDs()...)
		n := len(p.Edges)
		switch info := p.PageInfo; {
		case n > first:
			t.Fatalf("%s: a page of %d has %d", name, first, n)
		case info.HasPreviousPage != (after != nil):
			t.Fatalf("%s: hasPreviousPage is %t behind %v", name, info.HasPreviousPage, after)
		case n == 0 && (info.StartCursor != nil || info.EndCursor != nil):
			t.Fatalf("%s: an empty page has cursors", name)
		case n > 0 && (info.StartCursor == nil || *info.StartCursor != p.Edges[0].Cursor || info.EndCursor == nil || *info.EndCursor != p.Edges[n-1].Cursor):
			t.Fatalf("%s: startCursor and endCursor are not those of the first and last edge: %+v", name, p)
		case info.HasNextPage && n == 0:
			t.Fatalf("%s: an empty page is followed by another", name)
		case !info.HasNextPage:
			return ids
		}
		after = p.PageInfo.EndCursor
	}
}
