package federation

import (
	"fmt"
	"strconv"
	"strings"
)

// Version is the version of a feature: v2.9 is {2, 9}. A subgraph without a
// federation @link has version {1, 0}.
type Version struct{ Major, Minor int }

// Versions of the federation specification this package knows.
var (
	Fed1   = Version{1, 0}
	Newest = Version{2, 14}
	oldest = Version{2, 0}
)

// ParseVersion reads "v1.2".
func ParseVersion(s string) (Version, bool) {
	rest, ok := strings.CutPrefix(s, "v")
	if !ok {
		return Version{}, false
	}
	major, minor, ok := strings.Cut(rest, ".")
	if !ok {
		return Version{}, false
	}
	a, err1 := strconv.Atoi(major)
	b, err2 := strconv.Atoi(minor)
	if err1 != nil || err2 != nil || a < 0 || b < 0 {
		return Version{}, false
	}
	return Version{a, b}, true
}

// AtLeast reports whether v is o or later.
func (v Version) AtLeast(o Version) bool {
	return v.Major > o.Major || v.Major == o.Major && v.Minor >= o.Minor
}

func (v Version) String() string { return fmt.Sprintf("v%d.%d", v.Major, v.Minor) }

// Known reports whether v is a version of federation 2 that this package knows.
func (v Version) Known() bool { return v.AtLeast(oldest) && Newest.AtLeast(v) }
