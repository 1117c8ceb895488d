// Package ends holds an End of the story for each system: a small client of
// the system's own API, written from its documentation and from no connector,
// so that a mistake of a connector cannot hide in the test of it.
package ends

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// api is one system's address and how it is told who calls.
type api struct {
	base string
	sign func(*http.Request)
}

// call sends body as JSON and decodes the answer into out, unless out is nil.
func (a api) call(ctx context.Context, method, path string, body, out any) error {
	var payload io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(a.base, "/")+path, payload)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if a.sign != nil {
		a.sign(req)
	}
	client := http.Client{Timeout: time.Minute} // no retries: what an end is told to do, it does once
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	text, err := io.ReadAll(io.LimitReader(resp.Body, 32<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s answered %s: %.300s", method, path, resp.Status, text)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// split takes a full name apart at its first space.
func split(name string) (first, last string) {
	first, last, _ = strings.Cut(name, " ")
	return first, last
}

// join is the other way round.
func join(first, last string) string { return strings.TrimSpace(first + " " + last) }
