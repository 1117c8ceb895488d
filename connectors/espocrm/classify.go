package espocrm

import (
	"encoding/json"
	"net/http"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func profile() httpapi.Profile {
	return httpapi.Profile{Vendor: "espocrm", Classify: classify}
}

// classify reads the header X-Status-Reason and the few bodies that errors
// have. Reasons that are sentences are not kept: they may quote what was sent.
func classify(status int, header http.Header, body []byte) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, body)
	if f == nil {
		return nil
	}
	var answer struct {
		Translation struct {
			Label string `json:"label"`
			Data  struct {
				Field string `json:"field"`
				Type  string `json:"type"`
			} `json:"data"`
		} `json:"messageTranslation"`
		Version *int `json:"versionNumber"`
	}
	_ = json.Unmarshal(body, &answer) // most errors have no body, that of a duplicate is a list
	switch status {
	case http.StatusBadRequest:
		f.Code, f.Field = answer.Translation.Data.Type, answer.Translation.Data.Field
		if f.Field != "" {
			f.Scope = fault.ScopeField
			f.Next = "correct the value, or the rule of the field in EspoCRM's Entity Manager"
		}
	case http.StatusForbidden:
		f.Next = "give the API user's role the access for this in EspoCRM: Administration, Roles"
	case http.StatusConflict:
		if answer.Version != nil {
			f.Class, f.Code = fault.Stale, "modified"
		}
	}
	return f
}
