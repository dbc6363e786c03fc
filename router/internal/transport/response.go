package transport

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types of answers.
const (
	MediaResponse = "application/graphql-response+json"
	MediaJSON     = "application/json"
)

// Accepts picks the media type of the answer from the Accept header. Without
// one it is application/json, which is what clients of before the
// specification expect. It returns "" when the client wants neither.
func Accepts(header string) string {
	if header == "" {
		return MediaJSON
	}
	best, bestQ := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		if cs := params["charset"]; cs != "" && !strings.EqualFold(cs, "utf-8") {
			continue
		}
		var match string
		switch mediaType {
		case MediaResponse:
			match = MediaResponse
		case MediaJSON, "application/*", "*/*":
			match = MediaJSON
		default:
			continue
		}
		if q > bestQ {
			best, bestQ = match, q
		}
	}
	return best
}

// Status is the status of an answer. wellFormed says that the request could be
// read, so that what is wrong with it is GraphQL's to say; data that there is
// a data member that is not null, or that may be null.
func Status(mediaType string, wanted int) int {
	if mediaType == MediaJSON && wanted < http.StatusInternalServerError {
		switch wanted {
		case http.StatusUnauthorized, http.StatusTooManyRequests:
			return wanted
		}
		return http.StatusOK
	}
	return wanted
}
