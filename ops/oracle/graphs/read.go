package graphs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Read makes a subgraph of an SDL, in blocks and lines that print as the same document but for layout and comments. A plain @link of
// federation becomes Version, so that the imports follow what the blocks use; any other stays a block as it was written.
func Read(name, url, sdl string) (*Subgraph, error) {
	tokens, err := tokenize(sdl)
	if err != nil {
		return nil, fmt.Errorf("graphs: subgraph %s: %w", name, err)
	}
	s := &Subgraph{Name: name, URL: url}
	for _, d := range definitions(tokens) {
		s.Blocks = append(s.Blocks, block(d))
	}
	s.adoptLink()
	return s, nil
}

// token is a piece of an SDL as it was written.
type token struct {
	kind lexer.Type
	text string
}

func tokenize(sdl string) ([]token, error) {
	l := lexer.New(&ast.Source{Input: sdl})
	runes := []rune(sdl)
	var out []token
	for {
		t, err := l.ReadToken()
		if err != nil {
			return nil, err
		}
		switch t.Kind {
		case lexer.EOF:
			return out, nil
		case lexer.Comment:
			continue
		case lexer.String, lexer.BlockString:
			out = append(out, token{t.Kind, string(runes[t.Pos.Start:t.Pos.End])})
		case lexer.Name, lexer.Int, lexer.Float:
			out = append(out, token{t.Kind, t.Value})
		default:
			out = append(out, token{t.Kind, t.Kind.String()})
		}
	}
}

var keywords = []string{"schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend"}

// definitions cuts a document before each keyword that begins a definition, or before the description in front of it.
func definitions(tokens []token) [][]token {
	var out [][]token
	start, depth := 0, 0
	for i, t := range tokens {
		switch t.text {
		case "{", "(", "[":
			depth++
		case "}", ")", "]":
			depth--
		}
		if depth != 0 || t.kind != lexer.Name || !slices.Contains(keywords, t.text) || i > 0 && continues(tokens[i-1]) {
			continue
		}
		if i > 0 && described(tokens[i-1]) {
			i--
		}
		if i > start {
			out = append(out, tokens[start:i])
			start = i
		}
	}
	return append(out, tokens[start:])
}

// continues says whether a name after the token cannot begin a definition.
func continues(t token) bool {
	return slices.Contains(keywords, t.text) || slices.Contains([]string{"@", "|", "&", "=", "implements", "on", "repeatable"}, t.text)
}

func described(t token) bool { return t.kind == lexer.String || t.kind == lexer.BlockString }

func block(tokens []token) *Block {
	b := &Block{}
	if len(tokens) > 0 && described(tokens[0]) {
		b.Description, tokens = tokens[0].text, tokens[1:]
	}
	depth := 0
	for i, t := range tokens {
		switch {
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case t.text == "{" && depth == 0:
			b.Head = text(tokens[:i])
			b.Lines = members(tokens[i+1:len(tokens)-1], strings.Contains(" "+b.Head, " enum "))
			return b
		}
	}
	b.Head = text(tokens)
	return b
}

// members cuts a body before each name that begins a field or an enum value, or before its description.
func members(tokens []token, values bool) []string {
	var out []string
	start, depth := 0, 0
	for i, t := range tokens {
		switch t.text {
		case "{", "(", "[":
			depth++
		case "}", ")", "]":
			depth--
		}
		begins := t.kind == lexer.Name && depth == 0 && (i == 0 || tokens[i-1].text != "@" && tokens[i-1].text != ":" && tokens[i-1].text != "=")
		if !begins || !values && (i+1 == len(tokens) || tokens[i+1].text != ":" && tokens[i+1].text != "(") {
			continue
		}
		if i > 0 && described(tokens[i-1]) {
			i--
		}
		if i > start {
			out = append(out, text(tokens[start:i]))
			start = i
		}
	}
	if start < len(tokens) {
		out = append(out, text(tokens[start:]))
	}
	return out
}

// text prints tokens in the layout of the recipes, without commas.
func text(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && spaced(tokens[i-1].text, t.text) {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

func spaced(before, after string) bool {
	tight := slices.Contains([]string{"(", "[", "@", "$"}, before)
	return !tight && !slices.Contains([]string{"(", ")", "]", ":", "!"}, after)
}

var plainLink = regexp.MustCompile(`^extend schema @link\(url: "https://specs\.apollo\.dev/federation/v(\d+\.\d+)",? import: \[((?:"@\w+",? ?)*)\]\)$`)

// adoptLink takes a federation link of the usual form out of the blocks.
func (s *Subgraph) adoptLink() {
	for i, b := range s.Blocks {
		m := plainLink.FindStringSubmatch(b.Head)
		if m == nil || len(b.Lines) > 0 || !slices.Contains(Versions, m[1]) {
			continue
		}
		rest := *s
		rest.Blocks = slices.Delete(slices.Clone(s.Blocks), i, i+1)
		for _, u := range used(rest.body()) {
			if !strings.Contains(m[2], u) {
				return
			}
		}
		s.Blocks, s.Version = rest.Blocks, m[1]
		return
	}
}
