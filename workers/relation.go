package workers

import (
	"context"
	"fmt"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// Membership is a change of one user's row in a relation.
type Membership struct {
	Relation store.Relation
	Owner    snowflake.ID
	User     social.UserID
	State    social.State
	// Before, if set, is called ahead of the write with the row as it was and
	// as it will be: what it writes is there whenever the row is.
	Before func(ctx context.Context, was, will store.Member) error
}

// Changed is what an event did to a relation.
type Changed struct {
	Verdict social.Verdict
	Member  store.Member // as it is now
	Count   store.Count  // as it is now
}

// ChangeMember applies an event to a relation: the row and its count, both or
// neither. An older event changes nothing. The count is changed only by a
// change of state, so liking what is liked leaves count and since alone.
//
// An event that is there already is counted anew. Where a store fences counts
// only, an owner that slept through a take-over may write a row whose count is
// refused; the present owner then finds the row as if he had written it, and
// only counting tells. It happens after redeliveries and nowhere else.
func ChangeMember(ctx context.Context, s store.Relations, w Work, m Membership) (Changed, error) {
	was, count, err := s.Member(ctx, m.Relation, m.Owner, m.User)
	if err != nil {
		return Changed{}, fmt.Errorf("reading %s of %d: %w", m.Relation, m.Owner, err)
	}
	verdict := was.Last.Judge(w.Event.ID)
	if verdict == social.Older && !w.Recovered {
		return Changed{Verdict: verdict, Member: was, Count: count}, nil
	}
	n := count.N
	if w.Recovered || verdict == social.Same {
		if n, err = s.Recount(ctx, m.Relation, m.Owner); err != nil {
			return Changed{}, fmt.Errorf("recounting %s of %d: %w", m.Relation, m.Owner, err)
		}
	}
	will := was
	if verdict == social.Newer {
		will.User, will.Last = m.User, social.Last{Event: w.Event.ID, State: m.State}
		if m.State != was.Last.State || was.Since == 0 {
			will.Since = w.Event.ID
		}
		n += int64(m.State) - int64(was.Last.State)
		if m.Before != nil {
			if err := m.Before(ctx, was, will); err != nil {
				return Changed{}, err
			}
		}
	}
	count = store.Count{N: n, Stamp: w.Fence.Next()}
	if err := s.PutMember(ctx, w.Fence, m.Relation, m.Owner, will, count); err != nil {
		return Changed{}, fmt.Errorf("writing %s of %d: %w", m.Relation, m.Owner, err)
	}
	return Changed{Verdict: verdict, Member: will, Count: count}, nil
}
