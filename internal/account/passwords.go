package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// ErrBusy says that too many passwords are being hashed. Nothing was done; retry in a second.
var ErrBusy = errors.New("too many passwords are being checked, try again in a second")

// Cost is what one hash takes.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// Cheap is a cost for tests and for importing generated accounts. It protects nothing.
func Cheap() Cost { return Cost{Memory: 8, Passes: 1, Lanes: 1} }

// maxCost bounds what a stored hash may ask for, so that a broken row cannot take the machine.
func maxCost() Cost { return Cost{Memory: 256 << 10, Passes: 16, Lanes: 16} }

// PasswordConfig says how passwords are hashed. The zero value is the default.
type PasswordConfig struct {
	Cost     Cost // of new hashes; zero is 19 MiB, 2 passes, 1 lane
	Parallel int  // hashings at a time; 0 is one per core
	Queue    int  // callers that wait for their turn; 0 is 8 per hashing at a time, less than 0 none
}

// Passwords hashes passwords. It is safe for use by many goroutines.
type Passwords struct {
	cost   Cost
	turns  chan struct{}
	queue  int64
	queued atomic.Int64
}

// NewPasswords makes a hasher.
func NewPasswords(cfg PasswordConfig) *Passwords {
	if cfg.Cost == (Cost{}) {
		cfg.Cost = Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = runtime.GOMAXPROCS(0)
	}
	switch {
	case cfg.Queue == 0:
		cfg.Queue = 8 * cfg.Parallel
	case cfg.Queue < 0:
		cfg.Queue = 0
	}
	return &Passwords{cost: cfg.Cost, turns: make(chan struct{}, cfg.Parallel), queue: int64(cfg.Queue)}
}

// Hash is the PHC string of a password with a new salt. Errors: ErrBusy, ErrPasswordLong, the context's.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("account: salt: %w", err)
	}
	key, err := p.derive(ctx, password, p.cost, salt, keyBytes)
	if err != nil {
		return "", err
	}
	return phc{p.cost, salt, key}.String(), nil
}

// Verify says whether the password is that of the PHC string. It compares in constant time. Errors: ErrBusy, ErrBadHash,
// the context's. A password over MaxPassword is simply wrong.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (bool, error) {
	want, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	key, err := p.derive(ctx, password, want.cost, want.salt, uint32(len(want.key)))
	if errors.Is(err, ErrPasswordLong) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, want.key) == 1, nil
}

// VerifyUnknown is Verify for a handle that nobody has: it takes as long, and the answer is false.
func (p *Passwords) VerifyUnknown(ctx context.Context, password string) (bool, error) {
	_, err := p.derive(ctx, password, p.cost, make([]byte, saltBytes), keyBytes)
	if errors.Is(err, ErrPasswordLong) {
		return false, nil
	}
	return false, err
}

// derive computes the key when it is the caller's turn.
func (p *Passwords) derive(ctx context.Context, password string, c Cost, salt []byte, size uint32) ([]byte, error) {
	if len(password) > MaxPassword {
		return nil, ErrPasswordLong
	}
	if err := p.wait(ctx); err != nil {
		return nil, err
	}
	defer func() { <-p.turns }()
	return argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, c.Lanes, size), nil
}

// wait waits for a turn, if the queue has room.
func (p *Passwords) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // a turn may be free, but nobody waits for the answer
	}
	select {
	case p.turns <- struct{}{}:
		return nil
	default:
	}
	defer p.queued.Add(-1)
	if p.queued.Add(1) > p.queue {
		return ErrBusy
	}
	select {
	case p.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
