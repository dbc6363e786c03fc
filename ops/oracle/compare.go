package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/starlinghq/starling/ops/oracle/judge"
	"github.com/starlinghq/starling/schema/compose"
	"github.com/starlinghq/starling/schema/supergraph/supergraphtest"
)

// difference is one way in which our composer and the judge do not agree on an input.
type difference struct {
	// kind is "false refusal", "false acceptance", "codes", "planning facts", "all facts", "hints", "coordinate", "api" or "panic".
	kind string
	// signature groups differences of one cause as well as it can be told; detail is for people; input is the SDL of all subgraphs.
	signature, detail, input string
}

func one(kind, signature, detail string) []difference {
	return []difference{{kind: kind, signature: signature, detail: detail}}
}

// outcome is what our composer says, in the judge's terms.
type outcome struct {
	result *compose.Result
	panic  any
	// names are those of the subgraphs.
	names []string
}

func (o *outcome) ok() bool { return o.panic == nil && len(o.result.Errors) == 0 }

func composeOurs(ctx context.Context, subgraphs []judge.Subgraph) (out outcome, err error) {
	in := make([]compose.Subgraph, 0, len(subgraphs))
	for _, s := range subgraphs {
		out.names = append(out.names, s.Name)
		in = append(in, compose.Subgraph{Name: s.Name, URL: s.URL, SDL: s.SDL})
	}
	defer func() { out.panic = recover() }()
	out.result, err = compose.Compose(ctx, in)
	return out, err
}

// compare lists the differences on one input.
func compare(ours outcome, theirs *judge.Verdict) ([]difference, error) {
	switch {
	case ours.panic != nil:
		return one("panic", fmt.Sprint(ours.panic), fmt.Sprint(ours.panic)), nil
	case ours.ok() && !theirs.OK:
		codes := strings.Join(judgeCodes(theirs.Errors), " ")
		return one("false acceptance", codes, findings(theirs.Errors)), nil
	case !ours.ok() && theirs.OK:
		return one("false refusal", strings.Join(ourCodes(ours.result.Errors), " "), diagnostics(ours.result.Errors)), nil
	case !ours.ok():
		return compareErrors(ours, theirs.Errors), nil
	}
	return compareSupergraphs(ours.result, theirs)
}

// anyCode are the judge's codes that are no code at all: it broke down rather than judged.
var anyCode = []string{"THROWN", "NO_CODE", "SYNTAX"}

func compareErrors(o outcome, theirs []judge.Finding) []difference {
	ours := o.result.Errors
	want, got := judgeCodes(theirs), ourCodes(ours)
	if slices.ContainsFunc(want, func(c string) bool { return slices.Contains(anyCode, c) }) {
		return nil
	}
	if !slices.Equal(want, got) {
		return one("codes", "want "+strings.Join(want, " ")+" got "+strings.Join(got, " "), "judge:\n"+findings(theirs)+"ours:\n"+diagnostics(ours))
	}
	return compareCoordinates(o, theirs)
}

var quotedCoordinate = regexp.MustCompile(`"([A-Za-z_]\w*\.[A-Za-z_]\w*)(\([A-Za-z_]\w*:\))?"`)

// compareCoordinates checks that where the judge's messages quote a field, an error of ours with that code names it. A quoted subgraph
// may look like a field, and Query._service and its like are the judge's own.
func compareCoordinates(o outcome, theirs []judge.Finding) []difference {
	ours := o.result.Errors
	if slices.ContainsFunc(theirs, func(f judge.Finding) bool { return f.Code == "SATISFIABILITY_ERROR" }) {
		return nil // its messages quote many, and which queries are shown is a choice
	}
	for _, f := range theirs {
		quoted := slices.DeleteFunc(quotedCoordinate.FindAllStringSubmatch(f.Message, -1), func(q []string) bool {
			return slices.Contains(o.names, q[1]) || strings.HasPrefix(q[1], "Query._")
		})
		if len(quoted) == 0 {
			continue
		}
		named := slices.ContainsFunc(ours, func(d compose.Diagnostic) bool {
			return string(d.Code) == f.Code && slices.ContainsFunc(quoted, func(q []string) bool {
				return d.Coordinate == q[1]+q[2] || strings.HasPrefix(d.Coordinate, q[1]+"(") || strings.Contains(d.Message, q[0])
			})
		})
		if !named {
			return one("coordinate", f.Code, "judge:\n"+findings(theirs)+"ours:\n"+diagnostics(ours))
		}
	}
	return nil
}

func compareSupergraphs(ours *compose.Result, theirs *judge.Verdict) ([]difference, error) {
	var out []difference
	planning, all, err := supergraphtest.Compare(theirs.Supergraph, ours.Supergraph.SDL())
	if err != nil {
		return nil, err
	}
	if !planning.Equal() {
		out = append(out, one("planning facts", shape(planning), planning.String())...)
	} else if !all.Equal() {
		out = append(out, one("all facts", shape(all), all.String())...)
	}
	want, got := findingCodes(theirs.Hints), diagnosticCodes(ours.Hints)
	if d := supergraphtest.Diff(want, got); !d.Equal() {
		out = append(out, one("hints", d.String(), "judge:\n"+findings(theirs.Hints)+"ours:\n"+diagnostics(ours.Hints))...)
	}
	if theirs.API != "" {
		api, err := compareAPI(theirs.API, ours.Supergraph.API().SDL())
		if err != nil {
			return nil, err
		}
		if !api.Equal() {
			out = append(out, one("api", shape(api), api.String())...)
		}
	}
	return out, nil
}

func compareAPI(theirs, ours string) (supergraphtest.Difference, error) {
	_, all, err := supergraphtest.Compare(theirs, ours)
	if err != nil {
		err = errors.Join(err, fmt.Errorf("API schemas:\n%s\n\n%s", theirs, ours))
	}
	return all, err
}

var (
	capitals = regexp.MustCompile(`\b[A-Z]\w*(\.\w+)*|"[^"]*"|\d+`)
	anyGraph = regexp.MustCompile(`graph: X`)
)

// shape is a difference of facts without its names, cut short.
func shape(d supergraphtest.Difference) string {
	var lines []string
	for _, l := range strings.Split(d.String(), "\n") {
		l = anyGraph.ReplaceAllString(capitals.ReplaceAllString(l, "X"), "graph")
		if !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines[:min(3, len(lines))], " ; ")
}

func judgeCodes(fs []judge.Finding) []string { return slices.Compact(findingCodes(fs)) }

func ourCodes(ds []compose.Diagnostic) []string { return slices.Compact(diagnosticCodes(ds)) }

func findingCodes(fs []judge.Finding) []string {
	out := make([]string, 0, len(fs))
	for _, f := range fs {
		out = append(out, f.Code)
	}
	slices.Sort(out)
	return out
}

func diagnosticCodes(ds []compose.Diagnostic) []string {
	out := make([]string, 0, len(ds))
	for _, d := range ds {
		out = append(out, string(d.Code))
	}
	slices.Sort(out)
	return out
}

func findings(fs []judge.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&b, "  %s %s\n", f.Code, f.Message)
	}
	return b.String()
}

func diagnostics(ds []compose.Diagnostic) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "  %s [%s] %s\n", d.Code, d.Coordinate, d.Message)
	}
	return b.String()
}
