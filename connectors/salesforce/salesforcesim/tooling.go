package salesforcesim

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// toolingAPI answers the part of the tooling API that makes custom fields.
func (t *Twin) toolingAPI(c *call, rest []string) reply {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(rest) == 2 && rest[0] == "sobjects" && rest[1] == "CustomField" && c.method == http.MethodPost:
		return t.createField(c)
	case len(rest) == 1 && rest[0] == "query" && c.method == http.MethodGet:
		q, parsed, err := t.newRun(c.query.Get("q"), false, false, func(name string) *object {
			if strings.EqualFold(name, t.tooling.name) {
				return t.tooling
			}
			return nil
		})
		if err != nil {
			return queryFailed(err)
		}
		return t.runQuery(c, q, parsed)
	}
	return notFound()
}

type fieldMetadata struct {
	Label      string `json:"label"`
	Type       string `json:"type"`
	Length     int    `json:"length"`
	Precision  int    `json:"precision"`
	Scale      int    `json:"scale"`
	Required   bool   `json:"required"`
	ExternalID bool   `json:"externalId"`
	Unique     bool   `json:"unique"`
	Formula    string `json:"formula"`
	ValueSet   struct {
		Restricted bool `json:"restricted"`
		Definition struct {
			Value []struct {
				FullName  string `json:"fullName"`
				ValueName string `json:"valueName"`
			} `json:"value"`
		} `json:"valueSetDefinition"`
	} `json:"valueSet"`
}

func (t *Twin) createField(c *call) reply {
	var in struct {
		FullName string        `json:"FullName"`
		Metadata fieldMetadata `json:"Metadata"`
	}
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	object, name, _ := strings.Cut(in.FullName, ".")
	m := in.Metadata
	typ := restType(m.Type)
	switch {
	case typ == "":
		return failure(http.StatusBadRequest, "FIELD_INTEGRITY_EXCEPTION", "Field Type: bad value for restricted picklist field: "+m.Type)
	case m.Label == "":
		return failure(http.StatusBadRequest, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Label]")
	case typ == "string" && m.Length == 0:
		return failure(http.StatusBadRequest, "FIELD_INTEGRITY_EXCEPTION", "Must specify 'length' for a CustomField of type Text")
	}
	f := CustomField{
		Object: object, Name: name, Type: typ, Length: m.Length, Precision: m.Precision, Scale: m.Scale,
		Required: m.Required, ExternalID: m.ExternalID, Unique: m.Unique, Restricted: m.ValueSet.Restricted,
	}
	for _, v := range m.ValueSet.Definition.Value {
		f.Values = append(f.Values, v.FullName+v.ValueName)
	}
	if err := t.addField(f); err != nil {
		if errors.Is(err, errDuplicateField) {
			return failure(http.StatusBadRequest, "DUPLICATE_DEVELOPER_NAME", "There is already a field named "+strings.TrimSuffix(name, "__c")+" on "+object+".")
		}
		return failure(http.StatusBadRequest, "INVALID_FIELD_FOR_INSERT_UPDATE", "Entity Enumeration Or ID: bad value for restricted picklist field: "+object)
	}
	ms := t.now()
	r := &row{created: ms, modified: ms, stamp: ms, createdBy: c.user, modifiedBy: c.user}
	for k, v := range map[string]string{"DeveloperName": strings.TrimSuffix(name, "__c"), "FullName": in.FullName, "TableEnumOrId": object} {
		r.set(t.tooling.must(k), v)
	}
	t.tooling.insert(r)
	return jsonReply(http.StatusCreated, map[string]any{"id": t.tooling.id(r), "success": true, "errors": []any{}, "warnings": []any{}, "infos": []any{}})
}

// restType is what the metadata's name of a type is in the REST API.
func restType(metadata string) string {
	names := []string{
		"Text>string", "TextArea>textarea", "LongTextArea>textarea", "Checkbox>boolean", "Number>double", "Currency>currency", "Percent>percent",
		"Date>date", "DateTime>datetime", "Email>email", "Phone>phone", "Url>url", "Picklist>picklist", "MultiselectPicklist>multipicklist",
	}
	i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, metadata+">") })
	if i < 0 {
		return ""
	}
	_, rest, _ := strings.Cut(names[i], ">")
	return rest
}
