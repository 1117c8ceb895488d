package odoo

import (
	"context"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

var _ connectors.FieldCreator = (*Connector)(nil)

// CreateFields makes those of the fields that do not exist. Odoo lets only
// administrators do so, and wants an x_ before the names.
func (c *Connector) CreateFields(ctx context.Context, object string, fields []schema.Field) error {
	k, ok := kindOf(object)
	if !ok || !k.writable {
		return c.unsupported(object, "create fields")
	}
	o, _, err := c.object(ctx, object)
	if err != nil {
		return err
	}
	var made []map[string]any
	for _, f := range fields {
		if _, exists := o.Field(f.Name); exists {
			continue
		}
		if !strings.HasPrefix(f.Name, "x_") {
			return &fault.Error{
				Class: fault.Invalid, Scope: fault.ScopeField, System: c.name, Object: object, Op: "create field", Field: f.Name,
				Next: "give the field a name that begins with x_",
			}
		}
		label := f.Label
		if label == "" {
			label = f.Name
		}
		made = append(made, map[string]any{"name": f.Name, "field_description": label, "ttype": typeOf(f.Kind), "state": "manual"})
	}
	if len(made) == 0 {
		return nil
	}
	models, err := c.search(ctx, "ir.model", query{object: object, domain: domain{{"model", "=", k.of()}}, fields: []string{"model"}})
	if err != nil || len(models) == 0 {
		return err
	}
	for _, m := range made {
		m["model_id"] = models[0].id()
	}
	_, err = c.do(ctx, call{model: "ir.model.fields", method: "create", args: map[string]any{"vals_list": made}, op: "create field", object: object}, nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog, c.asOf = schema.Catalog{}, time.Time{} // described anew when next asked
	return err
}

func typeOf(k record.Kind) string {
	switch k {
	case record.Text:
		return "text"
	case record.Integer:
		return "integer"
	case record.Decimal:
		return "float"
	case record.Boolean:
		return "boolean"
	case record.Date:
		return "date"
	case record.Instant:
		return "datetime"
	default:
		return "char"
	}
}
