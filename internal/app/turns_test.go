package app_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/starlinghq/starling/internal/app"
	"github.com/starlinghq/starling/internal/app/apptest"
	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/testenv"
)

// TestAHomeScreenIsFewRoundTrips counts the round trips to Redis of one home
// screen, cold and warm. Its calls are counted by TestAHomeScreenIsFewCalls; of
// them each look may cost two, one for the copies of this process and one for
// what it has none of, and everything else one.
func TestAHomeScreenIsFewRoundTrips(t *testing.T) {
	t.Parallel()
	turns := testenv.NewTurns(t, testenv.Redis(t))
	var redis cache.Cache
	opener := app.OpenWith(func(p *app.Parts) { redis = p.Cache })
	cfg := apptest.Config(t)
	onServers(t, &cfg)
	if err := app.Migrate(t.Context(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	sys := apptest.StartWith(t, opener, func(c *app.Config) {
		*c = cfg
		c.Redis.Addresses = []string{turns.Addr()}
	})
	run := rand.Uint32() // the tables stay from run to run
	home := fullHome(t, sys, func(name string) string { return fmt.Sprintf("%s%x", name[:4], run) + name[len(name)-1:] })
	if err := redis.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	during := func() int64 {
		before := turns.Count()
		home()
		return turns.Count() - before
	}
	const byItself = 4 // the looks at the server's life while a page is read
	cold, _, warm := during(), during(), during()
	t.Logf("cold %d round trips, warm %d", cold, warm)
	if most := int64(1 + 2*7 + 9 + 1 + 4 + byItself); cold > most {
		t.Errorf("cold: %d round trips, want at most %d", cold, most)
	}
	if most := int64(1 + 7 + 1 + byItself); warm > most {
		t.Errorf("warm: %d round trips, want at most %d", warm, most)
	}
}
