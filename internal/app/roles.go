package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/starlinghq/starling/internal/account"
	"github.com/starlinghq/starling/internal/settings"
	"github.com/starlinghq/starling/internal/social"
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

// roleAll stands for every role.
const roleAll = "all"

// role is one part of the product that can be a process of its own. Exactly
// one of its three faces is set.
type role struct {
	name     string
	router   bool
	subgraph func(cfg Config, e *engines, d subgraphs.Deps) http.Handler
	worker   func(cfg Config, e *engines) workers.Handler
	families []social.Family // of a worker: whose queues it consumes, each by a loop of its own
}

// allRoles is the one table of what there is to run. Within a process workers
// start before subgraphs, and subgraphs before the router.
func allRoles() []role {
	return []role{
		worker("owner-users", func(_ Config, e *engines) workers.Handler { return ownusers.New(e.store, e.cache) }, social.FamilyUsers),
		worker("owner-followers", func(_ Config, e *engines) workers.Handler { return ownusers.NewFollowers(e.store, e.cache) }, social.FamilyFollowers),
		worker("owner-tweets", func(_ Config, e *engines) workers.Handler { return owntweets.New(e.store, e.cache) }, social.FamilyTweets),
		worker("owner-engagement", func(_ Config, e *engines) workers.Handler { return ownengagement.New(e.store, e.cache) }, social.FamilyEngagement),
		worker("fanout", func(cfg Config, e *engines) workers.Handler {
			return fanout.New(e.store, e.cache, timeline.Policy{PageSize: cfg.Fanout.PageSize})
		}, social.Lanes()...),
		subgraph("engagement", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return engagement.New(d) }),
		subgraph("feed", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return feed.New(d) }),
		subgraph("node", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return node.New(d) }),
		subgraph("tweets", func(_ Config, _ *engines, d subgraphs.Deps) http.Handler { return tweets.New(d) }),
		subgraph("users", func(cfg Config, e *engines, d subgraphs.Deps) http.Handler { return users.New(d, accounts(cfg, e)) }),
		{name: "router", router: true},
	}
}

func worker(name string, build func(Config, *engines) workers.Handler, fs ...social.Family) role {
	return role{name: name, worker: build, families: fs}
}

func subgraph(name string, build func(Config, *engines, subgraphs.Deps) http.Handler) role {
	return role{name: name, subgraph: build}
}

// rolesNamed returns the roles of a list of names, in the order of the table.
func rolesNamed(names []string) ([]role, error) {
	var out []role
	known := []string{roleAll}
	for _, r := range allRoles() {
		known = append(known, r.name)
		if slices.Contains(names, roleAll) || slices.Contains(names, r.name) {
			out = append(out, r)
		}
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("there is no role %q; did you mean %s?", n, settings.Nearest(n, known))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("must name at least one of %s", strings.Join(known, ", "))
	}
	return out, nil
}

// unreachable names the subgraphs that a router among roles could not call.
func unreachable(roles []role, urls SubgraphsConfig) []string {
	var out []string
	for _, name := range subgraphs.Names() {
		here := slices.ContainsFunc(roles, func(r role) bool { return r.name == name })
		if !here && len(urls.of(name)) == 0 {
			out = append(out, name)
		}
	}
	return out
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

// service is the name under which a process reports what it does: the product's,
// and its role where it has one alone.
func (c Config) service() string {
	if len(c.Roles) == 1 && c.Roles[0] != roleAll {
		return "starling-" + c.Roles[0]
	}
	return "starling"
}

// service is something that runs until its context ends.
type service struct {
	name string
	run  func(ctx context.Context) error
}

// RoleNames lists the roles, in the order in which they start.
func RoleNames() []string {
	var out []string
	for _, r := range allRoles() {
		out = append(out, r.name)
	}
	return out
}
