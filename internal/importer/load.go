package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var (
	followField = template{
		operation: "mutation", name: "ImportFollow", params: "$input#: FollowInput!",
		field: "follow(input: $input#) { user { id } userErrors { code message } }",
	}
	postField = template{
		operation: "mutation", name: "ImportTweet", params: "$input#: PostTweetInput!",
		field: "postTweet(input: $input#) { tweet { id } userErrors { code message } }",
	}
	commentField = template{
		operation: "mutation", name: "ImportComment", params: "$input#: CommentInput!",
		field: "commentOnTweet(input: $input#) { comment { id } userErrors { code message } }",
	}
	likeField = template{
		operation: "mutation", name: "ImportLike", params: "$input#: LikeInput!",
		field: "likeTweet(input: $input#) { tweet { id } userErrors { code message } }",
	}
)

// Summary says what a Load did.
type Summary struct {
	Accounts, SignedUp, LoggedIn              int // a server may accept a sign-up again
	Follows, Tweets, Replies, Likes, Comments int
	Requests                                  int64
	Waits                                     string // what had to be waited for; empty when nothing
	Elapsed                                   time.Duration
}

func (s Summary) String() string {
	text := fmt.Sprintf("%d accounts, %d follows, %d tweets (%d replies), %d likes, %d comments in %d requests and %s",
		s.Accounts, s.Follows, s.Tweets, s.Replies, s.Likes, s.Comments, s.Requests, s.Elapsed.Round(10*time.Millisecond))
	if s.Waits != "" {
		text += "; waited out: " + s.Waits
	}
	return text
}

// Load sends the whole history to the server and returns when all of it has
// been accepted. It fails with a *RefusedError where the server refuses
// something for good, with an *UnreachableError where it stays away, and with
// the cause of ctx. After any failure it may be run again.
func Load(ctx context.Context, o Options) (Summary, error) {
	o, plan, err := o.prepare()
	if err != nil {
		return Summary{}, err
	}
	client := newClient(o)
	defer client.close()
	l := &loader{
		plan: plan, client: client, doorman: newDoorman(client, o.SignUps), schedule: newSchedule(plan, o.Batch),
		sessions: make([]*session, len(plan.Accounts)),
	}
	start := time.Now()
	if err := l.run(ctx, o); err != nil {
		return Summary{}, err
	}
	return Summary{
		Accounts: len(plan.Accounts), SignedUp: int(l.doorman.signedUp.Load()), LoggedIn: int(l.doorman.loggedIn.Load()),
		Follows: len(plan.Follows), Tweets: len(plan.Tweets), Replies: plan.Replies(),
		Likes: len(plan.Likes), Comments: len(plan.Comments),
		Requests: client.waits.requests.Load(), Waits: client.waits.String(), Elapsed: time.Since(start),
	}, nil
}

// loader holds what the workers of one Load share.
type loader struct {
	plan     Plan
	client   *client
	doorman  *doorman
	schedule *schedule
	sessions []*session // by account; written before schedule.signedIn, read after
	accounts *meter
	meters   [chores]*meter
}

func (l *loader) run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(ctx, l.schedule.stop)()

	progress := startProgress(o.Progress, isTerminal(o.Progress), &l.client.waits)
	defer progress.stop()
	l.accounts = progress.meter("accounts", len(l.plan.Accounts))
	l.meters[choreFollow] = progress.meter("follows", len(l.plan.Follows))
	l.meters[choreTweet] = progress.meter("tweets", len(l.plan.Tweets))
	l.meters[choreLike] = progress.meter("likes", len(l.plan.Likes))
	l.meters[choreComment] = progress.meter("comments", len(l.plan.Comments))

	var workers sync.WaitGroup
	spawn := func(n int, work func(context.Context) error) {
		for range n {
			workers.Go(func() {
				if err := work(ctx); err != nil {
					cancel(err)
				}
			})
		}
	}
	var nextAccount atomic.Int64
	spawn(o.SignUps, func(ctx context.Context) error { return l.admitAll(ctx, &nextAccount) })
	spawn(o.Concurrency, l.workOff)
	workers.Wait()
	return context.Cause(ctx)
}

