package transport

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAccepts(t *testing.T) {
	for header, want := range map[string]string{
		"":                                  MediaJSON,
		"*/*":                               MediaJSON,
		"application/*":                     MediaJSON,
		"application/json":                  MediaJSON,
		"application/graphql-response+json": MediaResponse,
		"application/json, application/graphql-response+json":                MediaJSON,
		"application/graphql-response+json, application/json;q=0.9":          MediaResponse,
		"application/graphql-response+json;q=0.5, application/json":          MediaJSON,
		"application/graphql-response+json; charset=utf-8, application/json": MediaResponse,
		"application/graphql-response+json; charset=utf-16":                  "",
		"text/html":            "",
		"text/html, */*;q=0.1": MediaJSON,
		"application/json;q=0": "",
	} {
		if got := Accepts(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		method, target, contentType, body string
		status                            int
		want                              Request
	}{
		"POST":             {"POST", "/", "application/json", `{"query":"q","operationName":"o","variables":{"a":1},"extensions":{}}`, 0, Request{Query: "q", OperationName: "o", Variables: []byte(`{"a":1}`), Extensions: []byte(`{}`)}},
		"nulls":            {"POST", "/", "application/json; charset=UTF-8", `{"query":"q","operationName":null,"variables":null,"extensions":null}`, 0, Request{Query: "q"}},
		"GET":              {"GET", "/?query=q&operationName=o&variables=%7B%22a%22%3A1%7D", "", "", 0, Request{Query: "q", OperationName: "o", Variables: []byte(`{"a":1}`), ReadOnly: true}},
		"GET, bad":         {"GET", "/?query=q&variables=%5B%5D", "", "", 400, Request{}},
		"GET, long":        {"GET", "/?query=" + strings.Repeat("x", 200), "", "", 414, Request{}},
		"no query":         {"GET", "/", "", "", 400, Request{}},
		"PUT":              {"PUT", "/", "application/json", `{}`, 405, Request{}},
		"form":             {"POST", "/", "application/x-www-form-urlencoded", `query=q`, 415, Request{}},
		"no type":          {"POST", "/", "", `{"query":"q"}`, 415, Request{}},
		"another charset":  {"POST", "/", "application/json; charset=latin1", `{"query":"q"}`, 415, Request{}},
		"query is a list":  {"POST", "/", "application/json", `{"query":["q"]}`, 400, Request{}},
		"name is a number": {"POST", "/", "application/json", `{"query":"q","operationName":1}`, 400, Request{}},
		"variables text":   {"POST", "/", "application/json", `{"query":"q","variables":"{}"}`, 400, Request{}},
		"large":            {"POST", "/", "application/json", `{"query":"` + strings.Repeat("x", 200) + `"}`, 413, Request{}},
		"two objects":      {"POST", "/", "application/json", `{"query":"q"}{}`, 400, Request{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.target, strings.NewReader(c.body))
			if c.contentType != "" {
				r.Header.Set("Content-Type", c.contentType)
			}
			got, err := Read(httptest.NewRecorder(), r, Limits{Bytes: 150})
			if c.status != 0 {
				if err == nil || err.Status != c.status {
					t.Errorf("error %+v, want status %d", err, c.status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Query != c.want.Query || got.OperationName != c.want.OperationName || got.ReadOnly != c.want.ReadOnly ||
				!bytes.Equal(got.Variables, c.want.Variables) || !bytes.Equal(got.Extensions, c.want.Extensions) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// TestChunkedBody: a body without a length is bounded too.
func TestChunkedBody(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(`{"query":"`), strings.NewReader(strings.Repeat("x", 1000)), strings.NewReader(`"}`)))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/json")
	if _, err := Read(httptest.NewRecorder(), r, Limits{Bytes: 100}); err == nil || err.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("error %+v", err)
	}
}

func packed(text string) string {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// TestPackedBody: what is packed counts as what it is unpacked.
func TestPackedBody(t *testing.T) {
	for name, c := range map[string]struct {
		encoding, body string
		status         int
	}{
		"gzip":               {"gzip", packed(`{"query":"q"}`), 0},
		"as it is":           {"identity", `{"query":"q"}`, 0},
		"a bomb":             {"gzip", packed(`{"query":"` + strings.Repeat("x", 1<<20) + `"}`), 413},
		"not gzip":           {"gzip", `{"query":"q"}`, 400},
		"cut off":            {"gzip", packed(`{"query":"q"}`)[:20], 400},
		"something":          {"br", `{"query":"q"}`, 415},
		"nothing, at length": {"gzip", strings.Repeat(packed(""), 1000), 413},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Content-Encoding", c.encoding)
		r.ContentLength = -1 // it comes in chunks
		budget := NewBudget(1 << 20)
		got, err := Read(httptest.NewRecorder(), r, Limits{Bytes: 10_000, Budget: budget})
		if c.status == 0 && (err != nil || got.Query != "q") || c.status != 0 && (err == nil || err.Status != c.status) {
			t.Errorf("%s: %+v, %+v, want %d", name, got, err, c.status)
		}
		got.Release()
		if left := budget.left.Load(); left != 1<<20 {
			t.Errorf("%s: %d of the budget is left", name, left)
		}
	}
}

// TestBudget: bodies together are bounded by what has come of them, not by
// what their senders say, and all of it is given back.
func TestBudget(t *testing.T) {
	const total = 100_000
	budget := NewBudget(total)
	limits := Limits{Bytes: 1 << 20, Budget: budget}
	send := func(body string, length int64) (*Request, *Error) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.ContentLength = length
		r.Header.Set("Content-Type", "application/json")
		return Read(httptest.NewRecorder(), r, limits)
	}
	text := `{"query":"` + strings.Repeat("x", 30_000) + `"}`
	var held []*Request
	for range 2 {
		got, err := send(text, int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, got)
	}
	if _, err := send(text, -1); err == nil || err.Status != http.StatusServiceUnavailable {
		t.Errorf("a third body: %+v", err)
	}
	if got, err := send(`{"query":"q"}`, 1<<20); err == nil || err.Status != http.StatusBadRequest && got == nil {
		got.Release()
	} else if err.Status == http.StatusServiceUnavailable {
		t.Error("a long body that has not come yet was counted")
	}
	query := "/?query=" + strings.Repeat("x", 30_000)
	if _, err := Read(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, query, nil), limits); err == nil || err.Status != http.StatusServiceUnavailable {
		t.Errorf("a third request, in its address: %+v", err)
	}
	for _, r := range held {
		r.Release()
		r.Release()
	}
	if left := budget.left.Load(); left != total {
		t.Errorf("%d of %d bytes are left", left, total)
	}
}

func TestNotPersisted(t *testing.T) {
	const extensions = `{"persistedQuery":{"version":1,"sha256Hash":"ab"}}`
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodGet, "/?extensions="+url.QueryEscape(extensions), nil),
		httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"extensions":`+extensions+`}`)),
	} {
		r.Header.Set("Content-Type", "application/json")
		if _, err := Read(httptest.NewRecorder(), r, Limits{Bytes: 1000}); err == nil || !err.NotPersisted || err.Message != "PersistedQueryNotFound" {
			// Some clients look at the message only.
			t.Errorf("%s: %+v", r.Method, err)
		}
	}
}

func TestCompress(t *testing.T) {
	body := []byte(strings.Repeat(`{"a":1},`, 4000))
	for header, want := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "*": true, "": false, "br": false, "gzip;q=0": false, "identity": false,
		"*, gzip;q=0": false, "gzip;q=0, *": false, "gzip;q=0.0": false, "GZIP ; Q=0.000": false, "*;q=0": false, "gzip;q=x": false,
		"*;q=0, gzip": true, "GZIP": true, "x-gzip;q=1": true, "identity;q=0": false,
	} {
		got, ok := Compress(header, body)
		if ok != want {
			t.Errorf("%q: %t, want %t", header, ok, want)
		}
		if !ok {
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		back, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(back, body) {
			t.Errorf("%q: %d bytes come back as %d, %v", header, len(body), len(back), err)
		}
	}
	if _, ok := Compress("gzip", body[:100]); ok {
		t.Error("a small answer was compressed")
	}
}

func TestGuard(t *testing.T) {
	served := 0
	h := Guard(CORS{Origins: []string{"https://friend.test"}, Headers: []string{"X-Mine"}}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
	for name, c := range map[string]struct {
		method string
		header map[string]string
		status int
		allow  string
	}{
		"a tool":            {"POST", nil, 200, ""},
		"our own page":      {"POST", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}, 200, ""},
		"a foe":             {"POST", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://foe.test"}, 403, ""},
		"an old foe":        {"POST", map[string]string{"Origin": "https://foe.test"}, 403, ""},
		"a friend":          {"POST", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://friend.test"}, 200, "https://friend.test"},
		"a friend asks":     {"OPTIONS", map[string]string{"Origin": "https://friend.test"}, 204, "https://friend.test"},
		"a foe asks":        {"OPTIONS", map[string]string{"Origin": "https://foe.test"}, 204, ""},
		"an image of a foe": {"GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, ""},
		"a preflighted GET": {"GET", map[string]string{"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "/", nil)
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			before := served
			h.ServeHTTP(w, r)
			if w.Code != c.status || w.Header().Get("Access-Control-Allow-Origin") != c.allow {
				t.Errorf("status %d, allowed origin %q", w.Code, w.Header().Get("Access-Control-Allow-Origin"))
			}
			if (served > before) != (c.status == 200) {
				t.Errorf("served: %t", served > before)
			}
		})
	}
}

// FuzzRead: whatever is sent is read or refused with a status, and what it held
// of the budget comes back.
func FuzzRead(f *testing.F) {
	f.Add(true, "application/json", "", []byte(`{"query":"{a}","variables":{"a":[1]},"extensions":null}`))
	f.Add(true, "application/json; charset=utf-8", "gzip", []byte(packed(`{"query":"q"}`)))
	f.Add(false, "", "", []byte(`query={a}&variables={"a":1}&extensions={"persistedQuery":{}}`))
	f.Fuzz(func(t *testing.T, post bool, contentType, encoding string, sent []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(sent))
		if !post {
			r = httptest.NewRequest(http.MethodGet, "/", nil)
			r.URL.RawQuery = string(sent)
		}
		r.Header["Content-Type"], r.Header["Content-Encoding"] = []string{contentType}, []string{encoding}
		const total = 200_000
		budget := NewBudget(total)
		got, err := Read(httptest.NewRecorder(), r, Limits{Bytes: 1000, Budget: budget})
		switch {
		case (got == nil) == (err == nil):
			t.Fatalf("%+v and %+v", got, err)
		case err != nil && (err.Status < 400 || err.Status > 599 || err.Message == ""):
			t.Errorf("refused with %+v", err)
		case err == nil && (got.Query == "" || got.ReadOnly == post || len(got.Variables) > 0 && !json.Valid(got.Variables)):
			t.Errorf("read %+v", got)
		}
		got.Release()
		if left := budget.left.Load(); left != total {
			t.Errorf("%d of %d bytes are left", left, total)
		}
		if header := r.Header.Get("Content-Type"); !slices.Contains([]string{"", MediaJSON, MediaResponse}, Accepts(header)) {
			t.Errorf("%q is answered with %q", header, Accepts(header))
		}
		_ = acceptsGzip(encoding)
	})
}
