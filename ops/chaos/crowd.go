package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// settled is how long own reads wait for what was accepted to be everywhere.
const settled = 90 * time.Second

const (
	post     = `mutation($input: PostTweetInput!) { postTweet(input: $input) { tweet { id } userErrors { code } } }`
	like     = `mutation($input: LikeInput!) { likeTweet(input: $input) { tweet { id } userErrors { code } } }`
	unlike   = `mutation($input: LikeInput!) { unlikeTweet(input: $input) { tweet { id } userErrors { code } } }`
	follow   = `mutation($input: FollowInput!) { follow(input: $input) { user { id } userErrors { code } } }`
	unfollow = `mutation($input: FollowInput!) { unfollow(input: $input) { user { id } userErrors { code } } }`

	readFeed = `query($after: String, $first: Int) { feed(first: $first, after: $after) {
		edges { node { id text author { handle } likeCount commentCount } } pageInfo { hasNextPage endCursor } } }`
	readTweets = `query($id: ID!, $after: String) { user(id: $id) { tweets(first: 100, after: $after) {
		edges { node { id text } } pageInfo { hasNextPage endCursor } } } }`
)

// crowd makes accounts with random handles.
func (w *world) crowd(ctx context.Context, n int) ([]member, error) {
	var out []member
	for i := range n {
		m, err := join(ctx, w.graph(i%2), fmt.Sprintf("m%d_%06x", i, w.rnd.IntN(1<<24)))
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// as speaks to a router as a member.
func (w *world) as(m member, router int) api { return api{url: w.graph(router), token: m.token} }

// at speaks to one instance of a subgraph, past the routers.
func (w *world) at(m member, kind string, instance int) api {
	return api{url: w.Of(kind)[instance].URL + "/subgraphs/" + kind, token: m.token}
}

func input(fields map[string]any) map[string]any { return map[string]any{"input": fields} }

// payload is what a mutation answers.
type payload struct {
	Tweet      *struct{ ID string }
	UserErrors []struct{ Code string }
}

func payloadOf(a answer, field string) (payload, error) {
	var p payload
	if err := json.Unmarshal(a.Data[field], &p); err != nil {
		return p, fmt.Errorf("%s: %w", field, err)
	}
	if len(p.UserErrors) > 0 {
		return p, fmt.Errorf("%s was refused: %s", field, p.UserErrors[0].Code)
	}
	return p, nil
}

// posted is a tweet as lists show it.
type posted struct{ ID, Text string }

type page struct {
	Edges []struct {
		Node *posted
	}
	PageInfo struct {
		HasNextPage bool
		EndCursor   string
	}
}

// walk reads a list of tweets page by page to its end.
func walk(next func(after any) (page, error)) ([]posted, error) {
	var out []posted
	var after any
	for {
		p, err := next(after)
		if err != nil {
			return nil, err
		}
		for _, e := range p.Edges {
			if e.Node == nil {
				return nil, fmt.Errorf("an entry without a tweet after %d", len(out))
			}
			out = append(out, *e.Node)
		}
		if !p.PageInfo.HasNextPage {
			return out, nil
		}
		after = p.PageInfo.EndCursor
	}
}

// feed reads a viewer's feed to its end; between is called between two pages.
func (a api) feed(ctx context.Context, first int, between func() error) ([]posted, error) {
	return walk(func(after any) (page, error) {
		if after != nil {
			if err := between(); err != nil {
				return page{}, err
			}
		}
		var p page
		return p, a.get(ctx, time.Minute, "feed", &p, readFeed, map[string]any{"first": first, "after": after})
	})
}

// tweets reads the list of a user.
func (a api) tweets(ctx context.Context, user string) ([]posted, error) {
	return walk(func(after any) (page, error) {
		var u struct{ Tweets page }
		return u.Tweets, a.get(ctx, time.Minute, "user", &u, readTweets, map[string]any{"id": user, "after": after})
	})
}

// texts sorts what lists show.
func texts(list []posted) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.Text)
	}
	slices.Sort(out)
	return out
}

// eventually repeats a check until it is nil, for up to within.
func eventually(ctx context.Context, within time.Duration, check func() error) error {
	for deadline := time.Now().Add(within); ; {
		err := check()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return err
		}
	}
}
