package odoo

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// patience is a little more than Odoo gives a call by default. To ask again
// while it still works on the first only makes the two wait for each other.
const patience = 130 * time.Second

func profile() httpapi.Profile {
	return httpapi.Profile{Vendor: "odoo", Classify: classify, Timeout: patience}
}

// exception is what Odoo says of an error. Its message is not kept: it quotes
// records by their names, in the user's language.
type exception struct {
	Name string `json:"name"`
}

// classify knows an error by its class in Odoo. JSON-RPC answers status 200
// with the error inside, JSON-2 a status and the error itself.
func classify(status int, header http.Header, body []byte) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, body)
	var e exception
	switch {
	case f != nil:
		_ = json.Unmarshal(body, &e) // what is not Odoo's has no name
	case bytes.Contains(body[:min(len(body), 200)], []byte(`"error"`)):
		var answer struct {
			Error *struct {
				Data exception `json:"data"`
			} `json:"error"`
		}
		_ = json.Unmarshal(body, &answer) // what cannot be read is found when it is decoded
		if answer.Error == nil {
			return nil
		}
		e, f = answer.Error.Data, &fault.Error{Class: fault.Transient}
	default:
		return nil
	}
	named(f, e.Name)
	return f
}

// named sets a fault's class by the name of the exception, where it has one.
func named(f *fault.Error, name string) {
	module, class, ok := cutLast(name)
	if !ok {
		return
	}
	f.Code = class
	set := func(c fault.Class, s fault.Scope, next string) { f.Class, f.Scope, f.Next = c, s, next }
	switch {
	case class == "AccessDenied" || class == "Unauthorized":
		set(fault.Auth, fault.ScopeSystem, "make a new API key in Odoo (Preferences, Account Security) and put it into the connector's file")
	case class == "AccessError":
		set(fault.Permission, fault.ScopeObject, "give Tandem's user in Odoo the access rights for this")
	case class == "MissingError":
		set(fault.Missing, fault.ScopeRow, "")
	case class == "NotFound" && module == "werkzeug.exceptions":
		set(fault.Missing, fault.ScopeObject, "check that the app it belongs to is installed in Odoo")
	case class == "LockError", class == "ConcurrencyError",
		class == "SerializationFailure", class == "LockNotAvailable", class == "DeadlockDetected", class == "TransactionRollbackError":
		set(fault.Locked, fault.ScopeBatch, "")
	case class == "UserError", class == "ValidationError", class == "RedirectWarning", class == "IntegrityError",
		strings.HasPrefix(module, "psycopg2") && (strings.HasSuffix(class, "Violation") || class == "DataError"):
		set(fault.Invalid, fault.ScopeBatch, "")
	case module == "builtins" && (class == "ValueError" || class == "TypeError" || class == "KeyError"):
		set(fault.Invalid, fault.ScopeBatch, "check that the field takes this value in Odoo")
	case class == "TooManyRequests":
		set(fault.RateLimited, fault.ScopeSystem, "")
	}
}

func cutLast(name string) (before, after string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}
