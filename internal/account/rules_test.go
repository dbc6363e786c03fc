package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/starlinghq/starling/internal/account"
)

func TestCheckHandle(t *testing.T) {
	for _, good := range []string{"a", "_", "0", "Starling_42", strings.Repeat("x", 15)} {
		if err := account.CheckHandle(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", strings.Repeat("x", 16), "a b", "a-b", "@a", "ä", "a\x00", "ａ", "a.b"} {
		if err := account.CheckHandle(bad); !errors.Is(err, account.ErrHandle) {
			t.Errorf("%q: %v, want ErrHandle", bad, err)
		}
	}
	if got := account.FoldHandle("AdA_1"); got != "ada_1" {
		t.Errorf("folded: %q", got)
	}
}

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]error{
		"":                        account.ErrPasswordShort,
		"1234567":                 account.ErrPasswordShort,
		"12345678":                nil,
		"äöüäöüä":                 account.ErrPasswordShort, // 7 characters in 14 bytes
		"äöüäöüäö":                nil,
		"🐦🐦":                      account.ErrPasswordShort,
		strings.Repeat("x", 1024): nil,
		strings.Repeat("x", 1025): account.ErrPasswordLong,
	} {
		if err := account.CheckPassword(password); !errors.Is(err, want) {
			t.Errorf("%.20q: %v, want %v", password, err, want)
		}
	}
}
