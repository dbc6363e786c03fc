package snowflake

import (
	"context"
	"errors"
)

var (
	// ErrNoNode says that every node number is reserved. Retry: a reservation passes within seconds.
	ErrNoNode = errors.New("no node number is free")

	// ErrLeaseLost says that somebody else holds the node number now. The holder takes another one.
	ErrLeaseLost = errors.New("the node lease was lost")
)

// Lease is a node number and how far its holder may go.
type Lease struct {
	Node int

	// From is the first millisecond that the holder may mint. 0 stands for the now of [Leases.Take], above which no former
	// holder can have minted. An embedded store, which knows that the former holder is dead, sets it to the former
	// Until + 1 and hands the number out before that has passed.
	From Millis

	// Until is the last millisecond that the holder may mint.
	Until Millis

	// Token tells this holder from the next one of the same number.
	Token int64
}

// Leases is the table of node numbers, one row a number. Both calls are atomic over all processes. Any other error than the
// two sentinels means that the call may have been applied: the generator goes on as if it was not, which is safe, since a
// reservation that nobody uses passes.
type Leases interface {
	// Take takes a node number whose reservation has passed at now (its Until < now, or it was never taken) and reserves
	// it until `until`, under a token no earlier holder had. An embedded table with one process may hand out a number that
	// has not passed, with Lease.From past the old reservation; it then keeps the larger of the two as the new one.
	// ErrNoNode when none is free.
	Take(ctx context.Context, now, until Millis) (Lease, error)

	// Extend moves the reservation of a held lease to `until`, and answers the lease as it is then; a reservation never
	// moves back, so calling twice is harmless. A reservation that has passed but that nobody took may be extended.
	// ErrLeaseLost when somebody else holds the number now.
	Extend(ctx context.Context, l Lease, until Millis) (Lease, error)
}
