package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

var (
	handleField = template{
		operation: "query", name: "VerifyHandle", params: "$handle#: String!",
		field: "userByHandle(handle: $handle#) { id }",
	}
	linesField = listField("VerifyLines", "user", "tweets", "id text")
)

// checkAuthors finds the accounts by their handles and matches the tweets of
// each with his lines, in order.
func (v *verifier) checkAuthors(ctx context.Context, accounts []int) ([]string, error) {
	handles := make([]vars, len(accounts))
	for i, n := range accounts {
		handles[i] = vars{"handle": v.plan.handle(n)}
	}
	users, faults, err := entities[ref](ctx, v.reader, nil, handleField, handles)
	if err != nil {
		return nil, err
	}
	var differences []string
	var ids []string
	var there []int
	for i, n := range accounts {
		if users[i] == nil || faults[i] != nil {
			differences = append(differences, fmt.Sprintf("account %s %s", v.plan.handle(n), nullFault(faults[i])))
			continue
		}
		v.book.setUser(n, users[i].ID)
		ids, there = append(ids, users[i].ID), append(there, n)
	}
	lists, err := v.reader.lists(ctx, nil, linesField, ids)
	if err != nil {
		return nil, err
	}
	for i, n := range there {
		subject := "tweets of " + v.plan.handle(n)
		if lists[i].fault != "" {
			differences = append(differences, subject+" "+lists[i].fault)
			continue
		}
		differences = append(differences, v.matchLines(subject, n, lists[i].nodes)...)
	}
	return differences, nil
}

// matchLines gives every line of an author the first tweet with its text. What
// is left over on both sides in equal numbers is taken as the same with another
// text, else as missing and foreign.
func (v *verifier) matchLines(subject string, author int, nodes []node) []string {
	all := expectation{subject: subject, order: newestFirst, name: func(id string) string { return id }}
	var items []item
	for _, n := range nodes {
		all.keys = append(all.keys, n.ID)
		items = append(items, item{id: n.ID, key: n.ID})
	}
	differences := all.compare(items) // finds doubles and order; nothing is foreign yet

	slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(number(a.ID), number(b.ID)) })
	nodes = slices.CompactFunc(nodes, func(a, b node) bool { return a.ID == b.ID })
	free := make(map[string][]string) // text -> ids, oldest first
	for _, n := range nodes {
		if n.Text != nil {
			free[*n.Text] = append(free[*n.Text], n.ID)
		}
	}
	used := make(map[string]bool)
	var missing []int
	last := ""
	for _, line := range v.model.lines[author] {
		text := v.plan.Tweets[line].Text
		if len(free[text]) == 0 {
			missing = append(missing, line)
			continue
		}
		id := free[text][0]
		free[text], used[id] = free[text][1:], true
		v.book.setTweet(line, id)
		if number(id) < number(last) {
			differences = append(differences, fmt.Sprintf("%s: line %d (%s) was posted before an earlier line (%s)", subject, line+1, id, last))
		}
		last = id
	}
	foreign := slices.DeleteFunc(nodes, func(n node) bool { return used[n.ID] })
	return append(differences, v.leftOver(subject, missing, foreign)...)
}

func (v *verifier) leftOver(subject string, missing []int, foreign []node) []string {
	var differences []string
	if len(missing) == len(foreign) {
		for i, line := range missing {
			v.book.setTweet(line, foreign[i].ID)
			differences = same(differences, fmt.Sprintf("tweet line %d (%s)", line+1, foreign[i].ID), "text", foreign[i].Text, v.plan.Tweets[line].Text)
		}
		return differences
	}
	for _, line := range missing {
		v.book.setTweet(line, "")
		differences = append(differences, fmt.Sprintf("%s miss line %d", subject, line+1))
	}
	for _, n := range foreign {
		text := "no text"
		if n.Text != nil {
			text = quoted(*n.Text)
		}
		differences = append(differences, fmt.Sprintf("%s hold %s with %s, which is no line of his", subject, n.ID, text))
	}
	return differences
}
