package store

import "strings"

// FoldHandle returns the form under which a handle is claimed and found.
// Handles are ASCII and unique without case.
func FoldHandle(h string) string { return strings.ToLower(h) }
