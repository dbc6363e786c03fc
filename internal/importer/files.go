package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLine bounds a line of an input file, in bytes. A tweet has at most 280
// weighted characters; the room above it lets the server judge.
const maxLine = 64 << 10

// maxNode bounds the node ids of a graph file, because every id up to the
// largest becomes an account.
const maxNode = 10_000_000

// ReadPlan reads the history of the two files.
//
// The graph holds one undirected edge "a b" a line: a follows b and b follows
// a. Node n is the account reed<n>, named "Reed <n>", with the password
// reed-password-<n>; nodes run from 0 to the largest one named. Line i (from 1)
// of the tweets is posted as it stands by node (i - 1) mod the number of nodes;
// where i is a multiple of 10 it is a reply to line i - 7. The likes and
// comments follow from the two sizes, see [Plan]. An edge that is named twice
// counts once.
func ReadPlan(graph, tweets io.Reader) (Plan, error) {
	people, follows, err := readEdges(graph)
	if err != nil {
		return Plan{}, fmt.Errorf("importer: graph: %w", err)
	}
	if people == 0 {
		return Plan{}, errors.New("importer: graph: no edges")
	}
	texts, err := readTexts(tweets)
	if err != nil {
		return Plan{}, fmt.Errorf("importer: tweets: %w", err)
	}
	plan := Plan{Accounts: reeds(people), Follows: follows}
	for i, text := range texts {
		parent := NoParent
		if line := i + 1; line%10 == 0 {
			parent = line - 7 - 1
		}
		plan.Tweets = append(plan.Tweets, Tweet{Author: i % people, Text: text, Parent: parent})
	}
	plan.Likes, plan.Comments = interactions(people, len(texts))
	return plan, nil
}

func reeds(people int) []Account {
	accounts := make([]Account, people)
	for n := range accounts {
		id := strconv.Itoa(n)
		accounts[n] = Account{Handle: "reed" + id, Name: "Reed " + id, Password: "reed-password-" + id}
	}
	return accounts
}

func readEdges(r io.Reader) (people int, follows []Follow, err error) {
	seen := make(map[pair]bool)
	err = eachLine(r, func(line int, text string) error {
		fields := strings.Fields(text)
		if len(fields) == 0 {
			return nil
		}
		if len(fields) != 2 {
			return fmt.Errorf("line %d: want two node ids, found %q", line, text)
		}
		a, errA := nodeID(fields[0])
		b, errB := nodeID(fields[1])
		if err := errors.Join(errA, errB); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if a == b {
			return fmt.Errorf("line %d: node %d is joined to itself", line, a)
		}
		people = max(people, a+1, b+1)
		if !seen[pair{min(a, b), max(a, b)}] {
			seen[pair{min(a, b), max(a, b)}] = true
			follows = append(follows, Follow{Follower: a, Followee: b}, Follow{Follower: b, Followee: a})
		}
		return nil
	})
	return people, follows, err
}

func nodeID(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxNode {
		return 0, fmt.Errorf("%q is no node id from 0 to %d", s, maxNode)
	}
	return n, nil
}

func readTexts(r io.Reader) ([]string, error) {
	var texts []string
	err := eachLine(r, func(line int, text string) error {
		switch {
		case text == "":
			return fmt.Errorf("line %d is empty", line)
		case !utf8.ValidString(text):
			return fmt.Errorf("line %d is not UTF-8", line)
		}
		texts = append(texts, text)
		return nil
	})
	return texts, err
}

// eachLine splits at line feeds only, so that a text with a carriage return or
// another separator of Unicode stays one line. The last line may lack its end.
func eachLine(r io.Reader, do func(line int, text string) error) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 0, 4096), maxLine)
	scan.Split(splitAtFeed)
	line := 0
	for scan.Scan() {
		line++
		if err := do(line, scan.Text()); err != nil {
			return err
		}
	}
	if errors.Is(scan.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d is longer than %d bytes", line+1, maxLine)
	}
	return scan.Err()
}

func splitAtFeed(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
