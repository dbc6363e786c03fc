package federation

import "strings"

// SplitContext splits the argument of @fromContext, "$name selection".
func SplitContext(field string) (name, selection string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(field), "$")
	if !ok {
		return "", "", false
	}
	end := strings.IndexFunc(rest, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end <= 0 {
		return "", "", false
	}
	return rest[:end], rest[end:], true
}
