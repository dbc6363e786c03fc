package storetest

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/store"
)

// TestMain keeps rapid from spending half a minute on the smallest history for
// every fault, and from keeping histories that were meant to fail.
func TestMain(m *testing.M) {
	flag.Parse()
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// fault is a broken store and the check that has to catch it.
type fault struct {
	name   string
	caught string // the check's name, or its beginning up to a slash
	broken func(*model) store.Store
}

// faults is the list of mistakes that the suite is known to catch.
func faults() []fault {
	return slices.Concat(rowFaults(), countFaults(), listFaults(), claimFaults(), ownerFaults())
}

// TestFaults: every broken store fails the check that is named for it.
func TestFaults(t *testing.T) {
	all := checks()
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			i := slices.IndexFunc(all, func(c check) bool { return strings.HasPrefix(c.name, f.caught) })
			if i < 0 {
				t.Fatalf("no check is named %q", f.caught)
			}
			h := newHarness(func(testing.TB) store.Store { return f.broken(newModel()) }, faultHooks())
			r := failing(t, func(r *recorder) { all[i].run(newEnv(r, h)) })
			switch {
			case r.skipped:
				t.Errorf("%q was skipped", all[i].name)
			case !r.Failed():
				t.Errorf("%q passes", all[i].name)
			}
		})
	}
}

// as makes a fault of the comparisons of a model.
func as(change func(*model)) func(*model) store.Store {
	return func(m *model) store.Store {
		change(m)
		return m
	}
}

// micros is a write timestamp as one would make it of an event: time, then
// sequence. Ids of two nodes may share one, or have them the other way round.
func micros(id snowflake.ID) int64 { return id.Millis()*1000 + int64(id.Seq()) }

// mixed is the row that a merge of columns leaves: each column by itself keeps
// the value with the later write timestamp or, where they are equal, the larger
// value.
func mixed(was, is social.Last) social.Last {
	switch a, b := micros(was.Event), micros(is.Event); {
	case a > b:
		return was
	case a < b:
		return is
	}
	return social.Last{Event: max(was.Event, is.Event), State: max(was.State, is.State)}
}

func rowFaults() []fault {
	arrival := as(func(m *model) { m.newer = func(_, is social.Last) bool { return is.Event != 0 } })
	timestamps := as(func(m *model) {
		m.newer = func(was, is social.Last) bool {
			return was.Event == 0 || micros(is.Event) > micros(was.Event)
		}
	})
	var out []fault
	for _, c := range []string{"tweets/larger", "users/fields", "relations/larger event", "liked/off", "comments/larger event"} {
		out = append(out,
			fault{"last arrival wins: " + c, c, arrival},
			fault{"drops what has an equal timestamp: " + c, c, timestamps})
	}
	return append(out,
		fault{"event and state in two columns", "relations/larger event", func(m *model) store.Store { return twoColumns{m} }},
		fault{"row deleted when off, so that an older event brings it back", "relations/larger event", func(m *model) store.Store { return dropsOff{m} }},
		fault{"row deleted when off, so that nobody sees when", "relations/rows that are off", func(m *model) store.Store { return dropsOff{m} }},
		fault{"profile is one row with one event", "users/fields", func(m *model) store.Store { return wholeUser{m} }},
		fault{"empty field taken for a new one", "users/a zero event", func(m *model) store.Store { return emptyFields{m} }},
		fault{"since is the last event", "rows/survive", func(m *model) store.Store { return noSince{m} }},
		fault{"missing rows left out", "tweets/order", func(m *model) store.Store { return leavesOut{m} }},
		fault{"rows in order of id", "users/order", func(m *model) store.Store { return sorts{m} }},
		fault{"a tweet logged twice is there twice", "author log/twice", func(m *model) store.Store { return logsTwice{m} }},
		fault{"relations share their rows", "relations/kept apart", func(m *model) store.Store { return oneRelation{m} }},
		fault{"entities not kept", "tweets/kept", func(m *model) store.Store { return noEntities{m} }},
		fault{"forgets what was not flushed", "rows/survive", func(m *model) store.Store { return forgetful{m} }},
	)
}

