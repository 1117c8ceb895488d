package odoo

import (
	"context"
	"slices"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Read returns the records of these ids, archived ones included.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	k, ok := kindOf(object)
	if !ok {
		return nil, c.unsupported(object, "read by id")
	}
	d, err := c.decoder(ctx, k, fields)
	if err != nil {
		return nil, err
	}
	rows, err := c.search(ctx, k.of(), query{
		object: k.name, domain: k.only.and(term{"id", "in", numbers(ids)}), fields: d.names, order: "id asc",
	})
	if err != nil {
		return nil, err
	}
	return c.known(d, rows)
}

// Lookup finds records by their address or by a field that people keep other
// systems' ids in. Addresses are compared as Odoo itself does.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	k, ok := kindOf(object)
	if !ok {
		return nil, c.unsupported(object, "look up")
	}
	d, err := c.decoder(ctx, k, fields)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(d.object.Keys, key) {
		return nil, c.unsupported(object, "look up by "+key)
	}
	rows, err := c.holding(ctx, d, key, values)
	if err != nil {
		return nil, err
	}
	out := make([][]connectors.Record, len(values))
	for i, value := range values {
		for _, r := range rows {
			if compared(k, key, r.text(stored(d, key))) == compared(k, key, value) && value != "" {
				out[i] = append(out[i], d.record(r))
			}
		}
	}
	return out, nil
}

// lookupRows is how many values are looked up in one call.
const lookupRows = 500

// holding returns the rows with any of these values in a key.
func (c *Connector) holding(ctx context.Context, d *decoder, key string, values []string) ([]row, error) {
	wanted := make([]string, 0, len(values))
	for _, v := range values {
		if v = compared(d.kind, key, v); v != "" && !slices.Contains(wanted, v) {
			wanted = append(wanted, v)
		}
	}
	var rows []row
	for chunk := range slices.Chunk(wanted, lookupRows) {
		found, err := c.search(ctx, d.kind.of(), query{
			object: d.kind.name, domain: d.kind.only.and(term{stored(d, key), "in", chunk}), fields: append(slices.Clip(d.names), stored(d, key)), order: "id asc",
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// stored is the field of Odoo's that a key is compared in.
func stored(d *decoder, key string) string {
	if key == d.kind.email {
		return "email_normalized"
	}
	return key
}

func compared(k kind, key, value string) string {
	if key == k.email {
		return normalized(value)
	}
	return value
}

// known decodes rows of which no field may be in doubt.
func (*Connector) known(d *decoder, rows []row) ([]connectors.Record, error) {
	p := d.page(rows)
	if len(p.Issues) > 0 {
		return p.Records, fault.As(p.Issues[0].Err)
	}
	return p.Records, nil
}
