package viewer_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/starlinghq/starling/internal/viewer"
)

func TestContext(t *testing.T) {
	if v, ok := viewer.From(t.Context()); ok {
		t.Errorf("nobody is signed in, but %+v asks", v)
	}
	ctx := viewer.With(t.Context(), viewer.Viewer{Subject: "u1", Scopes: []string{"read"}})
	v, ok := viewer.From(ctx)
	if !ok || v.Subject != "u1" || !v.HasScope("read") || v.HasScope("write") {
		t.Errorf("got %+v, %t", v, ok)
	}
}

func TestFromHeader(t *testing.T) {
	for _, c := range []struct {
		values []string
		token  string
		ok     bool
		err    error
	}{
		{nil, "", false, nil},
		{[]string{"Bearer abc.def.ghi"}, "abc.def.ghi", true, nil},
		{[]string{"bearer  abc "}, "abc", true, nil},
		{[]string{"Basic dXNlcjpwYXNz"}, "", false, viewer.ErrInvalid},
		{[]string{"Bearer"}, "", false, viewer.ErrInvalid},
		{[]string{"Bearer "}, "", false, viewer.ErrInvalid},
		{[]string{"Bearer a b"}, "", false, viewer.ErrInvalid},
		{[]string{"Bearer a, Bearer b"}, "", false, viewer.ErrInvalid},
		{[]string{""}, "", false, viewer.ErrInvalid},
		{[]string{"Bearer a", "Bearer b"}, "", false, viewer.ErrInvalid},
	} {
		token, ok, err := viewer.FromHeader(http.Header{"Authorization": c.values})
		if token != c.token || ok != c.ok || !errors.Is(err, c.err) {
			t.Errorf("%q: %q, %t, %v; want %q, %t, %v", c.values, token, ok, err, c.token, c.ok, c.err)
		}
	}
}
