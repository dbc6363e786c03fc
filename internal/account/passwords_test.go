package account

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHashAndVerify(t *testing.T) {
	p := NewPasswords(PasswordConfig{Cost: Cheap()})
	hash, err := p.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Hash(t.Context(), "correct horse")
	if err != nil || again == hash {
		t.Errorf("two hashes of one password are equal (%v): there is no salt", err)
	}
	for password, want := range map[string]bool{
		"correct horse": true, "correct horse ": false, "Correct horse": false, "": false, strings.Repeat("x", 2000): false,
	} {
		got, err := p.Verify(t.Context(), hash, password)
		if err != nil || got != want {
			t.Errorf("%.20q: %t, %v; want %t", password, got, err, want)
		}
	}
	if _, err := p.Hash(t.Context(), strings.Repeat("x", 1025)); !errors.Is(err, ErrPasswordLong) {
		t.Errorf("a long password is hashed: %v", err)
	}
	for _, password := range []string{"correct horse", strings.Repeat("x", 2000)} {
		if ok, err := p.VerifyUnknown(t.Context(), password); ok || err != nil {
			t.Errorf("nobody's password: %t, %v", ok, err)
		}
	}
}

func TestDefaultCost(t *testing.T) {
	hash, err := NewPasswords(PasswordConfig{}).Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%q, %v", hash, err)
	}
}

// The hash is one of the reference implementation's own tests.
func TestVerifiesAForeignHash(t *testing.T) {
	p := NewPasswords(PasswordConfig{})
	hash := "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for password, want := range map[string]bool{"password": true, "passwore": false} {
		if ok, err := p.Verify(t.Context(), hash, password); ok != want || err != nil {
			t.Errorf("%s: %t, %v; want %t", password, ok, err, want)
		}
	}
}

func TestBadHashes(t *testing.T) {
	p := NewPasswords(PasswordConfig{Cost: Cheap()})
	good, err := p.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{
		"", "correct horse", good + "$", good[1:], good + "=", good[:len(good)-30],
		strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=8", "m=4194304", 1),
		strings.Replace(good, "m=8", "m=08", 1),
		strings.Replace(good, "m=8", "m=-8", 1),
		strings.Replace(good, "t=1", "t=0", 1),
		strings.Replace(good, "t=1", "t=4294967296", 1),
		strings.Replace(good, "p=1", "p=255", 1),
		strings.Replace(good, "m=8,t=1", "t=1,m=8", 1),
	} {
		if ok, err := p.Verify(t.Context(), hash, "correct horse"); ok || !errors.Is(err, ErrBadHash) {
			t.Errorf("%q: %t, %v; want ErrBadHash", hash, ok, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=1,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err != nil {
			if !errors.Is(err, ErrBadHash) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if h.String() != s || h.cost.Memory > maxCost().Memory || h.cost.Passes > maxCost().Passes || h.cost.Lanes > maxCost().Lanes {
			t.Fatalf("%q reads as %q", s, h)
		}
	})
}

func TestTheQueueIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPasswords(PasswordConfig{Cost: Cheap(), Parallel: 1, Queue: 2})
		p.turns <- struct{}{} // somebody is hashing
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		waiting := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := p.Hash(ctx, "correct horse")
				waiting <- err
			}()
			synctest.Wait()
		}
		calls := map[string]func() error{
			"hash": func() error { _, err := p.Hash(ctx, "correct horse"); return err },
			"verify": func() error {
				_, err := p.Verify(ctx, "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "x")
				return err
			},
			"verify unknown": func() error { _, err := p.VerifyUnknown(ctx, "x"); return err },
		}
		for name, call := range calls {
			if err := call(); !errors.Is(err, ErrBusy) {
				t.Errorf("%s: %v, want ErrBusy", name, err)
			}
		}
		<-p.turns // one of the two may go on, then the other
		for range 2 {
			if err := <-waiting; err != nil {
				t.Errorf("who waited: %v", err)
			}
		}
		for name, call := range calls {
			if err := call(); err != nil {
				t.Errorf("%s with the queue empty: %v", name, err)
			}
		}
		p.turns <- struct{}{}
		go func() {
			_, err := p.Hash(ctx, "correct horse")
			waiting <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("a caller that left: %v", err)
		}
		if n := p.queued.Load(); n != 0 {
			t.Errorf("%d are queued", n)
		}
	})
}

// Times vary on a busy machine, so the fastest of several tries count; an early return would be a thousand times faster.
func TestAnUnknownHandleTakesAsLong(t *testing.T) {
	p := NewPasswords(PasswordConfig{Cost: Cost{Memory: 2 << 10, Passes: 1, Lanes: 1}})
	hash, err := p.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	known, unknown := time.Hour, time.Hour
	for range 50 {
		start := time.Now()
		if _, err := p.Verify(t.Context(), hash, "wrong horse"); err != nil {
			t.Fatal(err)
		}
		middle := time.Now()
		if _, err := p.VerifyUnknown(t.Context(), "wrong horse"); err != nil {
			t.Fatal(err)
		}
		known, unknown = min(known, middle.Sub(start)), min(unknown, time.Since(middle))
	}
	if unknown < known/3 || known < unknown/3 {
		t.Errorf("a known handle takes %s, an unknown one %s", known, unknown)
	}
}

func BenchmarkHash(b *testing.B) {
	p := NewPasswords(PasswordConfig{})
	for b.Loop() {
		if _, err := p.Hash(b.Context(), "correct horse"); err != nil {
			b.Fatal(err)
		}
	}
}
