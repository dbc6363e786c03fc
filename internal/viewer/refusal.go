package viewer

import "errors"

var (
	// ErrExpired says that the token was good and its time is over: sign in again.
	ErrExpired = errors.New("the token has expired")

	// ErrInvalid says that the token proves nothing.
	ErrInvalid = errors.New("the token is not valid")

	// ErrUnavailable says that the issuer's keys could not be read yet, so nothing is known about the token: retry.
	ErrUnavailable = errors.New("tokens cannot be verified now")
)

// refusal is why there is no viewer: what a client may hear, and what only the log may.
type refusal struct {
	kind   error
	reason string
	cause  error
}

func refuse(kind error, reason string, cause error) error {
	return &refusal{kind: kind, reason: reason, cause: cause}
}

func (r *refusal) Error() string {
	s := "viewer: " + r.kind.Error() + ": " + r.reason
	if r.cause != nil {
		s += ": " + r.cause.Error()
	}
	return s
}

func (r *refusal) Unwrap() []error {
	if r.cause == nil {
		return []error{r.kind}
	}
	return []error{r.kind, r.cause}
}

// Reason is a sentence about err for the person who sent the token. It holds nothing of the token or of our insides.
func Reason(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.reason
	}
	return ErrInvalid.Error()
}
