package hubspot

import (
	"context"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const group = "tandem"

// CreateFields makes properties that do not exist yet, in a group of Tandem's
// own so that people see whose they are.
func (c *Connector) CreateFields(ctx context.Context, object string, fields []schema.Field) error {
	k, ok := kindOf(object)
	if !ok {
		return c.unsupported(object, "create fields")
	}
	o, err := c.describe(ctx, k)
	if err != nil {
		return err
	}
	var body struct {
		Inputs []property `json:"inputs"`
	}
	for _, f := range fields {
		if _, exists := o.Field(f.Name); !exists {
			body.Inputs = append(body.Inputs, propertyOf(f))
		}
	}
	if len(body.Inputs) == 0 {
		return nil
	}
	what := call{op: "create property group", object: object, body: map[string]string{"name": group, "label": "Tandem"}}
	if _, err := c.post(ctx, what, c.path.crm("properties", "/"+object+"/groups"), nil); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	var answer batchAnswer
	what = call{op: "create properties", object: object, body: body}
	if _, err := c.post(ctx, what, c.path.crm("properties", "/"+object+"/batch/create"), &answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		return c.rowFault(object, &answer.Errors[0])
	}
	c.mu.Lock()
	c.asOf = c.asOf.Add(-2 * describeFor)
	delete(c.schemas, object)
	c.mu.Unlock()
	return nil
}

func propertyOf(f schema.Field) property {
	p := property{Name: f.Name, Label: f.Label, Group: group, Unique: f.Unique, Type: "string", FieldType: "text"}
	if p.Label == "" {
		p.Label = f.Name
	}
	switch f.Kind {
	case record.Text:
		p.FieldType = "textarea"
	case record.Integer, record.Decimal:
		p.Type, p.FieldType = "number", "number"
	case record.Boolean:
		p.Type, p.FieldType = "enumeration", "booleancheckbox"
		p.Options = []propertyOption{{Label: "Yes", Value: "true"}, {Label: "No", Value: "false", Order: 1}}
	case record.Date:
		p.Type, p.FieldType = "date", "date"
	case record.Instant:
		p.Type, p.FieldType = "datetime", "date"
	case record.Enum:
		p.Type, p.FieldType = "enumeration", "select"
	case record.Set:
		p.Type, p.FieldType = "enumeration", "checkbox"
	default: // text
	}
	if p.Type == "enumeration" && f.Kind != record.Boolean {
		for i, o := range f.Options {
			p.Options = append(p.Options, propertyOption{Label: o.Label, Value: o.Value, Order: i})
		}
		if len(f.Options) == 0 { // HubSpot refuses a list without entries
			p.Type, p.FieldType = "string", "text"
		}
	}
	return p
}
