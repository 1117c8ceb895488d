package listmonk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
)

// Read returns subscribers by id.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	if object != subscribers {
		return nil, c.unsupported(object, "read")
	}
	o, err := c.object(ctx, object)
	if err != nil {
		return nil, err
	}
	var wanted []int64
	for _, id := range ids {
		if n := number(id); n > 0 {
			wanted = append(wanted, n)
		}
	}
	d := c.decoder(o, fields)
	var records []connectors.Record
	for chunk := range slices.Chunk(wanted, batchRead) {
		rows, err := c.selected(ctx, either(chunk, nil))
		if err != nil {
			return nil, err
		}
		records = append(records, d.records(rows)...)
	}
	return records, nil
}

// number reads an id; what is none is 0, which no subscriber has.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Lookup finds subscribers by e-mail address.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	if object != subscribers || key != "email" {
		return nil, c.unsupported(object, "look up by "+key)
	}
	o, err := c.object(ctx, object)
	if err != nil {
		return nil, err
	}
	rows, err := c.holding(ctx, values)
	if err != nil {
		return nil, err
	}
	d := c.decoder(o, fields)
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for j := range rows {
			if v = address(v); v != "" && address(rows[j].Email) == v {
				out[i] = append(out[i], d.record(&rows[j]))
			}
		}
	}
	return out, nil
}

// longestQuery keeps the address of a call within what web servers take.
const longestQuery = 3000

// holding reads the subscribers of these addresses, a hundred or so in a call:
// they stand in its own address.
func (c *Connector) holding(ctx context.Context, addresses []string) ([]subscriber, error) {
	var rows []subscriber
	for _, part := range fitting(addresses, longestQuery) {
		found, err := c.selected(ctx, either(nil, part))
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// fitting divides addresses, each once, so that a part is no longer than most
// when escaped.
func fitting(addresses []string, most int) [][]string {
	var parts [][]string
	seen, size := map[string]bool{"": true}, most
	for _, a := range addresses {
		if a = address(a); seen[a] {
			continue
		}
		seen[a] = true
		n := len(url.QueryEscape(a)) + 9 // quotes and a comma, escaped
		if size+n > most {
			parts, size = append(parts, nil), 0
		}
		parts[len(parts)-1], size = append(parts[len(parts)-1], a), size+n
	}
	return parts
}

// address is an address as listmonk keeps it.
func address(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
