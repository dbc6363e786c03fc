package cachetest

import (
	"slices"

	"github.com/starlinghq/starling/internal/cache"
	"github.com/starlinghq/starling/internal/social"
)

func timelineCases() []aCase {
	return []aCase{
		{name: "Timelines/AppendNeverCreates", run: appendNeverCreates},
		{name: "Timelines/AppendToThoseThatExist", run: appendToThose},
		{name: "Timelines/AppendElsewhere", run: appendElsewhere},
		{name: "Timelines/Doubles", run: doubles},
		{name: "Timelines/Trim", run: trims},
		{name: "Timelines/TrimOutOfOrder", run: trimsOutOfOrder},
		{name: "Timelines/FloorNeverFalls", run: floorNeverFalls},
		{name: "Timelines/Drop", run: drops},
		{name: "Timelines/Snapshot", run: snapshots},
		{name: "Timelines/TTL", needs: needsAdvance, run: timelineTTL},
	}
}

// appendNeverCreates: who has no home timeline has none after an append: it
// would look complete.
func appendNeverCreates(e *env) {
	viewer := e.user()
	e.append(e.entry(), viewer)
	e.absent("after an append", viewer)
	e.build(viewer, nil, 0)
	e.must(e.Cache.Drop(e.ctx, viewer))
	e.append(e.entry(), viewer)
	e.absent("after drop and append", viewer)
	e.append(e.entry())
}

// appendToThose: an append reaches exactly the viewers it names that have a
// home timeline, wherever they stand in the list.
func appendToThose(e *env) {
	built := e.entries(3)
	var all, named, beside []social.UserID
	for i := range 300 {
		v := e.user()
		switch i % 3 {
		case 0:
			e.build(v, built, 0)
			named = append(named, v)
		case 1:
			e.build(v, built, 0)
			beside = append(beside, v)
			continue
		}
		all = append(all, v)
	}
	last := e.entry()
	e.append(last, all...)
	for _, v := range named {
		e.has("named", v, 0, append(slices.Clone(built), last)...)
	}
	for _, v := range beside {
		e.has("not named", v, 0, built...)
	}
	for _, v := range all {
		if !slices.Contains(named, v) {
			e.absent("named without a timeline", v)
		}
	}
}

// appendElsewhere: appends of another process are read at once.
func appendElsewhere(e *env) {
	viewer := e.user()
	e.build(viewer, nil, 0)
	var want []cache.Entry
	for range 50 {
		entry := e.entry()
		e.must(e.peer.Append(e.ctx, entry, []social.UserID{viewer}))
		want = append(want, entry)
		e.has("appended in another process", viewer, 0, want...)
	}
}

// doubles: the same entry may arrive again, in one call too, and is never
// missing for it.
func doubles(e *env) {
	viewer := e.user()
	built := e.entries(2)
	e.build(viewer, built, 0)
	entry := e.entry()
	for range 3 {
		e.append(entry, viewer, viewer)
		e.append(built[0], viewer)
	}
	got := slices.Clone(e.home(viewer).Entries)
	slices.SortFunc(got, func(a, b cache.Entry) int { return int(b.Tweet - a.Tweet) })
	e.equal("the entries", slices.Compact(got), append([]cache.Entry{entry}, built...))
}

// trims: a home timeline that reaches MaxEntries keeps the MinEntries that
// arrived last, and its floor is the largest id dropped.
func trims(e *env) {
	viewer := e.user()
	built := e.entries(cache.MaxEntries - 100)
	e.build(viewer, built, 7)
	arrived := slices.Clone(built)
	slices.Reverse(arrived)
	for range 99 {
		entry := e.entry()
		e.append(entry, viewer)
		arrived = append(arrived, entry)
	}
	e.has("one before the limit", viewer, 7, arrived...)
	entry := e.entry()
	e.append(entry, viewer)
	arrived = append(arrived, entry)
	e.trimmedTo(viewer, 7, arrived)

	// And again: from here on it was only appended to.
	for range cache.MaxEntries + 300 {
		entry := e.entry()
		e.append(entry, viewer)
		arrived = append(arrived, entry)
	}
	e.trimmedTo(viewer, 7, arrived)

	// One that is put at the limit is trimmed at once, or stands as it is.
	full := e.entries(cache.MaxEntries)
	e.build(viewer, full, 7)
	slices.Reverse(full)
	e.trimmedTo(viewer, 7, full)
}

