package importer

import (
	"math/bits"
	"math/rand/v2"
)

// dice draws the numbers of a generated history. The source is PCG-DXSM, whose
// output is specified; the reduction to a range is our own, because a history
// must stay the same forever and the methods of rand.Rand may change.
type dice struct{ source *rand.PCG }

// generation is mixed into every seed. It changes when the generator does, and
// so do all handles: a history of an older generator is then another one.
const generation = 1

func newDice(people int, seed uint64) *dice {
	return &dice{source: rand.NewPCG(seed, uint64(people)<<8|generation)}
}

// below returns a number from 0 to n-1. The bias is below n / 2^64.
func (d *dice) below(n int) int {
	high, _ := bits.Mul64(d.source.Uint64(), uint64(n))
	return int(high)
}

// between returns a number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// chance is true in percent of 100 cases.
func (d *dice) chance(percent int) bool { return d.below(100) < percent }

// early returns a number from 0 to n-1 that is small more often than not: of a
// product of three even draws. A few things become very popular that way, and
// most hardly at all.
func (d *dice) early(n int) int {
	return d.below(1 + d.below(1+d.below(n)))
}

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }
