package cacheredis

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"strings"

	"github.com/redis/rueidis"
)

// script is a step that must not be parted. It is called by its hash; a server
// that does not know it, because it was started a moment ago, is sent the text.
// (The library's own calls of many scripts load them first, each time, which
// doubles the round trips.)
type script struct{ text, hash string }

func newScript(text string) script {
	sum := sha1.Sum([]byte(text))
	return script{text, hex.EncodeToString(sum[:])}
}

// call is what one run of a script works on. Its keys share a slot.
type call struct{ keys, args []string }

// run runs the script for every call in one round trip, and where the server
// does not know it yet in a second one. The answers are in the order of calls.
// Settled adds to each call a command that the same connection answers behind
// it, by which time everything that the server sent before is read.
func (s script) run(ctx context.Context, c rueidis.Client, settled bool, calls ...call) []rueidis.RedisResult {
	answers := make([]rueidis.RedisResult, len(calls))
	at := make([]int, len(calls))
	for i := range calls {
		at[i] = i
	}
	send := func(one func(call) rueidis.Completed) (unknown []int) {
		step := 1
		if settled {
			step = 2
		}
		cmds := make(rueidis.Commands, 0, step*len(at))
		for _, i := range at {
			cmds = append(cmds, one(calls[i]))
			if settled {
				cmds = append(cmds, c.B().Exists().Key(calls[i].keys[0]).Build())
			}
		}
		results := c.DoMulti(ctx, cmds...)
		for j, i := range at {
			answers[i] = results[step*j]
			if err := answers[i].Error(); err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT") {
				unknown = append(unknown, i)
				continue
			}
			if settled && answers[i].Error() == nil && results[step*j+1].Error() != nil {
				answers[i] = results[step*j+1] // whether it was settled is not known
			}
		}
		return unknown
	}
	at = send(func(a call) rueidis.Completed {
		return c.B().Evalsha().Sha1(s.hash).Numkeys(int64(len(a.keys))).Key(a.keys...).Arg(a.args...).Build()
	})
	if len(at) > 0 {
		send(func(a call) rueidis.Completed {
			return c.B().Eval().Script(s.text).Numkeys(int64(len(a.keys))).Key(a.keys...).Arg(a.args...).Build()
		})
	}
	return answers
}

// one runs the script once.
func (s script) one(ctx context.Context, c rueidis.Client, keys, args []string) rueidis.RedisResult {
	return s.run(ctx, c, false, call{keys, args})[0]
}
