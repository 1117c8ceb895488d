package mautic

import (
	"context"
	"net/http"
	"time"

	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// newField is a field to be made. Mautic's misspelling is its own.
type newField struct {
	Label      string         `json:"label"`
	Alias      string         `json:"alias"`
	Type       string         `json:"type"`
	Unique     bool           `json:"isUniqueIdentifer"`
	Properties map[string]any `json:"properties,omitempty"`
}

// CreateFields makes those of the fields that do not exist, one call each.
func (c *Connector) CreateFields(ctx context.Context, object string, fields []schema.Field) error {
	k, ok := kindOf(object)
	if !ok {
		return c.unsupported(object, "create fields")
	}
	o, err := c.describe(ctx, k)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if _, exists := o.Field(f.Name); exists {
			continue
		}
		_, err := c.http.Do(ctx, httpapi.Request{
			Method: http.MethodPost, Path: "/api/fields/" + k.one + "/new", Body: newFieldOf(f), Op: "create field", Object: object,
		})
		if err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asOf = time.Time{} // described anew when next asked
	c.catalog = schema.Catalog{}
	return nil
}

func newFieldOf(f schema.Field) newField {
	n := newField{Label: f.Label, Alias: f.Name, Type: "text", Unique: f.Unique}
	if n.Label == "" {
		n.Label = f.Name
	}
	switch f.Kind {
	case record.Text:
		n.Type = "textarea"
	case record.Integer:
		n.Type = "number"
	case record.Decimal:
		n.Type, n.Properties = "number", map[string]any{"scale": 2}
	case record.Boolean:
		n.Type, n.Properties = "boolean", map[string]any{"yes": "Yes", "no": "No"}
	case record.Date:
		n.Type = "date"
	case record.Instant:
		n.Type = "datetime"
	case record.Enum, record.Set:
		var list []map[string]string
		for _, o := range f.Options {
			list = append(list, map[string]string{"label": o.Label, "value": o.Value})
		}
		if len(list) > 0 { // a list without entries is refused
			n.Type, n.Properties = "select", map[string]any{"list": list}
			if f.Kind == record.Set {
				n.Type = "multiselect"
			}
		}
	default: // text
	}
	return n
}
