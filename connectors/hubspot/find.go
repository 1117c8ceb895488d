package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record/schema"
)

type readBody struct {
	Inputs     []idInput `json:"inputs"`
	Properties []string  `json:"properties"`
	History    []string  `json:"propertiesWithHistory,omitempty"`
	IDProperty string    `json:"idProperty,omitempty"`
}

// batchRead returns the records of these ids, or of these values of a unique
// property, that exist. What is missing is listed as errors of a 207.
func (c *Connector) batchRead(ctx context.Context, k kind, a asked, idProperty string, ids []string) ([]row, error) {
	var answer batchAnswer
	what := call{op: "batch read " + k.name, object: k.name, repeat: true}
	what.body = readBody{inputsOf(ids), a.props, a.history, idProperty}
	_, err := c.post(ctx, what, c.path.object(k.name, "/batch/read"), &answer)
	if fault.Is(err, fault.Missing) {
		return nil, nil // none of them, as some versions put it
	}
	if err != nil {
		return nil, err
	}
	for i := range answer.Errors {
		if e := &answer.Errors[i]; e.Category != "OBJECT_NOT_FOUND" {
			return nil, c.rowFault(k.name, e)
		}
	}
	return answer.Results, nil
}

// Read returns records by id. Batch read does not know the former ids of merged
// records, so what it misses is asked for singly, which does.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	switch object {
	case "owners":
		return c.readOwners(ctx, func(o *owner) bool { return slices.Contains(ids, o.ID.s) }, fields)
	case "campaigns":
		return c.readCampaigns(ctx, ids, fields)
	}
	k, ok := kindOf(object)
	if !ok {
		return nil, c.unsupported(object, "read")
	}
	o, err := c.fieldsOf(ctx, k)
	if err != nil {
		return nil, err
	}
	a := k.ask(fields)
	var rows []row
	for chunk := range slices.Chunk(distinct(ids), batchRows) {
		found, err := c.batchRead(ctx, k, a, "", chunk)
		if err != nil {
			return nil, err
		}
		missed := slices.DeleteFunc(slices.Clone(chunk), func(id string) bool {
			return slices.ContainsFunc(found, func(r row) bool { return r.ID == id })
		})
		moved, err := c.follow(ctx, k, a, missed)
		if err != nil {
			return nil, err
		}
		rows = append(append(rows, found...), moved...)
	}
	if err := c.readLinks(ctx, object, rows, a.links); err != nil {
		return nil, err
	}
	return c.decoded(o, a, rows), nil
}

// follow asks singly for ids that a batch missed and returns their survivors.
func (c *Connector) follow(ctx context.Context, k kind, a asked, ids []string) ([]row, error) {
	var rows []row
	for _, id := range ids {
		r, err := c.readOne(ctx, k, a, id)
		if err != nil {
			return nil, err
		}
		if r != nil {
			r.former = id
			rows = append(rows, *r)
		}
	}
	return rows, nil
}

// decoded turns rows into records; here a value that cannot be read is absent.
func (*Connector) decoded(o schema.Object, a asked, rows []row) []connectors.Record {
	d := newDecoder(o, a)
	records := make([]connectors.Record, 0, len(rows))
	for i := range rows {
		rec := d.record(&rows[i])
		if was := rows[i].former; was != rec.ID {
			rec.Asked = was
		}
		records = append(records, rec)
	}
	return records
}

// readOne reads a single record, under its present id if it was merged; nil if
// there is none.
func (c *Connector) readOne(ctx context.Context, k kind, a asked, id string) (*row, error) {
	q := url.Values{"archived": {"false"}}
	if a.length() <= longestQuery {
		q.Set("properties", strings.Join(a.props, ","))
	}
	var r row
	_, err := c.get(ctx, call{op: "read one of " + k.name, object: k.name}, c.path.object(k.name, "/"+url.PathEscape(id)+"?"+q.Encode()), &r)
	f := fault.As(err)
	switch {
	case err == nil:
	case f.Class == fault.Missing, f.Status == http.StatusBadRequest && f.Class == fault.Invalid:
		return nil, nil //nolint:nilnil // no record is no error
	default:
		return nil, err
	}
	if r.ID != id && a.length() > longestQuery {
		found, err := c.batchRead(ctx, k, a, "", []string{r.ID})
		if err != nil || len(found) == 0 {
			return nil, err
		}
		return &found[0], nil
	}
	return &r, nil
}

// Lookup finds records by e-mail or another unique property, by batch read,
// which is consistent where search is not.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	if object == "owners" && key == "email" {
		return c.lookupOwners(ctx, values, fields)
	}
	k, ok := kindOf(object)
	if !ok {
		return nil, c.unsupported(object, "look up")
	}
	o, err := c.fieldsOf(ctx, k)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.Keys, key) {
		return nil, c.unsupported(object, "look up by "+key)
	}
	a := k.ask(fields)
	wide := a
	wide.props = append(slices.Clone(a.props), key)
	if key == "email" {
		wide.props = append(wide.props, "hs_additional_emails")
	}
	var rows []row
	for chunk := range slices.Chunk(distinct(values), batchRows) {
		found, err := c.batchRead(ctx, k, wide, key, chunk)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	if err := c.readLinks(ctx, object, rows, a.links); err != nil {
		return nil, err
	}
	return matched(key, values, rows, c.decoded(o, a, rows)), nil
}

// matched sorts records by the value each was looked up by.
func matched(key string, values []string, rows []row, records []connectors.Record) [][]connectors.Record {
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for j := range rows {
			if v != "" && rows[j].holds(key, v) {
				out[i] = append(out[i], records[j])
			}
		}
	}
	return out
}

// holds tells whether a row has this value of a key; HubSpot finds contacts by
// their further addresses too.
func (r *row) holds(key, value string) bool {
	value = strings.TrimSpace(value)
	if strings.EqualFold(r.value(key), value) {
		return true
	}
	return key == "email" && slices.ContainsFunc(strings.Split(r.value("hs_additional_emails"), ";"), func(s string) bool {
		return strings.EqualFold(s, value)
	})
}

// distinct drops empty and repeated values, which would spoil a batch.
func distinct(values []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, v := range values {
		v = strings.TrimSpace(v)
		if low := strings.ToLower(v); v != "" && !seen[low] {
			seen[low] = true
			out = append(out, v)
		}
	}
	return out
}
