package mautic

import (
	"encoding/json"
	"net/http"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func profile() httpapi.Profile {
	return httpapi.Profile{Vendor: "mautic", Classify: classify}
}

// problem is one entry of Mautic's `errors`. Its message is not kept: it may
// quote what was sent.
type problem struct {
	Code    int       `json:"code"`
	Type    string    `json:"type"`
	Details bag[text] `json:"details"`
}

func classify(status int, header http.Header, body []byte) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, body)
	if f == nil {
		return nil
	}
	var answer struct {
		Errors bag[problem] `json:"errors"`
	}
	_ = json.Unmarshal(body, &answer) // what is not Mautic's has no type
	if len(answer.Errors.items) > 0 {
		f.Code = answer.Errors.items[0].Type
	}
	switch {
	case f.Code == "api_disabled":
		f.Class, f.Scope, f.Next = fault.Auth, fault.ScopeSystem, "turn the API on in Mautic: Configuration, API settings"
	case status == http.StatusForbidden && f.Code == "access_denied":
		f.Class, f.Scope, f.Next = fault.Auth, fault.ScopeSystem, "turn HTTP basic auth on in Mautic: Configuration, API settings"
	case status == http.StatusForbidden:
		f.Next = "give the user's role the permission for this in Mautic: Settings, Roles"
	}
	return f
}

// rowFault says what one row of a batch met.
func (c *Connector) rowFault(object string, p problem) *fault.Error {
	f := classify(p.Code, nil, nil)
	if f == nil {
		f = &fault.Error{Class: fault.Invalid}
	}
	f.System, f.Object, f.Op, f.Scope, f.Code = c.name, object, "write "+object, fault.ScopeRow, p.Type
	if len(p.Details.keys) == 1 {
		f.Scope, f.Field = fault.ScopeField, p.Details.keys[0]
	}
	return f
}
