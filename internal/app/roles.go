package app

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/telemetry"
	"github.com/starlinghq/starling/internal/timeline"
	"github.com/starlinghq/starling/subgraphs"
	"github.com/starlinghq/starling/subgraphs/engagement"
	"github.com/starlinghq/starling/subgraphs/feed"
	"github.com/starlinghq/starling/subgraphs/node"
	"github.com/starlinghq/starling/subgraphs/tweets"
	"github.com/starlinghq/starling/subgraphs/users"
	"github.com/starlinghq/starling/workers"
	"github.com/starlinghq/starling/workers/fanout"

	ownengagement "github.com/starlinghq/starling/workers/engagement"
	owntweets "github.com/starlinghq/starling/workers/tweets"
	ownusers "github.com/starlinghq/starling/workers/users"
)

// worker is a role that consumes the queues of one family.
type worker struct {
	name   string
	family social.Family
	build  func(cfg Config, e *engines) workers.Handler
}

// workerRoles is the table of workers.
func workerRoles() []worker {
	return []worker{
		{"owner-users", social.FamilyUsers, func(_ Config, e *engines) workers.Handler { return ownusers.New(e.store, e.cache) }},
		{"owner-followers", social.FamilyFollowers, func(_ Config, e *engines) workers.Handler { return ownusers.NewFollowers(e.store, e.cache) }},
		{"owner-tweets", social.FamilyTweets, func(_ Config, e *engines) workers.Handler { return owntweets.New(e.store, e.cache) }},
		{"owner-engagement", social.FamilyEngagement, func(_ Config, e *engines) workers.Handler { return ownengagement.New(e.store, e.cache) }},
		{"fanout", social.FamilyFeed, func(cfg Config, e *engines) workers.Handler {
			return fanout.New(e.store, e.cache, timeline.Policy{PageSize: cfg.Fanout.PageSize})
		}},
	}
}

// subgraphRole is a role that serves one subgraph.
type subgraphRole struct {
	name  string
	build func(cfg Config, e *engines, d subgraphs.Deps) http.Handler
}

// subgraphRoles is the table of subgraphs.
func subgraphRoles() []subgraphRole {
	return []subgraphRole{
		{"engagement", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return engagement.New(d) }},
		{"feed", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return feed.New(d) }},
		{"node", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return node.New(d) }},
		{"tweets", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return tweets.New(d) }},
		{"users", func(cfg Config, e *engines, d subgraphs.Deps) http.Handler { return users.New(d, accounts(cfg, e)) }},
	}
}

func accounts(cfg Config, e *engines) users.Accounts {
	p := cfg.Auth.Passwords
	return users.Accounts{
		Passwords: account.NewPasswords(account.PasswordConfig{Cost: account.Cost{Memory: p.MemoryKiB, Passes: p.Passes, Lanes: 1}}),
		Issuer:    e.issuer,
		Throttle:  account.NewThrottle(account.ThrottleConfig{Off: cfg.Auth.Throttle.Off, PerMinute: cfg.Auth.Throttle.PerMinute}),
	}
}

// deps are the parts that every subgraph is built from.
func (e *engines) deps(log *slog.Logger) subgraphs.Deps {
	return subgraphs.Deps{Store: e.store, Cache: e.cache, Queue: e.queue, Minter: e.ids, Tokens: e.tokens, Log: log, Now: time.Now}
}

// consumers returns a running loop for each worker role.
func (e *engines) consumers(cfg Config, log *slog.Logger, t *telemetry.Telemetry) []service {
	var out []service
	for _, w := range workerRoles() {
		loop := workers.New(workers.Default(w.family, cfg.Shards), e.queue, e.store, w.build(cfg, e), log, t.Tracer("workers"))
		out = append(out, service{name: w.name, run: loop.Run})
	}
	return out
}

// service is something that runs until its context ends.
type service struct {
	name string
	run  func(ctx context.Context) error
}
