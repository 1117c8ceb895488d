package tryton

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func profile() httpapi.Profile {
	return httpapi.Profile{Vendor: "tryton", Classify: classify}
}

// labelled finds the field that a message is about. What else a message quotes
// is what was sent, and is not kept.
var labelled = regexp.MustCompile(`field "([^"]{1,60})"`)

// classify reads what Tryton says: nearly everything with status 200. Messages
// are English, for so we ask.
func classify(status int, h http.Header, body []byte) *fault.Error {
	if f := httpapi.ClassifyStatus(status, h, body); f != nil {
		switch status {
		case http.StatusUnauthorized:
			f.Next = "check the user and password in the connector's file"
		case http.StatusNotFound:
			f.Class, f.Scope, f.Next = fault.Auth, fault.ScopeSystem, "check base_url and database in the connector's file"
		case http.StatusForbidden:
			f.Next = "install the module that has this, or give the user's groups the right to it"
		}
		return f
	}
	// The error comes right after the id; a result may be large.
	if !bytes.Contains(body[:min(len(body), 64)], []byte(`"error"`)) {
		return nil
	}
	var answer struct {
		Error []any `json:"error"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Error) == 0 {
		return &fault.Error{Class: fault.Malformed, Scope: fault.ScopeBatch, Status: status}
	}
	code := text(answer.Error[0])
	switch code {
	case "UserError":
		return refused(status, answer.Error)
	case "ConcurrencyException":
		return &fault.Error{Class: fault.Stale, Scope: fault.ScopeRow, Status: status, Code: code}
	case "UserWarning":
		return &fault.Error{
			Class: fault.Invalid, Scope: fault.ScopeRow, Status: status, Code: code,
			Next: "Tryton warns and asks a person; do this in Tryton once and tick not to be warned again",
		}
	}
	// Anything else is Python's own word for a mistake, and may quote values.
	return &fault.Error{Class: fault.Invalid, Scope: fault.ScopeBatch, Status: status, Detail: "Tryton cannot carry out the call"}
}

// refused reads a UserError: a list of the message and its description, or the
// message alone.
func refused(status int, args []any) *fault.Error {
	f := &fault.Error{Class: fault.Invalid, Scope: fault.ScopeRow, Status: status, Code: "UserError"}
	if len(args) < 2 {
		return f
	}
	message := text(args[1])
	if list, ok := args[1].([]any); ok && len(list) > 0 {
		message = text(list[0])
	}
	says := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case says("don't exist anymore"):
		f.Class = fault.Missing
	case says("must be unique"):
		f.Class = fault.Conflict
	case says("You are not allowed"):
		f.Class, f.Scope, f.Next = fault.Permission, fault.ScopeObject, "give the user's groups the right to do this in Tryton: Administration, Models"
	}
	if m := labelled.FindStringSubmatch(message); m != nil {
		f.Detail = "the field " + m[1] + " is missing, too long or not what is allowed"
	}
	return f
}
