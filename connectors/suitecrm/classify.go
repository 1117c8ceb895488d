package suitecrm

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func profile() httpapi.Profile {
	return httpapi.Profile{Vendor: "suitecrm", Classify: classify}
}

// exists is the code of a create whose id is there already.
const exists = "exists"

// classify reads SuiteCRM's errors, which are 400 whatever they are, by their
// fixed words. The text itself is not kept.
func classify(status int, header http.Header, body []byte) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, body)
	if f == nil || status != http.StatusBadRequest {
		return f
	}
	var answer struct {
		Errors struct {
			Detail string `json:"detail"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(body, &answer) // what is not SuiteCRM's has no detail
	detail := answer.Errors.Detail
	has := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(detail, w) {
				return false
			}
		}
		return true
	}
	switch {
	case has("module with id", "is not found"):
		f.Class, f.Scope = fault.Missing, fault.ScopeRow
	case has("is already exist"):
		f.Class, f.Scope, f.Code = fault.Conflict, fault.ScopeRow, exists
	case has("AccessDeniedException"), has("[Not Allowed]"):
		f.Class, f.Scope = fault.Permission, fault.ScopeObject
		f.Next = "give the role of the API's user the access for this in SuiteCRM: Admin, Role Management"
	case has("Property ", "is invalid"):
		f.Field, f.Scope = between(detail, "Property ", " in "), fault.ScopeField
	case has("not found"):
		f.Scope = fault.ScopeObject
		f.Next = "run: tandem check"
	default:
		f.Scope = fault.ScopeRow
	}
	return f
}

func between(s, left, right string) string {
	_, s, _ = strings.Cut(s, left)
	s, _, _ = strings.Cut(s, right)
	return s
}
