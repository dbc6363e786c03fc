package fetch

import (
	"bytes"
	"fmt"
	"runtime/debug"
)

func containsMember(body []byte) bool {
	return bytes.Contains(body, []byte(`"errors"`)) || bytes.Contains(body, []byte(`"data"`))
}

func panicError(p any) error { return fmt.Errorf("fetch: panic: %v\n%s", p, debug.Stack()) }
