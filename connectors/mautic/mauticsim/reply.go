package mauticsim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// ordered is a PHP array: JSON writes it as a list while its keys are 0, 1, 2
// and so on, else as an object in the order of its keys.
type ordered struct {
	keys   []string
	values []any
}

func (o *ordered) add(key string, value any) {
	o.keys, o.values = append(o.keys, key), append(o.values, value)
}

// MarshalJSON writes the array as PHP does.
func (o *ordered) MarshalJSON() ([]byte, error) {
	list := true
	for i, key := range o.keys {
		list = list && key == itoa(int64(i))
	}
	if list {
		if o.values == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(o.values)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(o.values[i])
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func send(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"errors":[{"code":500,"message":"the twin cannot encode its answer"}]}`)
	}
	sendBytes(w, status, body)
}

func sendBytes(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a lost client is its own affair
}

type problem struct {
	Code    int                 `json:"code"`
	Message string              `json:"message"`
	Details map[string][]string `json:"details"`
	Type    *string             `json:"type"`
}

func fail(code int, message string, fields ...string) *problem {
	p := &problem{Code: code, Message: message, Details: map[string][]string{}}
	for _, f := range fields {
		p.Details[f] = []string{message}
	}
	return p
}

func refuse(w http.ResponseWriter, code int, kind, message string) {
	p := fail(code, message)
	if kind != "" {
		p.Type = &kind
	}
	send(w, code, map[string]any{"errors": []*problem{p}})
}

func notFound(w http.ResponseWriter) { refuse(w, http.StatusNotFound, "", "Item was not found.") }

func serverError(w http.ResponseWriter, status int) {
	refuse(w, status, "", "Looks like I encountered an error. If I do it again, please report me to the system administrator!")
}

// moment writes a time as the serializer does; null if there is none.
func moment(at string) any {
	if at == "" {
		return nil
	}
	return strings.Replace(at, " ", "T", 1) + "+00:00"
}