// trimmedTo holds a home timeline against everything that it was given, in
// order of arrival, and its floor as built.
func (e *env) trimmedTo(viewer social.UserID, floor social.TweetID, arrived []cache.Entry) {
	e.Helper()
	t := e.home(viewer)
	if !t.Found || len(t.Entries) < cache.MinEntries || len(t.Entries) >= cache.MaxEntries {
		e.Fatalf("found %t with %d entries after %d, want %d up to below %d",
			t.Found, len(t.Entries), len(arrived), cache.MinEntries, cache.MaxEntries)
	}
	there := map[cache.Entry]bool{}
	for _, entry := range t.Entries {
		there[entry] = true
	}
	cut := len(arrived) - len(t.Entries)
	for i, entry := range arrived {
		if i < cut {
			floor = max(floor, entry.Tweet)
		}
		if (i >= cut) != there[entry] {
			e.Fatalf("of %d entries the one that arrived as number %d is there: %t; the last %d should be", len(arrived), i, there[entry], len(t.Entries))
		}
	}
	if t.Floor != floor {
		e.Errorf("the floor is %d; the largest id dropped, or the floor before, is %d", t.Floor, floor)
	}
}

// trimsOutOfOrder: the floor is the largest id dropped, not the last one
// dropped nor the smallest one kept: order of arrival is not order of id.
func trimsOutOfOrder(e *env) {
	for name, order := range map[string]func([]cache.Entry){
		"the newest first, then rising": func(entries []cache.Entry) {
			slices.Reverse(entries[1:])
		},
		"falling": func([]cache.Entry) {},
		"rising":  slices.Reverse[[]cache.Entry],
		"mixed": func(entries []cache.Entry) {
			for i := range entries {
				j := (i * 7919) % len(entries)
				entries[i], entries[j] = entries[j], entries[i]
			}
		},
	} {
		viewer := e.user()
		e.build(viewer, nil, 0)
		arriving := e.entries(cache.MaxEntries + 5)
		order(arriving)
		for _, entry := range arriving {
			e.append(entry, viewer)
		}
		e.Logf("arriving %s", name)
		e.trimmedTo(viewer, 0, arriving)
	}
}

// floorNeverFalls: a trim that drops only ids below the floor leaves it, and
// appends below it do not matter.
func floorNeverFalls(e *env) {
	viewer := e.user()
	old := e.entries(cache.MaxEntries)
	floor := e.tweet()
	e.build(viewer, nil, floor)
	for _, entry := range old {
		e.append(entry, viewer)
		if t := e.home(viewer); t.Floor != floor {
			e.Fatalf("after %d appends below it the floor went from %d to %d", len(old), floor, t.Floor)
		}
	}
	entry := e.entry()
	e.append(entry, viewer)
	if !slices.Contains(e.home(viewer).Entries, entry) {
		e.Error("an entry above the floor is missing")
	}
}

// drops: a dropped home timeline is gone, the others are not.
func drops(e *env) {
	a, b, kept, never := e.user(), e.user(), e.user(), e.user()
	entries := e.entries(2)
	for _, v := range []social.UserID{a, b, kept} {
		e.build(v, entries, 3)
	}
	e.must(e.Cache.Drop(e.ctx, a, never, b))
	e.must(e.Cache.Drop(e.ctx))
	e.absent("dropped", a)
	e.absent("dropped too", b)
	e.has("not dropped", kept, 3, entries...)
	e.build(a, entries[:1], 4)
	e.has("built again", a, 4, entries[0])
}

// snapshots: entries that were handed out do not change.
func snapshots(e *env) {
	viewer := e.user()
	e.build(viewer, e.entries(cache.MaxEntries-60), 0)
	for i := range 120 { // over a trim
		t := e.home(viewer)
		was := slices.Clone(t.Entries)
		e.append(e.entry(), viewer)
		e.append(e.entry(), viewer)
		if !slices.Equal(t.Entries, was) {
			e.Fatalf("entries handed out before append %d changed", i)
		}
	}
}

// timelineTTL: a home timeline ends TimelineTTL after it was put, at the
// latest, and whoever reads or appends does not prolong it for ever.
func timelineTTL(e *env) {
	viewer := e.user()
	e.build(viewer, e.entries(2), 0)
	e.h.Advance(cache.TimelineTTL / 2)
	if !e.home(viewer).Found {
		e.Error("a home timeline is gone after half its time")
	}
	e.append(e.entry(), viewer)
	e.h.Advance(cache.TimelineTTL/2 + cache.TimelineTTL/100)
	e.append(e.entry(), viewer)
	e.absent("after its time", viewer)
}
