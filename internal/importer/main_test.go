package importer

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// roundTrip answers every request with a status and a page that is no GraphQL.
type roundTrip int

func (status roundTrip) RoundTrip(*http.Request) (*http.Response, error) {
	return response(int(status), []byte("<html></html>")), nil
}
