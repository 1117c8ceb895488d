package salesforce

import (
	"context"
	"net/http"
	"strings"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// CreateFields makes custom fields through the Tooling API. A new field is
// visible to nobody; it is opened to the configured permission set.
func (c *Connector) CreateFields(ctx context.Context, name string, fields []schema.Field) error {
	if _, ok := objectNamed(name); !ok {
		return fault.ErrUnsupported(c.name, name, "create fields")
	}
	s, err := c.meta.describe(ctx, name, freshFor)
	if err != nil {
		return err
	}
	var made []string
	for _, f := range fields {
		if s.has(f.Name) {
			continue
		}
		if err := c.createField(ctx, name, f); err != nil {
			return err
		}
		made = append(made, f.Name)
	}
	if len(made) == 0 {
		return nil
	}
	c.meta.forget(name)
	if c.cfg.PermissionSet == "" {
		return c.checkVisible(ctx, name, made)
	}
	if err := c.grant(ctx, name, made); err != nil {
		return c.byHand(name, made, err)
	}
	return nil
}

func (c *Connector) createField(ctx context.Context, object string, f schema.Field) error {
	meta, ok := fieldMetadata(f)
	if !ok || !strings.HasSuffix(f.Name, "__c") {
		return c.byHand(object, []string{f.Name}, fault.ErrUnsupported(c.name, object, "create a field of kind "+f.Kind.String()))
	}
	_, err := c.client.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: c.api.path("tooling", "sobjects", "CustomField"), Op: "create field", Object: object,
		Body: map[string]any{"FullName": object + "." + f.Name, "Metadata": meta},
	})
	switch {
	case err == nil, fault.As(err).Code == "DUPLICATE_DEVELOPER_NAME":
		return nil
	case hidden(err):
		return c.byHand(object, []string{f.Name}, err)
	}
	return err
}

const (
	textLength = 255
	longText   = 32_000
)

// fieldMetadata is a field in the words of the Metadata API.
func fieldMetadata(f schema.Field) (map[string]any, bool) {
	m := map[string]any{"label": f.Label}
	if f.Label == "" {
		m["label"] = strings.ReplaceAll(strings.TrimSuffix(f.Name, "__c"), "_", " ")
	}
	switch f.Kind {
	case record.String, record.Reference, record.Country, record.Enum:
		m["type"], m["length"] = "Text", textLength
		if f.MaxLen > 0 && f.MaxLen < textLength {
			m["length"] = f.MaxLen
		}
		if f.Unique {
			m["unique"], m["externalId"] = true, true
		}
	case record.Text, record.Set:
		m["type"], m["length"], m["visibleLines"] = "LongTextArea", longText, 3
	case record.Integer:
		m["type"], m["precision"], m["scale"] = "Number", 18, 0
	case record.Decimal, record.Money:
		m["type"], m["precision"], m["scale"] = "Number", 16, 2
	case record.Boolean:
		m["type"], m["defaultValue"] = "Checkbox", "false"
	case record.Date:
		m["type"] = "Date"
	case record.Instant:
		m["type"] = "DateTime"
	case record.Email:
		m["type"] = "Email"
	case record.Phone:
		m["type"] = "Phone"
	case record.URL:
		m["type"] = "Url"
	default:
		return nil, false
	}
	return m, true
}

// grant opens fields to the permission set.
func (c *Connector) grant(ctx context.Context, object string, fields []string) error {
	sets, err := c.api.all(ctx, plainQuery, selection{
		object: "PermissionSet", fields: []string{fieldID}, where: []string{"Name = " + quote(c.cfg.PermissionSet)}, limit: 1,
	})
	if err != nil {
		return err
	}
	if len(sets) == 0 {
		return fault.New(fault.Missing, fault.ScopeObject, "there is no permission set of the name configured")
	}
	records := make([]map[string]any, 0, len(fields))
	for _, f := range fields {
		records = append(records, map[string]any{
			"attributes": map[string]string{"type": "FieldPermissions"}, "ParentId": value(sets[0], fieldID), "SobjectType": object,
			"Field": object + "." + f, "PermissionsRead": true, "PermissionsEdit": true,
		})
	}
	var rows []rowResult
	_, err = c.client.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: c.api.path("composite", "sobjects"), Op: "open fields", Object: object,
		Body: map[string]any{"allOrNone": false, "records": records}, Into: &rows,
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !r.Success && len(r.Errors) > 0 {
			return faultOf(r.Errors[0])
		}
	}
	return nil
}

func (c *Connector) checkVisible(ctx context.Context, object string, fields []string) error {
	s, err := c.meta.describe(ctx, object, freshFor)
	if err != nil {
		return err
	}
	var hiddenFields []string
	for _, f := range fields {
		if !s.has(f) {
			hiddenFields = append(hiddenFields, f)
		}
	}
	if len(hiddenFields) == 0 {
		return nil
	}
	return c.byHand(object, hiddenFields, fault.New(fault.Permission, fault.ScopeObject, "the new fields are not visible to the integration user"))
}

// byHand tells what a person has to do instead.
func (c *Connector) byHand(object string, fields []string, cause error) error {
	f := fault.New(fault.Unsupported, fault.ScopeObject, "%w", cause)
	f.System, f.Object, f.Op = c.name, object, "create fields"
	f.Next = "in Salesforce: Setup > Object Manager > " + object + " > Fields & Relationships: make " + strings.Join(fields, ", ") +
		" (" + fieldTandemID + ": Text 64, unique, external id); then give the integration user's permission set read and edit access to them"
	return f
}
