package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// standIn is a server in memory that answers the importer's documents as
// graph.md says, over an http.RoundTripper. It can be told to fail (mood) and
// to lie (lie, lieAbout). It is slow and plain on purpose.
type standIn struct {
	mu       sync.Mutex
	users    []*standUser
	byHandle map[string]*standUser
	tweets   map[string]*standTweet
	keys     map[string]string // actor, key -> id of what it made
	inputs   map[string]string // actor, key -> input
	tokens   map[string]*standUser
	last     uint64
	calls    map[string]int // root fields run, by name
	requests int

	documents map[string][]string // their tokens

	// mood decides what happens to a root field; nil: it runs.
	mood func(field string) mood
	// line decides what happens to a request; nil: it is carried.
	line func() lineState
	// lie changes the ids of a list before it is served.
	lie func(owner, list string, ids []string) []string
	// lieAbout changes the value of a field before it is served.
	lieAbout func(id, field string, value any) any
}

type standUser struct {
	id, handle, password, name string
	followees, followers       []*standUser
	tweets, likes              []*standTweet
}

type standTweet struct {
	id, text string
	author   *standUser
	parent   *standTweet
	likers   []*standUser
	comments []*standComment
}

type standComment struct {
	id, text string
	author   *standUser
	tweet    *standTweet
}

// mood of the server towards one root field.
type mood struct {
	code       string // "" runs the field
	apply      bool   // runs it, and answers the code all the same
	retryAfter float64
}

type lineState int

const (
	lineUp   lineState = iota
	lineDown           // nothing arrives
	lineCut            // the request arrives, the answer does not
	lineJunk           // something else answers
)

func newStandIn() *standIn {
	return &standIn{
		byHandle: map[string]*standUser{}, tweets: map[string]*standTweet{}, keys: map[string]string{}, inputs: map[string]string{},
		tokens: map[string]*standUser{}, calls: map[string]int{}, last: 1000,
		documents: map[string][]string{},
	}
}

var errLine = errors.New("connection refused")

// RoundTrip carries one request.
func (s *standIn) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	state := lineUp
	if s.line != nil {
		state = s.line()
	}
	switch state {
	case lineDown:
		return nil, errLine
	case lineJunk:
		return response(http.StatusBadGateway, []byte("<html>bad gateway</html>")), nil
	}
	answer := s.answer(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), body)
	if state == lineCut {
		return nil, errLine
	}
	return response(http.StatusOK, answer), nil
}

func response(status int, body []byte) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
}

func (s *standIn) answer(token string, body []byte) []byte {
	var request struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(body, &request); err != nil {
		panic(err)
	}
	if s.documents[request.Query] == nil {
		s.documents[request.Query] = tokenPattern.FindAllString(request.Query, -1)
	}
	fields, err := parseQuery(s.documents[request.Query], request.Variables)
	if err != nil {
		panic(err)
	}
	who := s.tokens[token]
	if token != "" && who == nil {
		return mustJSON(object{"errors": []object{wireFault(codeUnauthenticated, nil, 0)}})
	}
	data, faults := object{}, []object{}
	for _, f := range fields {
		s.calls[f.name]++
		m := mood{}
		if s.mood != nil {
			m = s.mood(f.name)
		}
		var value any
		code := m.code
		if m.code == "" || m.apply {
			v, refusal := s.resolve(who, f)
			value = v
			if code == "" {
				code = refusal
			}
		}
		if code != "" {
			data[f.alias] = nil
			faults = append(faults, wireFault(code, []any{f.alias}, m.retryAfter))
			continue
		}
		data[f.alias] = project(value, f.sub)
	}
	return mustJSON(object{"data": data, "errors": faults})
}

func wireFault(code string, path []any, retryAfter float64) object {
	extensions := object{"code": code, "traceId": "feed"}
	if retryAfter > 0 {
		extensions["retryAfter"] = retryAfter
	}
	fault := object{"message": "as the test wants", "extensions": extensions}
	if path != nil {
		fault["path"] = path
	}
	return fault
}

func (s *standIn) mint(letter string) string {
	s.last++
	return letter + strconv.FormatUint(s.last, 10)
}

