package read

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/starlinghq/starling/internal/snowflake"
	"github.com/starlinghq/starling/internal/social"
)

// rising and falling are the two orders of lists.
var orders = map[string]func(a, b snowflake.ID) int{"rising": cmp.Compare[snowflake.ID], "falling": newestFirst}

// TestLayIsTheWholeListCut: a window over rows and changes is the window over
// the list that the changes make of all rows, wherever it begins and ends; so
// pages have no double and no gap. Places differ from objects, as in the list
// of likes.
func TestLayIsTheWholeListCut(t *testing.T) {
	for name, order := range orders {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ats := rapid.SliceOfNDistinct(rapid.Int64Range(1, 40), 0, 25, rapid.ID).Draw(t, "places")
				var rows, want []Entry
				var changes []change
				for _, at := range ats {
					e := Entry{At: snowflake.ID(at), Object: snowflake.ID(at*7%41 + 100)}
					switch rapid.SampledFrom([]string{"row", "row", "row", "on", "off"}).Draw(t, "what") {
					case "row":
						rows, want = append(rows, e), append(want, e)
					case "on":
						changes, want = append(changes, change{e, social.On}), append(want, e)
					case "off":
						rows = append(rows, e)
						// The place of the change is that of its own event.
						changes = append(changes, change{Entry{At: e.At + 3, Object: e.Object}, social.Off})
					}
				}
				byPlace := func(a, b Entry) int { return order(a.At, b.At) }
				slices.SortFunc(rows, byPlace)
				slices.SortFunc(want, byPlace)
				w := Window{After: snowflake.ID(rapid.Int64Range(0, 41).Draw(t, "after")), N: rapid.IntRange(1, 12).Draw(t, "n")}
				got, err := lay(w, order, changes, func(n int) ([]Entry, error) { return cut(rows, order, w.After, n), nil })
				if err != nil {
					t.Fatal(err)
				}
				if want := cut(want, order, w.After, w.N); !slices.Equal(got, want) {
					t.Errorf("window %+v of rows %v with %v: got %v, want %v", w, rows, changes, got, want)
				}
			})
		})
	}
}

// cut returns at most n entries behind a place.
func cut(list []Entry, order func(a, b snowflake.ID) int, after snowflake.ID, n int) []Entry {
	var out []Entry
	for _, e := range list {
		if (after == 0 || order(e.At, after) > 0) && len(out) < n {
			out = append(out, e)
		}
	}
	return out
}

// TestLayDoubles: a change that is applied already, or that says what a row
// says, is there once.
func TestLayDoubles(t *testing.T) {
	row := Entry{At: 5, Object: 5}
	for name, changes := range map[string][]change{
		"on again":     {{row, social.On}},
		"off of none":  {{Entry{9, 9}, social.Off}},
		"nothing":      nil,
		"on elsewhere": {{Entry{At: 8, Object: 5}, social.On}},
	} {
		got, err := lay(Window{N: 10}, cmp.Compare[snowflake.ID], changes, func(int) ([]Entry, error) { return []Entry{row}, nil })
		if err != nil || !slices.Equal(got, []Entry{row}) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

// TestBelow: the part of a log below an id.
func TestBelow(t *testing.T) {
	log := []social.LogEntry{{Tweet: 9}, {Tweet: 5}, {Tweet: 2}}
	for before, want := range map[social.TweetID]int{0: 0, 20: 0, 10: 0, 9: 1, 8: 1, 5: 2, 3: 2, 2: 3, 1: 3} {
		if got := below(log, before); !slices.Equal(got, log[want:]) {
			t.Errorf("below %d: %v", before, got)
		}
	}
}
