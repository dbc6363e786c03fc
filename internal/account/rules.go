package account

import (
	"errors"
	"strings"
	"unicode/utf8"
)

const (
	// MinHandle and MaxHandle bound a handle, in characters, all of [A-Za-z0-9_].
	MinHandle = 1
	MaxHandle = 15

	// MinPassword is the shortest password, in characters.
	MinPassword = 8

	// MaxPassword is the longest password, in bytes: long enough for any sentence, short enough to be hashed at once.
	MaxPassword = 1024
)

var (
	// ErrHandle says that a text cannot be a handle.
	ErrHandle = errors.New("a handle has 1 to 15 letters, digits or underscores")

	// ErrPasswordShort and ErrPasswordLong say what is wrong with a password.
	ErrPasswordShort = errors.New("a password has at least 8 characters")
	ErrPasswordLong  = errors.New("a password has at most 1024 bytes")
)

// CheckHandle is nil or ErrHandle.
func CheckHandle(handle string) error {
	if len(handle) < MinHandle || len(handle) > MaxHandle {
		return ErrHandle
	}
	for i := range len(handle) {
		switch c := handle[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		default:
			return ErrHandle
		}
	}
	return nil
}

// FoldHandle is the form by which a handle is unique and found: without case.
func FoldHandle(handle string) string { return strings.ToLower(handle) }

// CheckPassword is nil, ErrPasswordShort or ErrPasswordLong. There are no rules about kinds of characters: they make
// passwords worse (NIST SP 800-63B).
func CheckPassword(password string) error {
	if len(password) > MaxPassword {
		return ErrPasswordLong
	}
	if utf8.RuneCountInString(password) < MinPassword {
		return ErrPasswordShort
	}
	return nil
}
