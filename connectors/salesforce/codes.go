package salesforce

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// apiError is one entry of the list Salesforce answers a refused call with, or
// of the errors of one row: there the code is called statusCode.
type apiError struct {
	Message    string           `json:"message"`
	ErrorCode  string           `json:"errorCode"`
	StatusCode string           `json:"statusCode"`
	Fields     []string         `json:"fields"`
	Duplicate  *duplicateResult `json:"duplicateResult"`
}

type duplicateResult struct {
	AllowSave    bool `json:"allowSave"`
	MatchResults []struct {
		MatchRecords []struct {
			Record struct {
				ID string `json:"Id"`
			} `json:"record"`
		} `json:"matchRecords"`
	} `json:"matchResults"`
}

func (e apiError) code() string {
	if e.StatusCode != "" {
		return e.StatusCode
	}
	return e.ErrorCode
}

// existing returns the first record a duplicate rule found in the way.
func (d *duplicateResult) existing() string {
	if d == nil {
		return ""
	}
	for _, m := range d.MatchResults {
		for _, r := range m.MatchRecords {
			if isID(r.Record.ID) {
				return longID(r.Record.ID)
			}
		}
	}
	return ""
}

// existing returns the record in the way, from the duplicate rule's finds or
// from the message.
func (e apiError) existing() string {
	if id := e.Duplicate.existing(); id != "" {
		return id
	}
	if m := idInMessage.FindStringSubmatch(e.Message); m != nil && isID(m[1]) {
		return longID(m[1])
	}
	return ""
}

// oauthError is how the token server refuses.
type oauthError struct {
	Error string `json:"error"`
}

// classify is asked about every reply.
func classify(status int, header http.Header, body []byte) *fault.Error {
	if status < http.StatusBadRequest {
		return nil
	}
	list := parseErrors(body)
	if len(list) == 0 || list[0].code() == "" {
		return classifyBare(status, header, body)
	}
	f := faultOf(list[0])
	f.Status = status
	if f.Code == "REQUEST_LIMIT_EXCEEDED" {
		limitReached(f, list[0].Message, header)
	}
	if f.Class == fault.Unclassified {
		rest := httpapi.ClassifyStatus(status, header, body)
		f.Class, f.Scope = rest.Class, rest.Scope
	}
	return f
}

// limitReached tells the daily allowance, of which some is free again every
// few minutes of the rolling day, from the limit of calls at one time.
func limitReached(f *fault.Error, message string, header http.Header) {
	if strings.Contains(message, "Concurrent") {
		f.Class, f.Next = fault.RateLimited, ""
		return
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		f.Until = date.UTC().Add(exhaustedWait)
	}
}

const exhaustedWait = 15 * time.Minute

func classifyBare(status int, header http.Header, body []byte) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, body)
	var o oauthError
	if json.Unmarshal(body, &o) != nil || o.Error == "" {
		return f
	}
	f.Code = o.Error
	switch o.Error {
	case "invalid_grant", "invalid_client", "invalid_client_id", "inactive_user", "inactive_org", "unauthorized_client",
		"invalid_app_access", "user_not_approved", "no_client_credentials_user_enabled":
		f.Class, f.Scope = fault.Auth, fault.ScopeSystem
		f.Next = "check client id, key or secret, and that the external client app allows this flow and user; then run `tandem auth login` if a refresh token is used"
	}
	return f
}

func parseErrors(body []byte) []apiError {
	var list []apiError
	if json.Unmarshal(body, &list) == nil {
		return list
	}
	var one apiError
	if json.Unmarshal(body, &one) == nil && one.code() != "" {
		return []apiError{one}
	}
	return nil
}

var (
	idInMessage    = regexp.MustCompile(`(?:with id:|record:?|id) *([A-Za-z0-9]{15,18})\b`)
	fieldInMessage = regexp.MustCompile(`(?:fields are missing: \[|No such column '|field: |: )([A-Za-z]\w*)(?:['\],:]|$)`)
)

