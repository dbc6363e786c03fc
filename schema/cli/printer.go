package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/starlinghq/starling/schema/compose"
)

// printer writes diagnostics for people: what is wrong, and for each place the
// line of the SDL with a caret below.
type printer struct {
	w     io.Writer
	lines map[string][]string
	files map[string]string
}

func newPrinter(w io.Writer, subgraphs []compose.Subgraph) *printer {
	p := &printer{w: w, lines: make(map[string][]string), files: make(map[string]string)}
	for _, s := range subgraphs {
		p.lines[s.Name] = strings.Split(strings.ReplaceAll(s.SDL, "\r\n", "\n"), "\n")
		p.files[s.Name] = s.File
	}
	return p
}

func (p *printer) list(kind string, list []compose.Diagnostic) {
	for _, d := range list {
		fmt.Fprintf(p.w, "%s: %s\n  %s\n", kind, d.Code, strings.ReplaceAll(d.Message, "\n", "\n  "))
		for _, l := range d.Locations {
			p.place(l)
		}
		fmt.Fprintln(p.w)
	}
	if len(list) == 1 {
		fmt.Fprintf(p.w, "1 %s\n", kind)
	} else if len(list) > 1 {
		fmt.Fprintf(p.w, "%d %ss\n", len(list), kind)
	}
}

func (p *printer) place(l compose.Location) {
	where := "subgraph " + l.Subgraph
	if f := p.files[l.Subgraph]; f != "" {
		where += " (" + f + ")"
	}
	lines := p.lines[l.Subgraph]
	if l.Line < 1 || l.Line > len(lines) {
		fmt.Fprintf(p.w, "  --> %s\n", where)
		return
	}
	number := fmt.Sprint(l.Line)
	text := []rune(lines[l.Line-1])
	column := min(max(l.Column, 1), len(text)+1)
	// Tabs stay tabs below the line, so that the caret stands where it should.
	indent := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string(text[:column-1]))
	gutter := strings.Repeat(" ", len(number))
	fmt.Fprintf(p.w, "  --> %s:%d:%d\n", where, l.Line, column)
	fmt.Fprintf(p.w, "  %s | %s\n  %s | %s^\n", number, string(text), gutter, indent)
}
