package acme

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
)

// Read returns contacts by id.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	if object != contacts {
		return nil, c.unsupported(object, "read")
	}
	var records []connectors.Record
	for chunk := range slices.Chunk(ids, pageSize) {
		rows, _, err := c.list(ctx, url.Values{"ids": {strings.Join(chunk, ",")}})
		if err != nil {
			return nil, err
		}
		for _, r := range rows.Contacts {
			rec, _ := r.record(fields)
			records = append(records, rec)
		}
	}
	return records, nil
}

// Lookup finds contacts by e-mail address.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	if object != contacts || key != "email" {
		return nil, c.unsupported(object, "look up by "+key)
	}
	out := make([][]connectors.Record, len(values))
	for from := 0; from < len(values); from += pageSize {
		chunk := values[from:min(from+pageSize, len(values))]
		rows, _, err := c.list(ctx, url.Values{"email": chunk})
		if err != nil {
			return nil, err
		}
		for i, value := range chunk {
			for _, r := range rows.Contacts {
				if r.Email != nil && strings.EqualFold(*r.Email, value) {
					rec, _ := r.record(fields)
					out[from+i] = append(out[from+i], rec)
				}
			}
		}
	}
	return out, nil
}
