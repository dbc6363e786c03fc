package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/starlinghq/starling/internal/account"
)

func TestThrottle(t *testing.T) {
	th := account.NewThrottle(account.ThrottleConfig{PerMinute: 6, Burst: 3})
	take := func(address string, at time.Time, want bool) time.Duration {
		t.Helper()
		ok, after := th.Allow(address, at)
		if ok != want || ok == (after > 0) {
			t.Errorf("%s: %t, after %s; want %t", address, ok, after, want)
		}
		return after
	}
	for range 3 {
		take("192.0.2.1:5000", noon, true)
	}
	for range 100 { // refused tries do not push the next one away
		if after := take("192.0.2.1:5001", noon, false); after != 10*time.Second {
			t.Fatalf("the next try is free after %s, want 10 s", after)
		}
	}
	take("192.0.2.2", noon, true)
	take("::ffff:192.0.2.1", noon, false)
	take("192.0.2.1", noon.Add(10*time.Second), true)
	take("192.0.2.1", noon.Add(10*time.Second), false)

	for n := range 3 {
		take(fmt.Sprintf("[2001:db8::%d]:80", n+1), noon, true)
	}
	take("2001:db8::ffff", noon, false) // the same /64
	take("2001:db8:0:1::1", noon, true)

	for range 3 {
		take("nonsense", noon, true)
	}
	take("other nonsense", noon, false)
}

func TestThrottleLeavesLoopbackAlone(t *testing.T) {
	for _, c := range []struct {
		cfg  account.ThrottleConfig
		addr string
		want bool
	}{
		{account.ThrottleConfig{Burst: 1}, "127.0.0.1:1234", true},
		{account.ThrottleConfig{Burst: 1}, "[::1]:1234", true},
		{account.ThrottleConfig{Burst: 1, Loopback: true}, "127.0.0.1:1234", false},
		{account.ThrottleConfig{Burst: 1}, "192.0.2.1:1234", false},
		{account.ThrottleConfig{Burst: 1, Off: true}, "192.0.2.1:1234", true},
	} {
		th := account.NewThrottle(c.cfg)
		th.Allow(c.addr, noon)
		if ok, _ := th.Allow(c.addr, noon); ok != c.want {
			t.Errorf("%+v, %s: second try %t, want %t", c.cfg, c.addr, ok, c.want)
		}
	}
}

func TestThrottleIsBounded(t *testing.T) {
	th := account.NewThrottle(account.ThrottleConfig{Burst: 1, Addresses: 2})
	for _, c := range []struct {
		addr string
		want bool
	}{
		{"192.0.2.1", true},
		{"192.0.2.2", true},
		{"192.0.2.1", false}, // used last
		{"192.0.2.3", true},  // .2 is forgotten
		{"192.0.2.1", false},
		{"192.0.2.2", true},
	} {
		if ok, _ := th.Allow(c.addr, noon); ok != c.want {
			t.Errorf("%s: %t, want %t", c.addr, ok, c.want)
		}
	}
}