// admitAll signs up one account after the other, beside its like.
func (l *loader) admitAll(ctx context.Context, next *atomic.Int64) error {
	for {
		n := int(next.Add(1)) - 1
		if n >= len(l.plan.Accounts) {
			return nil
		}
		id, err := l.doorman.admit(ctx, l.plan.Accounts[n])
		if err != nil {
			return err
		}
		l.sessions[n] = newSession(l.doorman, l.plan.Accounts[n], id)
		l.schedule.signedIn(n, id.User.ID)
		l.accounts.done.Add(1)
	}
}

// workOff does what the schedule hands out until nothing is left.
func (l *loader) workOff(ctx context.Context) error {
	for {
		w, ok := l.schedule.next()
		if !ok {
			return nil
		}
		tweetID, err := l.do(ctx, w)
		if err != nil {
			return err
		}
		l.schedule.done(w, tweetID)
		l.meters[w.chore].done.Add(int64(len(w.items)))
	}
}

// do sends the work and checks every answer. It returns the id of a posted
// tweet.
func (l *loader) do(ctx context.Context, w work) (tweetID string, err error) {
	t, inputs := l.request(w)
	out, err := l.client.ask(ctx, l.sessions[w.account], t, inputs)
	if err != nil {
		return "", err
	}
	for i, o := range out {
		if tweetID, err = l.accept(w, w.items[i], o); err != nil {
			return "", err
		}
	}
	return tweetID, nil
}

func (l *loader) request(w work) (template, []vars) {
	inputs := make([]vars, len(w.items))
	var t template
	for i, item := range w.items {
		var input map[string]any
		t, input = l.input(w.chore, item)
		inputs[i] = vars{"input": input}
	}
	return t, inputs
}

func (l *loader) input(c chore, item int) (template, map[string]any) {
	switch c {
	case choreTweet:
		tweet := l.plan.Tweets[item]
		input := map[string]any{"text": tweet.Text, "idempotencyKey": tweetKey(item)}
		if tweet.Parent != NoParent {
			input["inReplyToId"] = l.schedule.tweet(tweet.Parent)
		}
		return postField, input
	case choreFollow:
		return followField, map[string]any{"userId": l.schedule.user(l.plan.Follows[item].Followee)}
	case choreComment:
		comment := l.plan.Comments[item]
		return commentField, map[string]any{
			"tweetId": l.schedule.tweet(comment.Tweet), "text": comment.Text, "idempotencyKey": commentKey(item),
		}
	default:
		return likeField, map[string]any{"tweetId": l.schedule.tweet(l.plan.Likes[item].Tweet)}
	}
}

// subject names an item in messages.
func (l *loader) subject(c chore, item int) string {
	switch c {
	case choreTweet:
		return fmt.Sprintf("tweet %s (key %s)", l.plan.line(item), tweetKey(item))
	case choreFollow:
		f := l.plan.Follows[item]
		return fmt.Sprintf("follow of %s by %s", l.plan.handle(f.Followee), l.plan.handle(f.Follower))
	case choreComment:
		comment := l.plan.Comments[item]
		return fmt.Sprintf("comment by %s on %s (key %s)", l.plan.handle(comment.Account), l.plan.line(comment.Tweet), commentKey(item))
	default:
		like := l.plan.Likes[item]
		return fmt.Sprintf("like of %s by %s", l.plan.line(like.Tweet), l.plan.handle(like.Account))
	}
}

func (l *loader) accept(w work, item int, o outcome) (tweetID string, err error) {
	subject := func() string { return l.subject(w.chore, item) }
	if o.fault != nil {
		return "", refused(subject(), o.fault)
	}
	var payload struct {
		Tweet *struct {
			ID string `json:"id"`
		} `json:"tweet"`
		UserErrors []userError `json:"userErrors"`
	}
	if isNull(o.data) {
		return "", fmt.Errorf("importer: %s: the server answered null without an error", subject())
	}
	if err := json.Unmarshal(o.data, &payload); err != nil {
		return "", fmt.Errorf("importer: %s: %w", subject(), err)
	}
	if len(payload.UserErrors) > 0 {
		e := payload.UserErrors[0]
		return "", &RefusedError{Subject: subject(), Code: e.Code, Message: e.Message}
	}
	if payload.Tweet != nil {
		tweetID = payload.Tweet.ID
	}
	if w.chore == choreTweet && tweetID == "" {
		return "", fmt.Errorf("importer: %s: the server answered without the tweet's id", subject())
	}
	return tweetID, nil
}
