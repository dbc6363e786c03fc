package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

// figure is one row of the table.
type figure struct{ name, value, aim, how string }

// table collects figures, and tells each as it comes.
type table struct{ rows []figure }

func (t *table) add(f figure) {
	t.rows = append(t.rows, f)
	fmt.Fprintf(os.Stderr, "%s: %s\n", f.name, f.value)
}

// print writes the table as Markdown.
func (t *table) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "| figure\t| measured\t| aim\t| how\t|")
	fmt.Fprintln(w, "| ---\t| ---\t| ---\t| ---\t|")
	for _, f := range t.rows {
		fmt.Fprintf(w, "| %s\t| %s\t| %s\t| %s\t|\n", f.name, f.value, f.aim, f.how)
	}
	return w.Flush()
}
