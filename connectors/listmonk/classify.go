package listmonk

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func profile() httpapi.Profile {
	return httpapi.Profile{Vendor: "listmonk", Classify: classify}
}

// classify reads what listmonk says beside a status. Most of its words are
// translated; those looked for here are not. None is kept: they quote what was
// sent.
func classify(status int, header http.Header, body []byte) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, body)
	if f == nil {
		return nil
	}
	var answer struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &answer) // what is not listmonk's says nothing
	says := func(part string) bool { return strings.Contains(answer.Message, part) }
	switch {
	case status == http.StatusForbidden && (says("invalid API credentials") || says("invalid session") || says("api_key")):
		f.Class, f.Scope, f.Next = fault.Auth, fault.ScopeSystem, "check the name and token of the API user in listmonk: Admin, Users"
	case status == http.StatusForbidden:
		f.Next = "give the API user's role the permission in listmonk: Admin, User roles (subscribers:sql_query, subscribers:get_all and subscribers:manage, campaigns:get_all, bounces:get)"
	case status == http.StatusInternalServerError && says("duplicate key value"):
		f.Class, f.Scope, f.Field = fault.Conflict, fault.ScopeRow, "email"
	case status == http.StatusInternalServerError && says(`column "subscriber_id"`): // lists of a subscriber that is gone
		f.Class, f.Scope = fault.Missing, fault.ScopeRow
	case status == http.StatusConflict:
		f.Field = "email"
	case status == http.StatusBadRequest && says("not found"):
		f.Class, f.Scope = fault.Missing, fault.ScopeRow
	case status == http.StatusBadRequest:
		f.Scope = fault.ScopeRow
	}
	return f
}
