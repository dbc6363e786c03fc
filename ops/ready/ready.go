// Package ready waits for a process of the product to be ready, from outside:
// by its /ready page. Everything in ops that starts one uses it.
package ready

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// every is the time between two looks: short against the start that bench
// measures.
const every = 2 * time.Millisecond

// Wait returns nil when GET url/ready is answered with 200, and an error when
// that takes longer than within or ctx ends.
func Wait(ctx context.Context, url string, within time.Duration) error {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); {
		resp, err := http.Get(url + "/ready")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
	return fmt.Errorf("%s did not become ready within %s", url, within)
}
