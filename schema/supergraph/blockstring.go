package supergraph

import "strings"

// BlockStrings re-indents the block strings of a document so that gqlparser reads them as the GraphQL specification says. Its lexer
// counts the first line for the common indentation, which the specification does not; so where the first line has text, the others keep
// their indentation. Taken from them here, it is gone. Lines keep their numbers, and tokens outside block strings that begin a line
// their columns. A document without such strings comes back unchanged.
func BlockStrings(sdl string) string {
	if !strings.Contains(sdl, `"""`) {
		return sdl
	}
	var b strings.Builder
	for sdl != "" {
		i := strings.IndexAny(sdl, "\"#")
		if i < 0 {
			break
		}
		b.WriteString(sdl[:i])
		sdl = sdl[i:]
		n := tokenLength(sdl)
		if strings.HasPrefix(sdl, `"""`) {
			b.WriteString(dedented(sdl[:n]))
		} else {
			b.WriteString(sdl[:n])
		}
		sdl = sdl[n:]
	}
	b.WriteString(sdl)
	return b.String()
}

// tokenLength is the length of the comment or string that the text begins with; what does not end takes the rest.
func tokenLength(s string) int {
	if s[0] == '#' {
		return len(s) - len(strings.TrimLeft(s, "#")) + lineLength(strings.TrimLeft(s, "#"))
	}
	if strings.HasPrefix(s, `"""`) {
		for i := 3; i < len(s); i++ {
			switch {
			case strings.HasPrefix(s[i:], `\"""`):
				i += 3
			case strings.HasPrefix(s[i:], `"""`):
				return i + 3
			}
		}
		return len(s)
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"', '\n', '\r':
			return i + 1
		}
	}
	return len(s)
}

func lineLength(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// dedented takes the common indentation from the lines after the first of a block string, if the first has text.
func dedented(block string) string {
	lines := strings.Split(block, "\n")
	if strings.TrimSpace(strings.TrimPrefix(lines[0], `"""`)) == "" {
		return block
	}
	common := -1
	for i, l := range lines[1:] {
		if i == len(lines)-2 {
			l = strings.TrimSuffix(l, `"""`)
		}
		if text := strings.TrimLeft(l, " \t"); strings.Trim(text, "\r") != "" && (common < 0 || len(l)-len(text) < common) {
			common = len(l) - len(text)
		}
	}
	if common <= 0 {
		return block
	}
	for i, l := range lines[1:] {
		lines[i+1] = l[min(common, len(l)-len(strings.TrimLeft(l, " \t"))):]
	}
	return strings.Join(lines, "\n")
}
