package federation

import (
	"math"
	"strings"
)

// dedent takes the common indentation out of block strings whose text begins on
// the line of the opening quotes. By the GraphQL specification that line does not
// count for the indentation; for the parser it does. Lines stay lines, so that
// positions are right but for what follows such a string on its last line.
func dedent(sdl string) string {
	if !strings.Contains(sdl, `"""`) {
		return sdl
	}
	var b strings.Builder
	for i := 0; i < len(sdl); {
		switch {
		case sdl[i] == '#':
			end := strings.IndexByte(sdl[i:], '\n')
			if end < 0 {
				end = len(sdl) - i
			}
			b.WriteString(sdl[i : i+end])
			i += end
		case strings.HasPrefix(sdl[i:], `"""`):
			end := blockEnd(sdl, i+3)
			b.WriteString(`"""` + dedentBlock(sdl[i+3:end]))
			i = end
			if strings.HasPrefix(sdl[i:], `"""`) {
				b.WriteString(`"""`)
				i += 3
			}
		case sdl[i] == '"':
			end := stringEnd(sdl, i+1)
			b.WriteString(sdl[i:end])
			i = end
		default:
			b.WriteByte(sdl[i])
			i++
		}
	}
	return b.String()
}

// blockEnd finds the closing quotes of a block string.
func blockEnd(sdl string, from int) int {
	for i := from; i < len(sdl); i++ {
		if strings.HasPrefix(sdl[i:], `\"""`) {
			i += 3
		} else if strings.HasPrefix(sdl[i:], `"""`) {
			return i
		}
	}
	return len(sdl)
}

// stringEnd finds what follows a string on one line.
func stringEnd(sdl string, from int) int {
	for i := from; i < len(sdl); i++ {
		switch sdl[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		case '\n':
			return i
		}
	}
	return len(sdl)
}

func dedentBlock(raw string) string {
	lines := strings.Split(raw, "\n")
	if len(lines) < 2 || strings.TrimLeft(lines[0], " \t") == "" {
		return raw
	}
	common := math.MaxInt
	for _, l := range lines[1:] {
		if text := strings.TrimLeft(l, " \t"); text != "" {
			common = min(common, len(l)-len(text))
		}
	}
	for i, l := range lines[1:] {
		if strings.TrimLeft(l, " \t") != "" {
			lines[i+1] = l[common:]
		}
	}
	return strings.Join(lines, "\n")
}