func countFaults() []fault {
	apart := func(m *model) store.Store { return writesApart{m} }
	readsApart := func(m *model) store.Store { return readsApart{m} }
	ignores := as(func(m *model) { m.newerCount = func(_, is store.Stamp) bool { return is.Seq != 0 } })
	seqOnly := as(func(m *model) { m.newerCount = func(was, is store.Stamp) bool { return is.Seq > was.Seq } })
	epochOnly := as(func(m *model) { m.newerCount = func(was, is store.Stamp) bool { return is.Epoch > was.Epoch } })
	return []fault{
		{"count written apart from its row", "relations/row and count seen", apart},
		{"count written apart from its comment", "comments/comment and count seen", apart},
		{"count read apart from its row", "relations/row and count seen", readsApart},
		{"count read apart from its comment", "comments/comment and count seen", readsApart},
		{"last count wins", "relations/larger stamp", ignores},
		{"last count of comments wins", "comments/larger stamp", ignores},
		{"last count wins, a superseded owner's too", "epochs/stale owners change", ignores},
		{"last count wins, in a random history", "history", ignores},
		{"stamps compared without their epochs", "epochs/stale owners change", seqOnly},
		{"stamps compared without their epochs, in a random history", "history", seqOnly},
		{"stamps compared without their sequence", "relations/larger stamp", epochOnly},
		{"older row keeps a newer count out", "relations/row and count stand", func(m *model) store.Store { return allOrNothing{m} }},
		{"counts by adding", "relations/larger stamp", func(m *model) store.Store { return counter{m} }},
		{"counts by adding, in a random history", "history", func(m *model) store.Store { return counter{m} }},
		{"recount counts rows that are off", "relations/rows that are off", func(m *model) store.Store { return countsOff{m} }},
		{"recount counts deleted comments", "comments/counted over", func(m *model) store.Store { return countsOff{m} }},
		{"recount of comments forgets the partition", "comments/counted over", func(m *model) store.Store { return countsMonths{m} }},
		{"only the newest month is counted", "comments/counted over", func(m *model) store.Store { return newestMonth{m} }},
	}
}

func listFaults() []fault {
	short := func(m *model) store.Store { return shortPages{m} }
	again := func(m *model) store.Store { return againPages{m} }
	thin := func(m *model) store.Store { return thinPages{m} }
	var out []fault
	for _, c := range []string{"author log/newest", "relations/on rows", "liked/newest", "comments/newest"} {
		out = append(out, fault{"page one too short: " + c, c, short}, fault{"page begins with the cursor: " + c, c, again})
		if c != "author log/newest" {
			out = append(out, fault{"page filtered after it was cut: " + c, c, thin})
		}
	}
	return append(out,
		fault{"logs cut over all authors together", "author log/many", func(m *model) store.Store { return sharedLimit{m} }},
		fault{"lists rows that are off", "relations/on rows", func(m *model) store.Store { return listsOff{m} }},
	)
}

func claimFaults() []fault {
	checkThenSet := func(m *model) store.Store { return checkThenSet{m} }
	return []fault{
		{"handle looked up and then taken", "claims/handle has one winner of many", checkThenSet},
		{"key looked up and then taken", "claims/key has one winner of many", checkThenSet},
		{"handles differ by case", "claims/account", as(func(m *model) { m.fold = strings.Clone })},
		{"handles differ by case when claimed", "claims/handle has one winner", as(func(m *model) { m.fold = strings.Clone })},
		{"last claim wins", "claims/key has one winner", func(m *model) store.Store { return lastClaim{m} }},
		{"every claim is won", "claims/handle has one winner", func(m *model) store.Store { return alwaysWon{m} }},
		{"keys of all actors together", "claims/keys of others", func(m *model) store.Store { return oneActor{m} }},
		{"keys never end", "claims/key is free", func(m *model) store.Store { return endless{m} }},
		{"keys end early", "claims/key is free", func(m *model) store.Store { return earlyEnd{m} }},
		{"claims lost in a crash after Settle", "claims/settled", func(m *model) store.Store { return forgetful{m} }},
	}
}

func ownerFaults() []fault {
	blind := func(m *model) store.Store { return blindEpochs{m} }
	return []fault{
		{"epoch taken blindly", "epochs/rise", blind},
		{"epoch taken blindly by many", "epochs/have one winner", blind},
		{"epoch looked up and then taken", "epochs/have one winner", func(m *model) store.Store { return checkThenSet{m} }},
		{"one epoch for all families", "epochs/shards", func(m *model) store.Store { return oneFamily{m} }},
		{"epochs lost in a crash", "epochs/survive", func(m *model) store.Store { return forgetful{m} }},
		{"superseded owners bring rows back", "epochs/stale owners bring", as(func(m *model) { m.newer = func(_, is social.Last) bool { return is.Event != 0 } })},
		{"a number handed out before its reservation passed", "leases/two holders", func(m *model) store.Store { return earlyLease{m} }},
		{"a number handed out twice at once", "leases/two at once", func(m *model) store.Store { return oneNode{m} }},
		{"a lost lease extended", "leases/are lost", func(m *model) store.Store { return everybodysLease{m} }},
		{"a reservation moved back", "leases/a reservation", func(m *model) store.Store { return shrinkingLease{m} }},
		{"leases lost in a crash", "leases/survive", func(m *model) store.Store { return forgetful{m} }},
		{"written and then refused", "errors/surely", func(m *model) store.Store { return writesFirst{m} }},
		{"context ignored", "errors/reads", func(m *model) store.Store { return noContext{m} }},
		{"always away", "errors/ping", func(m *model) store.Store { return away{m} }},
		{"another process sees old rows", "rows/seen", func(m *model) store.Store { return forgetful{m} }},
		{"another process sees no epochs", "epochs/seen", func(m *model) store.Store { return forgetful{m} }},
		{"another process sees no claims", "claims/seen", func(m *model) store.Store { return forgetful{m} }},
	}
}

var _ snowflake.Leases = oneNode{}
