package execute

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestTexts: equal texts get the number of the first of them, whether there are
// few or many.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var same texts
		var buf []byte
		numbers := make(map[string]int32)
		for range rapid.IntRange(0, 150).Draw(t, "texts") {
			text := fmt.Sprint(rapid.IntRange(0, 90).Draw(t, "text"))
			from := len(buf)
			buf = append(buf, text...)
			n, seen := same.find(buf, from)
			want, known := numbers[text]
			if seen != known || seen && n != want {
				t.Fatalf("%q: %d %t, want %d %t", text, n, seen, want, known)
			}
			if seen {
				buf = buf[:from]
			} else {
				numbers[text] = int32(len(numbers))
			}
		}
	})
}
