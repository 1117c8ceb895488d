package tryton

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// session is a log-in. Tryton checks a password slowly, on purpose, so one
// log-in serves many calls.
type session struct {
	mu   sync.Mutex
	id   int64 // of the user
	held string
}

// token returns the session's token, after a new log-in if there is none or
// the one there is was refused.
func (s *session) token(ctx context.Context, c *Connector, refused string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != "" && s.held != refused {
		return s.held, nil
	}
	var answer struct {
		ID     json.RawMessage `json:"id"`
		Result []any           `json:"result"`
	}
	_, err := c.http.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: "/" + c.cfg.Database + "/", Op: "log in", Idempotent: true, Into: &answer,
		Body: map[string]any{
			"id": 0, "method": "common.db.login",
			"params": []any{c.cfg.Auth.User, map[string]string{"password": c.cfg.Auth.Password.Reveal()}, "en"},
		},
	})
	if err != nil {
		return "", err
	}
	if len(answer.Result) < 2 { // null is a refusal
		return "", &fault.Error{
			Class: fault.Auth, Scope: fault.ScopeSystem, System: c.name, Op: "log in", Next: "check the user and password in the connector's file",
		}
	}
	id, key := answer.Result[0], answer.Result[1]
	s.id, s.held = integer(id), base64.StdEncoding.EncodeToString([]byte(c.cfg.Auth.User+":"+strconv.FormatInt(integer(id), 10)+":"+text(key)))
	return s.held, nil
}

func (s *session) user() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

func header(token string) http.Header {
	return http.Header{"Authorization": {"Session " + token}}
}

// decodeInto keeps numbers as they are written.
func decodeInto(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}
