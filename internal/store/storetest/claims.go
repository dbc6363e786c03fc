package storetest

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

func claimChecks() []check {
	return []check{
		{"claims/handle has one winner", handleOnce},
		{"claims/handle has one winner of many at once", handleRace},
		{"claims/account found without case", accountFound},
		{"claims/key has one winner", keyOnce},
		{"claims/key has one winner of many at once", keyRace},
		{"claims/keys of others are others", keysApart},
		{"claims/key is free after its time", keyEnds},
		{"claims/seen by others", claimsSeen},
	}
}

// newHandle returns a handle of 15 characters that nobody has, with both cases
// in it.
func newHandle(e *env) string {
	return "Z_" + strconv.FormatInt(int64(e.id()), 36)
}

func newAccount(e *env) social.Account {
	return social.Account{
		Handle: newHandle(e), User: e.user(), Name: "Änne 🐦",
		PasswordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
	}
}

// claimHandle claims and expects the holder and the verdict.
func claimHandle(e *env, a, holder social.Account, won bool) {
	e.Helper()
	got, verdict, err := e.ClaimHandle(e.ctx, a)
	e.must(err)
	e.equal("holder of "+a.Handle, got, holder)
	e.equal("claim of "+a.Handle+" won", verdict, won)
}

func handleOnce(e *env) {
	a, b := newAccount(e), newAccount(e)
	b.Handle = strings.ToUpper(a.Handle)
	claimHandle(e, a, a, true)
	claimHandle(e, b, a, false)
	claimHandle(e, a, a, true) // a lost answer, asked again
	b.Handle = newHandle(e)
	claimHandle(e, b, b, true)
}

// race runs claim in many goroutines at once, for some rounds, and expects one
// winner in each round, whom all of them name.
func race[T any](e *env, rounds int, claim func(round, who int) (holder T, won bool, err error)) {
	const many = 16
	for round := range rounds {
		var (
			g       sync.WaitGroup
			start   = make(chan struct{})
			holders [many]T
			wins    [many]bool
		)
		for who := range many {
			g.Go(func() {
				<-start
				var err error
				if holders[who], wins[who], err = claim(round, who); err != nil {
					e.Errorf("claim: %v", err)
				}
			})
		}
		runtime.Gosched()
		close(start)
		g.Wait()
		var winners int
		for who := range many {
			e.equal("holder", holders[who], holders[0])
			if wins[who] {
				winners++
			}
		}
		if winners != 1 {
			e.Errorf("%d of %d who claimed at once won", winners, many)
		}
		if e.Failed() {
			return
		}
	}
}

func handleRace(e *env) {
	const rounds = 10
	var handles [rounds]string
	for i := range handles {
		handles[i] = newHandle(e)
	}
	race(e, rounds, func(round, who int) (social.Account, bool, error) {
		a := newAccount(e)
		a.Handle = handles[round]
		if who%2 == 1 {
			a.Handle = strings.ToLower(a.Handle)
		}
		return e.ClaimHandle(e.ctx, a)
	})
}

func accountFound(e *env) {
	a := newAccount(e)
	if _, err := e.Account(e.ctx, a.Handle); !errors.Is(err, store.ErrNotFound) {
		e.Errorf("account nobody claimed: %v, want ErrNotFound", err)
	}
	claimHandle(e, a, a, true)
	for _, handle := range []string{a.Handle, strings.ToLower(a.Handle), strings.ToUpper(a.Handle)} {
		got, err := e.Account(e.ctx, handle)
		e.must(err)
		e.equal("account "+handle, got, a)
	}
}

func newClaim(e *env) store.Claim {
	c := store.Claim{Event: []byte(`{"v":1,"id":` + e.id().String() + `}`)}
	copy(c.InputHash[:], e.id().String())
	return c
}

func claimKey(e *env, actor social.UserID, key string, c, holder store.Claim, won bool) {
	e.Helper()
	got, verdict, err := e.ClaimKey(e.ctx, actor, key, c)
	e.must(err)
	e.equal("holder of key "+key, got, holder)
	e.equal("claim of key "+key+" won", verdict, won)
	got, err = e.Key(e.ctx, actor, key)
	e.must(err)
	e.equal("key "+key, got, holder)
}

// keyFree expects that nobody holds a key.
func keyFree(e *env, actor social.UserID, key string) {
	e.Helper()
	if got, err := e.Key(e.ctx, actor, key); !errors.Is(err, store.ErrNotFound) {
		e.Errorf("key %q: %+v, %v, want ErrNotFound", key, got, err)
	}
}

func keyOnce(e *env) {
	actor := e.user()
	a, b := newClaim(e), newClaim(e)
	keyFree(e, actor, "k")
	claimKey(e, actor, "k", a, a, true)
	claimKey(e, actor, "k", b, a, false)
	claimKey(e, actor, "k", a, a, true) // a lost answer, asked again
	sameInput := store.Claim{Event: b.Event, InputHash: a.InputHash}
	claimKey(e, actor, "k", sameInput, a, false)
}

func keyRace(e *env) {
	actor := e.user()
	race(e, 10, func(round, _ int) (store.Claim, bool, error) {
		return e.ClaimKey(e.ctx, actor, "key "+strconv.Itoa(round), newClaim(e))
	})
}

// keysApart uses keys that would meet if they were glued to something, and the
// longest that a client may send.
func keysApart(e *env) {
	a, b := e.user(), e.user()
	long := strings.Repeat("k", social.MaxIdempotencyKey-1)
	for _, actor := range []social.UserID{a, b} {
		for _, key := range []string{"k", "K", "k\x00", "\x00k", "kk", long + "a", long + "b", "ключ"} {
			c := newClaim(e)
			claimKey(e, actor, key, c, c, true)
			claimKey(e, actor, key, newClaim(e), c, false)
		}
	}
}

func keyEnds(e *env) {
	e.need(Clock, e.h.advance != nil)
	actor := e.user()
	a, b, c := newClaim(e), newClaim(e), newClaim(e)
	claimKey(e, actor, "k", a, a, true)
	e.h.advance(e.TB, e.Store, store.KeyTTL-time.Minute)
	claimKey(e, actor, "k", b, a, false)
	e.h.advance(e.TB, e.Store, 2*time.Minute)
	keyFree(e, actor, "k")
	claimKey(e, actor, "k", b, b, true)
	claimKey(e, actor, "k", c, b, false)
	e.h.advance(e.TB, e.Store, store.KeyTTL-time.Minute)
	claimKey(e, actor, "k", c, b, false)
}

func claimsSurvive(e *env) {
	e.need(Crash, e.h.crash != nil)
	account, actor, claim := newAccount(e), e.user(), newClaim(e)
	claimHandle(e, account, account, true)
	claimKey(e, actor, "k", claim, claim, true)
	e.crashed()
	other := newAccount(e)
	other.Handle = account.Handle
	claimHandle(e, other, account, false)
	claimKey(e, actor, "k", newClaim(e), claim, false)
}

// claimsSeen: another process loses what this one won.
func claimsSeen(e *env) {
	e.need(Peer, e.h.peer != nil)
	account, actor, claim := newAccount(e), e.user(), newClaim(e)
	claimHandle(e, account, account, true)
	claimKey(e, actor, "k", claim, claim, true)
	e.Store = e.h.peer(e.TB, e.Store)
	other := newAccount(e)
	other.Handle = account.Handle
	claimHandle(e, other, account, false)
	claimKey(e, actor, "k", newClaim(e), claim, false)
}