// faultOf classifies one error. Messages are not repeated: they quote values.
func faultOf(e apiError) *fault.Error {
	code := e.code()
	f := &fault.Error{Code: code, Scope: fault.ScopeRow}
	f.Class, f.Scope, f.Next = meaning(code)
	switch {
	case len(e.Fields) > 0:
		f.Field = e.Fields[0]
	case f.Class == fault.Invalid:
		if m := fieldInMessage.FindStringSubmatch(e.Message); m != nil {
			f.Field = m[1]
		}
	}
	if f.Field != "" && f.Class == fault.Invalid {
		f.Scope = fault.ScopeField
	}
	if f.Class == fault.Conflict || f.Class == fault.Merged {
		f.Existing = e.existing()
	}
	return f
}

// meaning is the table of Salesforce's error codes.
func meaning(code string) (fault.Class, fault.Scope, string) {
	switch code {
	case "UNABLE_TO_LOCK_ROW", "TXN_SECURITY_NO_ACCESS_LOCK":
		return fault.Locked, fault.ScopeRow, ""
	case "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID", "DUPLICATES_DETECTED":
		return fault.Conflict, fault.ScopeRow, "link the record in the way, or correct the value"
	case "ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID":
		return fault.Missing, fault.ScopeRow, ""
	case "CANNOT_UPDATE_CONVERTED_LEAD":
		return fault.Merged, fault.ScopeRow, ""
	case "REQUEST_LIMIT_EXCEEDED":
		return fault.Exhausted, fault.ScopeSystem, "wait for the rolling 24 hours, or lower what else uses the organisation's API calls"
	case "EXCEEDED_QUOTA", "STORAGE_LIMIT_EXCEEDED", "LIMIT_EXCEEDED":
		return fault.Exhausted, fault.ScopeSystem, "see Company Information in Salesforce's set-up for the limit that is used up"
	case "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "UNSUPPORTED_API_VERSION_TEMPORARILY", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED":
		return fault.Transient, fault.ScopeRow, ""
	case "INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "INVALID_LOGIN":
		return fault.Auth, fault.ScopeSystem, "check the credentials in the connector's file"
	case "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
		"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY_PERMISSION", "OPERATION_NOT_ALLOWED", "NO_ACCESS":
		return permissionScope(code)
	case "INVALID_QUERY_LOCATOR":
		return fault.Expired, fault.ScopeCall, ""
	case "INVALID_REPLICATION_DATE", "REPLICATION_NOT_ENABLED", "FUNCTIONALITY_NOT_ENABLED", "FEATURENOTENABLED", "INVALIDENTITY":
		return fault.Unsupported, fault.ScopeObject, ""
	case "INVALID_TYPE", "INVALID_TYPE_FOR_OPERATION":
		return fault.Permission, fault.ScopeObject, "give the integration user access to this object"
	case "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE":
		return fault.Stale, fault.ScopeRow, ""
	}
	return meaningOfContent(code)
}

func permissionScope(code string) (fault.Class, fault.Scope, string) {
	const next = "give the integration user's permission set this right"
	if strings.HasPrefix(code, "API_") {
		return fault.Permission, fault.ScopeSystem, "turn on API access for the integration user"
	}
	return fault.Permission, fault.ScopeRow, next
}

// meaningOfContent knows the codes that say something is wrong with what was
// sent: the same content never works.
func meaningOfContent(code string) (fault.Class, fault.Scope, string) {
	switch code {
	case "MALFORMED_QUERY", "JSON_PARSER_ERROR", "METHOD_NOT_ALLOWED", "TOO_MANY_FIELDS":
		return fault.Invalid, fault.ScopeBatch, ""
	case "REQUIRED_FIELD_MISSING", "MISSING_ARGUMENT":
		return fault.Invalid, fault.ScopeRow, "map the field that is required, or give it a default"
	case "FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER":
		return fault.Invalid, fault.ScopeRow, "a validation rule, flow or trigger of the organisation refuses this record; ask its administrator"
	case "STRING_TOO_LONG", "NUMBER_OUTSIDE_VALID_RANGE", "BAD_CUSTOM_ENTITY_PARENT_DOMAIN", "FIELD_INTEGRITY_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION",
		"INACTIVE_OWNER_OR_USER", "DEPENDENCY_EXISTS", "DELETE_FAILED", "INSUFFICIENT_ACCESS_OR_READONLY_FIELD", "JSON_VALUE_ERROR":
		return fault.Invalid, fault.ScopeRow, ""
	}
	if strings.HasPrefix(code, "INVALID_") {
		return fault.Invalid, fault.ScopeRow, ""
	}
	return fault.Unclassified, fault.ScopeRow, ""
}