// resolve runs one root field. The second result is a top-level error code.
func (s *standIn) resolve(who *standUser, f selection) (any, string) {
	input, _ := f.args["input"].(map[string]any)
	text := func(name string) string {
		v, _ := input[name].(string)
		return v
	}
	switch f.name {
	case "signUp":
		if s.byHandle[text("handle")] != nil {
			return payload("HANDLE_TAKEN"), ""
		}
		u := &standUser{id: s.mint("u"), handle: text("handle"), password: text("password"), name: text("name")}
		s.users = append(s.users, u)
		s.byHandle[u.handle] = u
		return s.signIn(u), ""
	case "logIn":
		if u := s.byHandle[text("handle")]; u != nil && u.password == text("password") {
			return s.signIn(u), ""
		}
		return payload("WRONG_CREDENTIALS"), ""
	case "user":
		return s.user(who, s.userByID(f.args["id"].(string))), ""
	case "userByHandle":
		return s.user(who, s.byHandle[f.args["handle"].(string)]), ""
	case "tweet":
		return s.tweet(who, s.tweets[f.args["id"].(string)]), ""
	}
	if who == nil {
		return nil, codeUnauthenticated
	}
	switch f.name {
	case "follow":
		u := s.userByID(text("userId"))
		if u == nil {
			return payload("NOT_FOUND"), ""
		}
		if !slices.Contains(who.followees, u) {
			who.followees, u.followers = append(who.followees, u), append(u.followers, who)
		}
		return object{"user": object{"id": u.id}, "userErrors": []object{}}, ""
	case "likeTweet":
		t := s.tweets[text("tweetId")]
		if t == nil {
			return payload("NOT_FOUND"), ""
		}
		if !slices.Contains(t.likers, who) {
			t.likers = append(t.likers, who)
			who.likes = append(who.likes, t)
		}
		return object{"tweet": object{"id": t.id}, "userErrors": []object{}}, ""
	case "postTweet":
		return s.once(who, input, func() (string, string) {
			t := &standTweet{text: text("text"), author: who}
			if p := text("inReplyToId"); p != "" {
				if t.parent = s.tweets[p]; t.parent == nil {
					return "", "NOT_FOUND"
				}
			}
			t.id = s.mint("t")
			s.tweets[t.id] = t
			who.tweets = append(who.tweets, t)
			return t.id, ""
		}, func(id string) any { return object{"tweet": object{"id": id}, "userErrors": []object{}} })
	case "commentOnTweet":
		return s.once(who, input, func() (string, string) {
			t := s.tweets[text("tweetId")]
			if t == nil {
				return "", "NOT_FOUND"
			}
			c := &standComment{id: s.mint("c"), text: text("text"), author: who, tweet: t}
			t.comments = append(t.comments, c)
			return c.id, ""
		}, func(id string) any { return object{"comment": object{"id": id}, "userErrors": []object{}} })
	case "feed":
		var ids []string
		for _, author := range append(slices.Clone(who.followees), who) {
			ids = append(ids, idsOf(author.tweets)...)
		}
		return s.connection(who.handle, "feed", descending(ids), f.args, func(id string) object { return s.tweet(who, s.tweets[id]) }), ""
	}
	panic("stand-in: no root field " + f.name)
}

// once runs a creating mutation under its key.
func (s *standIn) once(who *standUser, input map[string]any, create func() (id, code string), answer func(string) any) (any, string) {
	key := who.id + "/" + input["idempotencyKey"].(string)
	same := string(mustJSON(input))
	if id, done := s.keys[key]; done {
		if s.inputs[key] != same {
			return nil, "BAD_USER_INPUT"
		}
		return answer(id), ""
	}
	id, code := create()
	if code != "" {
		return payload(code), ""
	}
	s.keys[key], s.inputs[key] = id, same
	return answer(id), ""
}

func payload(code string) object {
	return object{
		"token": nil, "user": nil, "tweet": nil, "comment": nil,
		"userErrors": []object{{"code": code, "message": "as the test wants"}},
	}
}

func (s *standIn) signIn(u *standUser) object {
	token := fmt.Sprintf("token-%s-%d", u.id, len(s.tokens))
	s.tokens[token] = u
	return object{"token": token, "user": object{"id": u.id}, "userErrors": []object{}}
}

