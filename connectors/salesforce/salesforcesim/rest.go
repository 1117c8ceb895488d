package salesforcesim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

const (
	defaultVersion = "v67.0"
	oldestVersion  = 58
	newestVersion  = 68
	maxBody        = 160 << 20
)

// call is one REST call, or one part of a composite one.
type call struct {
	method, version string
	path            string   // the whole path
	parts           []string // what follows the version
	query           url.Values
	header          http.Header
	body            []byte
	user            string
	base            string  // the address the caller used
	tx              *writer // shared by the parts of an all-or-none composite
}

// reply is what a call is answered.
type reply struct {
	status int
	header map[string]string
	body   []byte
	kind   string // content type, JSON when empty
}

func jsonReply(status int, v any) reply {
	body, err := json.Marshal(v)
	if err != nil {
		return failure(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", "answer cannot be written")
	}
	return reply{status: status, body: body}
}

// apiError is an element of the vendor's error array.
type apiError struct {
	Duplicates any      `json:"duplicateResult,omitempty"`
	Message    string   `json:"message"`
	Code       string   `json:"errorCode"`
	Fields     []string `json:"fields,omitempty"`
}

func failure(status int, code, message string) reply {
	return jsonReply(status, []apiError{{Message: message, Code: code}})
}

func notFound() reply {
	return failure(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

// failed answers refusals of a single row.
func failed(errs []*rowError) reply {
	status := http.StatusBadRequest
	list := make([]map[string]any, 0, len(errs))
	for _, e := range errs {
		if e.status != 0 {
			status = e.status
		}
		m := map[string]any{"message": e.message, "errorCode": e.code}
		if e.fields != nil {
			m["fields"] = e.fields
		}
		if e.code == "DUPLICATES_DETECTED" {
			m["duplicateResult"] = e.duplicates
		}
		list = append(list, m)
	}
	return jsonReply(status, list)
}

// queryFailed answers a refused query.
func queryFailed(err error) reply {
	if refused, ok := errors.AsType[*soql.Error](err); ok {
		return failure(http.StatusBadRequest, refused.Code, refused.Message)
	}
	return failure(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", "An unexpected error occurred.")
}

func (c *call) decode(into any) *reply {
	dec := json.NewDecoder(strings.NewReader(string(c.body)))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		message := "Unexpected character or end of input: the body is not the JSON asked for at [line:1, column:1]"
		r := failure(http.StatusBadRequest, jsonError, message)
		return &r
	}
	return nil
}

// writer starts what the call writes.
func (t *Twin) writer(c *call) *writer {
	if c.tx != nil {
		return c.tx
	}
	return &writer{
		user: c.user, method: c.method, path: c.path, faults: t.Faults,
		noAssign:  strings.EqualFold(c.header.Get("Sforce-Auto-Assign"), "FALSE"),
		allowSave: strings.Contains(strings.ToLower(strings.ReplaceAll(c.header.Get("Sforce-Duplicate-Rule-Header"), " ", "")), "allowsave=true"),
	}
}

// versionOf reads a version such as v67.0; ok is false for one not served.
func versionOf(part string) (string, bool) {
	number, _, _ := strings.Cut(strings.TrimPrefix(part, "v"), ".")
	n, err := strconv.Atoi(number)
	if err != nil || part != "v"+number+".0" || n < oldestVersion || n > newestVersion {
		return "", false
	}
	return part, true
}

// newCall builds a call from a target below the version or a whole path.
func newCall(method, target string) (*call, bool) {
	u, err := url.Parse(strings.ReplaceAll(target, " ", "%20"))
	if err != nil {
		return nil, false
	}
	c := &call{method: method, path: u.Path, header: http.Header{}}
	c.query, err = url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, false
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(u.EscapedPath(), "/"), "services/data/")
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	for i, p := range parts {
		if parts[i], err = url.PathUnescape(p); err != nil {
			return nil, false
		}
	}
	version, ok := versionOf(parts[0])
	if !ok {
		return nil, false
	}
	c.version, c.parts = version, parts[1:]
	return c, true
}

func readAll(r *http.Request) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r.Body, maxBody))
}
