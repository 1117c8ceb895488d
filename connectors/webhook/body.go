package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/url"
	"strings"
)

var errBody = errors.New("the body is neither JSON nor an encoded form")

// known tells whether a content type is one that can be read.
func known(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || kind == "application/x-www-form-urlencoded" ||
		strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}

// read takes a body apart. The body alone decides how, not the header that came
// with it: what is kept in the inbox is the body.
func read(body []byte) (any, error) {
	text := bytes.TrimSpace(body)
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		var out any
		if err := dec.Decode(&out); err != nil {
			return nil, errBody
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			return nil, errBody
		}
		return out, nil
	}
	values, err := url.ParseQuery(string(text))
	if err != nil || len(values) == 0 {
		return nil, errBody
	}
	out := make(map[string]any, len(values))
	for name, list := range values {
		if len(list) == 1 {
			out[name] = list[0]
			continue
		}
		all := make([]any, len(list))
		for i, v := range list {
			all[i] = v
		}
		out[name] = all
	}
	return out, nil
}