func (s *standIn) userByID(id string) *standUser {
	for _, u := range s.users {
		if u.id == id {
			return u
		}
	}
	return nil
}

// has is anything with an id.
type has interface{ ident() string }

func (u *standUser) ident() string    { return u.id }
func (t *standTweet) ident() string   { return t.id }
func (c *standComment) ident() string { return c.id }

func idsOf[T has](of []T) []string {
	ids := make([]string, len(of))
	for i, x := range of {
		ids[i] = x.ident()
	}
	return ids
}

func (s *standIn) user(who, u *standUser) object {
	if u == nil {
		return nil
	}
	var follows any
	if who != nil {
		follows = slices.Contains(who.followees, u)
	}
	asUser := func(id string) object { return s.user(who, s.userByID(id)) }
	asTweet := func(id string) object { return s.tweet(who, s.tweets[id]) }
	return s.distort(u.id, object{
		"id": u.id, "handle": u.handle, "name": u.name, "viewerFollows": follows,
		"followerCount": len(u.followers), "followeeCount": len(u.followees),
		"followers": s.list(u.handle, "followers", func() []string { return ascending(idsOf(u.followers)) }, asUser),
		"followees": s.list(u.handle, "followees", func() []string { return ascending(idsOf(u.followees)) }, asUser),
		"tweets":    s.list(u.handle, "tweets", func() []string { return descending(idsOf(u.tweets)) }, asTweet),
		"likes":     s.list(u.handle, "likes", func() []string { return idsOf(u.likes) }, asTweet),
	})
}

func (s *standIn) tweet(who *standUser, t *standTweet) object {
	if t == nil {
		return nil
	}
	var liked any
	if who != nil {
		liked = slices.Contains(t.likers, who)
	}
	var parent object
	if t.parent != nil {
		parent = object{"id": t.parent.id}
	}
	return s.distort(t.id, object{
		"id": t.id, "text": t.text, "deleted": false, "author": object{"id": t.author.id}, "inReplyTo": parent,
		"likeCount": len(t.likers), "commentCount": len(t.comments), "viewerHasLiked": liked,
		"likers": s.list(t.text, "likers", func() []string { return ascending(idsOf(t.likers)) }, func(id string) object { return object{"id": id} }),
		"comments": s.list(t.text, "comments", func() []string { return descending(idsOf(t.comments)) }, func(id string) object {
			c := t.comments[slices.IndexFunc(t.comments, func(c *standComment) bool { return c.id == id })]
			return s.distort(id, object{
				"id": id, "text": c.text, "deleted": false, "author": object{"id": c.author.id}, "tweet": object{"id": t.id},
			})
		}),
	})
}

func (s *standIn) distort(id string, o object) object {
	if s.lieAbout != nil {
		for field, value := range o {
			if _, list := value.(func(map[string]any) any); !list {
				o[field] = s.lieAbout(id, field, value)
			}
		}
	}
	return o
}

func (s *standIn) list(owner, name string, ids func() []string, entity func(string) object) any {
	return func(args map[string]any) any { return s.connection(owner, name, ids(), args, entity) }
}

// connection serves a page. Its cursor is an offset: nothing moves in between.
func (s *standIn) connection(owner, name string, ids []string, args map[string]any, entity func(string) object) object {
	if s.lie != nil {
		ids = s.lie(owner, name, ids)
	}
	from, first := 0, int(args["first"].(float64))
	if after, ok := args["after"].(string); ok {
		from, _ = strconv.Atoi(strings.TrimPrefix(after, "after-"))
	}
	to := min(from+first, len(ids))
	edges := []object{}
	for _, id := range ids[from:to] {
		edges = append(edges, object{"node": entity(id)})
	}
	return object{"edges": edges, "pageInfo": object{"hasNextPage": to < len(ids), "endCursor": "after-" + strconv.Itoa(to)}}
}

func ascending(ids []string) []string {
	slices.SortFunc(ids, func(a, b string) int { return compareIDs(a, b) })
	return ids
}

func descending(ids []string) []string {
	slices.SortFunc(ids, func(a, b string) int { return compareIDs(b, a) })
	return ids
}

func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
