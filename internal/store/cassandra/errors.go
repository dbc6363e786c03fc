package storecassandra

import (
	"context"
	"errors"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/starlinghq/starling/internal/store"
)

// outcome is what a failed request means for the next step.
type outcome struct {
	temporary bool // the same request may succeed later
	sent      bool // the nodes may have applied it
	hostless  bool // the session found nobody to talk to
}

// judge reads a driver's error. What it does not know is temporary and sent:
// wrong in the direction that loses nothing.
func judge(err error) outcome {
	switch {
	case errors.Is(err, gocql.ErrNoConnections), errors.Is(err, gocql.ErrSessionClosed), errors.Is(err, gocql.ErrNoConnectionsStarted):
		return outcome{temporary: true, hostless: true}
	case errors.Is(err, gocql.ErrNoStreams):
		return outcome{temporary: true}
	}
	var answer gocql.RequestError
	if !errors.As(err, &answer) {
		return outcome{temporary: true, sent: true}
	}
	switch answer.Code() {
	case gocql.ErrCodeUnavailable, gocql.ErrCodeBootstrapping:
		return outcome{temporary: true} // refused before anything was written
	case gocql.ErrCodeSyntax, gocql.ErrCodeInvalid, gocql.ErrCodeConfig, gocql.ErrCodeUnauthorized,
		gocql.ErrCodeCredentials, gocql.ErrCodeProtocol, gocql.ErrCodeAlreadyExists:
		return outcome{} // the request is wrong, and stays so
	}
	return outcome{temporary: true, sent: true}
}

// failed says in the seam's words that a request failed for good. Unsure says
// that it was a write which may have been applied.
func failed(err error, unsure bool) error {
	if judge(err).temporary && !errors.Is(err, store.ErrUnavailable) {
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	if unsure {
		return store.Unsure(err)
	}
	return err
}

// gone says that the caller does not wait any more, before anything was sent.
func gone(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, context.Cause(ctx))
}
