package serve

import (
	"fmt"
	"unicode/utf8"

	"github.com/starlinghq/starling/internal/social"
	"github.com/starlinghq/starling/internal/social/tweettext"
)

// IdempotencyKey checks a client's key; empty stands for none.
func IdempotencyKey(key *string) (string, error) {
	if key == nil {
		return "", nil
	}
	if *key == "" || len(*key) > social.MaxIdempotencyKey || !utf8.ValidString(*key) {
		return "", BadInput(fmt.Sprintf("idempotencyKey must have 1 to %d bytes; leave it out for none.", social.MaxIdempotencyKey))
	}
	return *key, nil
}

// Text checks the text of a tweet or comment.
func Text(text string) (*Refusal, error) {
	if tweettext.Empty(text) {
		return Refuse(TextEmpty, "text", "Write something first."), nil
	}
	length := tweettext.Check(text)
	if length.Weighted > length.Limit {
		return Refuse(TextTooLong, "text", fmt.Sprintf("The text counts %d of %d characters.", length.Weighted, length.Limit)), nil
	}
	if !length.Valid {
		return nil, BadInput("The text holds a character that cannot be posted (U+FFFE, U+FEFF or U+FFFF); remove it.")
	}
	return nil, nil
}
