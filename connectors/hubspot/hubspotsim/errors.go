package hubspotsim

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// detail is one entry of an error's errors.
type detail struct {
	Message string              `json:"message"`
	Code    string              `json:"code,omitempty"`
	Context map[string][]string `json:"context,omitempty"`
}

// failure is an answer that is not a success, in HubSpot's shape.
type failure struct {
	status      int
	Status      string         `json:"status"`
	Message     string         `json:"message"`
	Correlation string         `json:"correlationId"`
	ErrorType   string         `json:"errorType,omitempty"`
	PolicyName  string         `json:"policyName,omitempty"`
	GroupName   string         `json:"groupName,omitempty"`
	RequestID   string         `json:"requestId,omitempty"`
	Context     map[string]any `json:"context,omitempty"`
	Errors      []detail       `json:"errors,omitempty"`
	Category    string         `json:"category,omitempty"`
	SubCategory string         `json:"subCategory,omitempty"`
}

func (f *failure) Error() string { return f.Message }

func fail(status int, category, message string) *failure {
	return &failure{status: status, Status: "error", Message: message, Correlation: newUUID(), Category: category}
}

func invalid(format string, args ...any) *failure {
	return fail(http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf(format, args...))
}

func notFound() *failure { return fail(http.StatusNotFound, "OBJECT_NOT_FOUND", "resource not found") }

func (f *failure) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(f) // a lost client is its own affair
}

func writeServerError(w http.ResponseWriter, status int) {
	fail(status, "INTERNAL_ERROR", "internal error").write(w)
}

// problem is why one property value is refused.
type problem struct {
	name, code, message string
}

// refused is a row that cannot be written; exactly one kind of reason is set.
type refused struct {
	problems []problem
	existing int64  // CONFLICT with this record
	missing  string // no such id
	fault    string // refused because a fault says so
}

// whole turns a refused row into the answer that refuses a whole call.
func (tb *table) whole(rows ...*refused) *failure {
	row := rows[0]
	switch {
	case row.existing != 0:
		return fail(http.StatusConflict, "CONFLICT", tb.title()+" already exists. Existing ID: "+itoa(row.existing))
	case row.missing != "":
		return notFound()
	case row.fault != "":
		return invalid("%s", row.fault)
	}
	return valuesNotValid(rows)
}

func (tb *table) title() string { return strings.ToUpper(tb.singular[:1]) + tb.singular[1:] }

func valuesNotValid(rows []*refused) *failure {
	type check struct {
		IsValid bool   `json:"isValid"`
		Message string `json:"message"`
		Error   string `json:"error"`
		Name    string `json:"name"`
	}
	var checks []check
	f := invalid("")
	for _, row := range rows {
		for _, p := range row.problems {
			checks = append(checks, check{Message: p.message, Error: p.code, Name: p.name})
			f.Errors = append(f.Errors, detail{p.message, p.code, map[string][]string{"propertyName": {p.name}}})
		}
	}
	list, _ := json.Marshal(checks) // strings and bools cannot fail
	f.Message = "Property values were not valid: " + string(list)
	return f
}

// rowError is one entry of errors in a 207.
type rowError struct {
	Status      string              `json:"status"`
	Category    string              `json:"category"`
	SubCategory string              `json:"subCategory,omitempty"`
	Message     string              `json:"message"`
	Context     map[string][]string `json:"context,omitempty"`
	Errors      []detail            `json:"errors,omitempty"`
}

func (tb *table) rowError(row *refused, trace string) rowError {
	whole := tb.whole(row)
	e := rowError{Status: "error", Category: whole.Category, Message: whole.Message, Errors: whole.Errors, Context: map[string][]string{}}
	if trace != "" {
		e.Context["objectWriteTraceId"] = []string{trace}
	}
	if row.existing != 0 {
		e.Context["existingId"] = []string{itoa(row.existing)}
	}
	return e
}

// missing is the one entry that tells of every id not found.
func (tb *table) missing(ids []string) rowError {
	return rowError{
		Status: "error", Category: "OBJECT_NOT_FOUND", Context: map[string][]string{"ids": ids},
		Message: "Could not get some " + strings.ToUpper(tb.singular) + " objects, they may be deleted or not exist. Check that ids are valid.",
	}
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
