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

// StatusRefused is the status of an answer without data to a request that could
// be read: what is wrong with it is GraphQL's to say, and for application/json
// that comes with success.
func StatusRefused(mediaType string) int {
	if mediaType == MediaJSON {
		return http.StatusOK
	}
	return http.StatusBadRequest
}
