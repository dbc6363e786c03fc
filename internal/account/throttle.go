package account

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// ThrottleConfig bounds sign-ups and log-ins of one address. Zero fields are the defaults.
type ThrottleConfig struct {
	Off       bool
	PerMinute float64 // tries that come back in a minute; default 20
	Burst     int     // tries at once; default 10
	Addresses int     // how many addresses are remembered; default 10,000
	Loopback  bool    // throttle this machine itself too
}

// Throttle is a token bucket per address. It is safe for use by many goroutines.
type Throttle struct {
	cfg ThrottleConfig

	mu    sync.Mutex
	byKey map[netip.Prefix]*list.Element // guarded by mu
	used  *list.List                     // guarded by mu: of *bucket, the last used in front
}

type bucket struct {
	key     netip.Prefix
	limiter *rate.Limiter
}

// NewThrottle makes a throttle that has seen nobody.
func NewThrottle(cfg ThrottleConfig) *Throttle {
	if cfg.PerMinute <= 0 {
		cfg.PerMinute = 20
	}
	if cfg.Burst <= 0 {
		cfg.Burst = 10
	}
	if cfg.Addresses <= 0 {
		cfg.Addresses = 10_000
	}
	return &Throttle{cfg: cfg, byKey: map[netip.Prefix]*list.Element{}, used: list.New()}
}

// Allow takes one try of the address, an IP with or without a port, or says after which time the next is free. A refused try
// costs nothing. An address that cannot be read shares one bucket with all its like. IPv6 counts by /64, which is what one
// customer gets. Where more addresses come than are remembered, the one unseen for longest begins anew.
func (t *Throttle) Allow(address string, now time.Time) (ok bool, retryAfter time.Duration) {
	key, loopback := keyOf(address)
	if t.cfg.Off || loopback && !t.cfg.Loopback {
		return true, 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	try := t.limiter(key).ReserveN(now, 1)
	if wait := try.DelayFrom(now); wait > 0 {
		try.CancelAt(now)
		return false, wait
	}
	return true, 0
}

// limiter is the bucket of the key; t.mu is held.
func (t *Throttle) limiter(key netip.Prefix) *rate.Limiter {
	if e := t.byKey[key]; e != nil {
		t.used.MoveToFront(e)
		return e.Value.(*bucket).limiter
	}
	if t.used.Len() >= t.cfg.Addresses {
		oldest := t.used.Back()
		delete(t.byKey, t.used.Remove(oldest).(*bucket).key)
	}
	b := &bucket{key, rate.NewLimiter(rate.Limit(t.cfg.PerMinute/60), t.cfg.Burst)}
	t.byKey[key] = t.used.PushFront(b)
	return b.limiter
}

func keyOf(address string) (key netip.Prefix, loopback bool) {
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, false
	}
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	key, err = ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}, false
	}
	return key, ip.IsLoopback()
}
