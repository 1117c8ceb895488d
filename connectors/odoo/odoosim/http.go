package odoosim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// raised is an exception of Odoo's.
type raised struct {
	name    string
	status  int
	message string
}

func (r *raised) Error() string { return r.name + ": " + r.message }

func accessError() *raised {
	return &raised{"odoo.exceptions.AccessError", http.StatusForbidden, "You are not allowed to access these records."}
}

func missingError() *raised {
	return &raised{"odoo.exceptions.MissingError", http.StatusNotFound, "Record does not exist or has been deleted."}
}

func validation(format string, args ...any) *raised {
	return &raised{"odoo.exceptions.ValidationError", http.StatusUnprocessableEntity, fmt.Sprintf(format, args...)}
}

func userError(text string) *raised {
	return &raised{"odoo.exceptions.UserError", http.StatusUnprocessableEntity, text}
}

func valueError(format string, args ...any) *raised {
	return &raised{"builtins.ValueError", http.StatusInternalServerError, fmt.Sprintf(format, args...)}
}

func lockError() *raised {
	return &raised{"psycopg2.errors.LockNotAvailable", http.StatusInternalServerError, "could not obtain lock on row"}
}

func notFound(text string) *raised {
	return &raised{"werkzeug.exceptions.NotFound", http.StatusNotFound, text}
}

func unprocessable(text string) *raised {
	return &raised{"werkzeug.exceptions.UnprocessableEntity", http.StatusUnprocessableEntity, text}
}

func (r *raised) data() map[string]any {
	return map[string]any{"name": r.name, "message": r.message, "arguments": []string{r.message}, "context": map[string]any{}, "debug": "Traceback (most recent call last):\n"}
}

func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only when the caller has gone
}

func webPage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<!doctype html><title>"+http.StatusText(status)+"</title>")
}

// invocation is a call of a method, however it came.
type invocation struct {
	model, method string
	ids           []int64
	args          map[string]any
	positional    []any // by JSON-RPC: arguments without their names
	uid           int64
	path          string
	rpc           bool
}

// envelope is a call by JSON-RPC.
type envelope struct {
	ID     any `json:"id"`
	Params struct {
		Service string `json:"service"`
		Method  string `json:"method"`
		Args    []any  `json:"args"`
	} `json:"params"`
}

// classify says what a call does. A call by JSON-RPC is given the path it would
// have as a resource, so that faults can be aimed at it.
func (t *Twin) classify(r *http.Request) (simkit.Class, string) {
	if r.URL.Path == "/jsonrpc" {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		var e envelope
		if err == nil && json.Unmarshal(body, &e) == nil {
			r.URL.Path += "/" + e.Params.Service + "/" + e.Params.Method
			if a := e.Params.Args; e.Params.Service == "object" && len(a) > 4 {
				r.URL.Path = fmt.Sprintf("/jsonrpc/%v/%v", a[3], a[4])
			}
		}
	}
	switch path.Base(r.URL.Path) {
	case "authenticate", "login":
		return simkit.Auth, r.URL.Path
	case "search_read", "search", "search_count", "read", "fields_get", "context_get", "version":
		return simkit.Read, r.URL.Path
	}
	return simkit.Write, r.URL.Path
}

func (t *Twin) major() int {
	digits, _, _ := strings.Cut(t.opt.Version, ".")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", t.clock.Now().UTC().Format(http.TimeFormat))
	if _, limited := t.faults.Take(r.Method, r.URL.Path, "rate_limit"); limited {
		webPage(w, http.StatusTooManyRequests)
		return
	}
	rest, json2 := strings.CutPrefix(r.URL.Path, "/json/2/")
	switch {
	case r.Method == http.MethodPost && json2 && t.major() >= 19:
		t.json2(w, r, rest)
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/jsonrpc") && !t.opt.NoRPC:
		t.rpc(w, r)
	default:
		webPage(w, http.StatusNotFound)
	}
}

func (t *Twin) serverError(w http.ResponseWriter, status int) { webPage(w, status) }

func (t *Twin) json2(w http.ResponseWriter, r *http.Request, rest string) {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	i := slices.IndexFunc(t.users, func(u User) bool { return bearer && u.Key == key })
	if i < 0 {
		refusal := raised{"werkzeug.exceptions.Unauthorized", http.StatusUnauthorized, "Invalid apikey"}
		send(w, refusal.status, refusal.data())
		return
	}
	if db := r.Header.Get("X-Odoo-Database"); db != "" && db != Database {
		webPage(w, http.StatusNotFound)
		return
	}
	in := invocation{uid: t.users[i].ID, path: r.URL.Path, args: map[string]any{}}
	in.model, in.method, _ = strings.Cut(rest, "/")
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<20)).Decode(&in.args); err != nil {
		refusal := raised{"werkzeug.exceptions.BadRequest", http.StatusBadRequest, "could not parse the body as json"}
		send(w, refusal.status, refusal.data())
		return
	}
	in.ids = idsOf(in.args["ids"])
	delete(in.args, "ids")
	result, err := t.invoke(in)
	if err != nil {
		send(w, err.status, err.data())
		return
	}
	send(w, http.StatusOK, result)
}

func (t *Twin) rpc(w http.ResponseWriter, r *http.Request) {
	var e envelope
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<20)).Decode(&e) != nil {
		webPage(w, http.StatusBadRequest)
		return
	}
	result, err := t.service(e, r.URL.Path)
	answer := map[string]any{"jsonrpc": "2.0", "id": e.ID}
	if err != nil {
		answer["error"] = map[string]any{"code": 200, "message": "Odoo Server Error", "data": err.data()}
	} else if result != nil {
		answer["result"] = result
	}
	send(w, http.StatusOK, answer)
}

func (t *Twin) service(e envelope, at string) (any, *raised) {
	switch e.Params.Service + "." + e.Params.Method {
	case "common.version":
		return map[string]any{"server_version": t.opt.Version, "protocol_version": 1}, nil
	case "common.authenticate":
		i := slices.IndexFunc(t.users, func(u User) bool { return e.text(0) == Database && u.Login == e.text(1) && u.Key == e.text(2) })
		if i < 0 {
			return false, nil
		}
		return t.users[i].ID, nil
	case "object.execute_kw":
		uid := number(e.at(1))
		if !slices.ContainsFunc(t.users, func(u User) bool { return u.ID == uid && u.Key == e.text(2) && e.text(0) == Database }) {
			return nil, &raised{"odoo.exceptions.AccessDenied", http.StatusForbidden, "Access Denied"}
		}
		in := invocation{uid: uid, model: e.text(3), method: e.text(4), path: at, args: map[string]any{}, rpc: true}
		if named, ok := e.at(6).(map[string]any); ok {
			in.args = named
		}
		in.positional, _ = e.at(5).([]any)
		return t.invoke(in)
	}
	return nil, &raised{"builtins.KeyError", http.StatusInternalServerError, e.Params.Service}
}

// at is an argument, nil if there are not so many.
func (e envelope) at(i int) any {
	if i >= len(e.Params.Args) {
		return nil
	}
	return e.Params.Args[i]
}

func (e envelope) text(i int) string {
	s, _ := e.at(i).(string)
	return s
}

func idsOf(v any) []int64 {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	ids := make([]int64, 0, len(list))
	for _, x := range list {
		ids = append(ids, number(x))
	}
	return ids
}

func number(v any) int64 {
	switch v := v.(type) {
	case float64:
		return int64(v)
	case int64:
		return v
	}
	return 0
}
