package tweettext

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// ValidHashtag reports whether text, with its sign, is one hashtag and nothing else.
func ValidHashtag(text string) bool { return only(text, Extract(text).Hashtags) }

// ValidMention reports whether text, with its sign, is one mention and nothing else. It may be up to 20 characters long;
// which handles an account may have is not said here.
func ValidMention(text string) bool { return only(text, Extract(text).Mentions) }

func only(text string, es []Entity) bool {
	return len(es) == 1 && es[0].Start == 0 && es[0].End == utf8.RuneCountInString(text)
}

// ValidURL reports whether u is a url of http or https as RFC 3986 has it, with a name under some domain or an IP address
// for a host. Names may be in any script, and paths in Cyrillic too; top level domains need not exist.
func ValidURL(u string) bool {
	scheme, rest, found := strings.Cut(u, "://")
	return found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")) && validRest(rest)
}

// ValidBareURL is ValidURL of a url that may come without a protocol.
func ValidBareURL(u string) bool {
	return ValidURL(u) || !strings.Contains(beforePath(u), "://") && validRest(u)
}

// beforePath returns what of a url comes before its path, query and fragment, slashes after a colon left alone.
func beforePath(u string) string {
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		u = u[:i]
	}
	if i := strings.IndexByte(u, '/'); i > 0 && u[i-1] != ':' {
		u = u[:i]
	}
	return u
}

// validRest checks authority, path, query and fragment.
func validRest(rest string) bool {
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	return validAuthority(authority) &&
		allowed(path, "/:|@") && allowed(query, "/?:|@") && allowed(fragment, "/?:|@")
}

func validAuthority(a string) bool {
	if user, host, found := strings.Cut(a, "@"); found {
		if !allowed(user, ":") {
			return false
		}
		a = host
	}
	if host, port, found := cutLast(a, ':'); found && !strings.HasSuffix(a, "]") {
		if len(port) < 1 || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
			return false
		}
		a = host
	}
	if strings.HasPrefix(a, "[") && strings.HasSuffix(a, "]") {
		ip, err := netip.ParseAddr(a[1 : len(a)-1])
		return err == nil && ip.Is6()
	}
	ip, err := netip.ParseAddr(a)
	return err == nil && ip.Is4() || validName(a)
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// validName checks the name of a host: labels of letters and digits with hyphens between them, underscores too in
// subdomains, and a top level domain that begins with a letter.
func validName(name string) bool {
	labels := strings.Split(name, ".")
	top := len(labels) - 1
	if top < 1 {
		return false
	}
	for i, l := range labels {
		inner := "-"
		if i < top-1 {
			inner = "-_"
		}
		if !validLabel(l, inner) {
			return false
		}
	}
	return !is(labels[top][0], digit)
}

func validLabel(l, inner string) bool {
	if l == "" || !isWide(l[0]) || !isWide(l[len(l)-1]) {
		return false
	}
	for i := range len(l) {
		if !isWide(l[i]) && strings.IndexByte(inner, l[i]) < 0 {
			return false
		}
	}
	return true
}

// isWide reports whether c is an ASCII letter or digit, or a byte of any wider character.
func isWide(c byte) bool { return c >= utf8.RuneSelf || is(c, letter|digit) }

// allowed reports whether s consists of unreserved characters, sub-delimiters, percent-encoded bytes and those of more.
func allowed(s, more string) bool {
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf && is(byte(r), letter|digit), r >= 0x400 && r <= 0x4FF:
		case r == '%':
			if len(s) < i+3 || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case !strings.ContainsRune("-._~!$&'()*+,;=", r) && !strings.ContainsRune(more, r):
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}
