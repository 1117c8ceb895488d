package salesforce

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// maxHops is how many merges in a row are followed to the survivor.
const maxHops = 5

// Read returns records by id, straight from the database. A merged record
// yields its survivor, a converted lead its contact.
func (c *Connector) Read(ctx context.Context, name string, ids, fields []string) ([]connectors.Record, error) {
	var out []connectors.Record
	err := c.fresh(name, func() (err error) {
		out, err = c.read(ctx, name, ids, fields)
		return err
	})
	return out, err
}

func (c *Connector) read(ctx context.Context, name string, ids, fields []string) ([]connectors.Record, error) {
	r, err := c.reader(ctx, name, fields)
	if err != nil {
		return nil, err
	}
	if !r.describe.Queryable {
		return nil, fault.ErrUnsupported(c.name, name, "read by id")
	}
	wanted := make(map[string][]string, len(ids)) // what was asked for, by the id to read
	for _, id := range ids {
		if isID(id) {
			wanted[longID(id)] = append(wanted[longID(id)], id)
		}
	}
	var out []connectors.Record
	for hop := 0; len(wanted) > 0 && hop <= maxHops; hop++ {
		found, moved, err := c.readOnce(ctx, r, wanted)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		if wanted = moved.merged; len(moved.converted) > 0 {
			contacts, err := c.converted(ctx, moved.converted, fields)
			if err != nil {
				return nil, err
			}
			out = append(out, contacts...)
		}
	}
	return out, nil
}

// elsewhere holds what was asked for, by the id it lives on under.
type elsewhere struct{ merged, converted map[string][]string }

func (c *Connector) readOnce(ctx context.Context, r *reader, wanted map[string][]string) ([]connectors.Record, elsewhere, error) {
	var page connectors.Page
	missing, err := c.readLive(ctx, r, sortedKeys(wanted), &page)
	if err != nil {
		return nil, elsewhere{}, err
	}
	if r.describe.has(fieldMaster) {
		buried, err := c.tombstones(ctx, r, missing)
		if err != nil {
			return nil, elsewhere{}, err
		}
		for _, row := range buried {
			r.into(&page, row)
		}
	}
	moved := elsewhere{map[string][]string{}, map[string][]string{}}
	for _, g := range page.Gone {
		switch {
		case g.Kind == connectors.GoneMerged:
			moved.merged[g.IntoID] = append(moved.merged[g.IntoID], wanted[g.ID]...)
		case g.Kind == connectors.GoneConverted && isID(g.IntoID):
			moved.converted[g.IntoID] = append(moved.converted[g.IntoID], wanted[g.ID]...)
		}
	}
	return asked(page.Records, wanted), moved, nil
}

// readLive adds the records that are there to the page and returns the ids of
// those that are not.
func (c *Connector) readLive(ctx context.Context, r *reader, ids []string, page *connectors.Page) (missing []string, err error) {
	columns := fieldChunks(r.columns(), fieldsInSelect)
	for chunk := range slices.Chunk(ids, batchRead) {
		rows, err := c.api.retrieve(ctx, r.object.name, chunk, columns[0])
		if err != nil {
			return nil, err
		}
		live := make([]jsonRow, 0, len(rows))
		for i, row := range rows {
			if row == nil {
				missing = append(missing, chunk[i])
				continue
			}
			live = append(live, row)
		}
		t := &pass{c: c, r: r, rest: columns[1:]}
		if err := t.widen(ctx, live); err != nil {
			return nil, err
		}
		for _, row := range live {
			r.into(page, row)
		}
	}
	return missing, nil
}

// asked gives each record the ids it was asked for by, one copy for each.
func asked(records []connectors.Record, wanted map[string][]string) []connectors.Record {
	var out []connectors.Record
	for _, rec := range records {
		for _, id := range wanted[rec.ID] {
			one := rec
			if id != rec.ID {
				one.Asked = id
				one.Fields = rec.Fields.Clone()
			}
			out = append(out, one)
		}
	}
	return out
}

// converted reads the contacts that leads became, with those of the fields
// that contacts have too.
func (c *Connector) converted(ctx context.Context, into map[string][]string, fields []string) ([]connectors.Record, error) {
	s, err := c.meta.describe(ctx, contact, 0)
	if err != nil {
		return nil, err
	}
	both := slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return !s.has(f) })
	records, err := c.Read(ctx, contact, sortedKeys(into), both)
	if err != nil {
		return nil, err
	}
	var out []connectors.Record
	for _, rec := range records {
		from := into[rec.ID]
		if rec.Asked != "" {
			from = into[longID(rec.Asked)]
		}
		for _, id := range from {
			one := rec
			one.Asked, one.Fields = id, rec.Fields.Clone()
			out = append(out, one)
		}
	}
	return out, nil
}

// tombstones reads what is left of records that are not live.
func (c *Connector) tombstones(ctx context.Context, r *reader, ids []string) ([]jsonRow, error) {
	var rows []jsonRow
	bare := &reader{object: r.object, describe: r.describe}
	columns := bare.columns()
	for _, chunk := range inChunks(ids, len(strings.Join(columns, "%2C+")), pageSize) {
		more, err := c.api.all(ctx, allQuery, selection{object: r.object.name, fields: columns, where: []string{in(fieldID, chunk)}})
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// Lookup returns the records that hold each value of a unique key or of the
// e-mail address, straight from the database. Converted leads are left out:
// they live on as contacts and cannot be written.
func (c *Connector) Lookup(ctx context.Context, name, key string, values, fields []string) ([][]connectors.Record, error) {
	var out [][]connectors.Record
	err := c.fresh(name, func() (err error) {
		out, err = c.lookup(ctx, name, key, values, fields)
		return err
	})
	return out, err
}

func (c *Connector) lookup(ctx context.Context, name, key string, values, fields []string) ([][]connectors.Record, error) {
	r, err := c.reader(ctx, name, append(slices.Clone(fields), key))
	if err != nil {
		return nil, err
	}
	if f := r.describe.byName[key]; f == nil || !f.lookup() {
		return nil, fault.ErrUnsupported(c.name, name, "look up by "+key)
	}
	columns := fieldChunks(r.columns(), fieldsInSelect)
	r.asked = fields
	byValue := map[string][]connectors.Record{}
	for _, chunk := range inChunks(distinct(values), len(strings.Join(columns[0], "%2C+")), batchWrite) {
		rows, err := c.holders(ctx, r, in(key, chunk), columns)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			var page connectors.Page
			r.into(&page, row)
			v := fold(value(row, key))
			byValue[v] = append(byValue[v], page.Records...)
		}
	}
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for _, rec := range byValue[fold(v)] {
			rec.Fields = rec.Fields.Clone()
			out[i] = append(out[i], rec)
		}
	}
	return out, nil
}

func (c *Connector) holders(ctx context.Context, r *reader, where string, columns [][]string) ([]jsonRow, error) {
	s := selection{object: r.object.name, fields: columns[0], where: []string{where}, order: fieldID}
	if r.object.name == lead && r.describe.has(fieldConverted) {
		s.where = append(s.where, fieldConverted+" = false")
	}
	if r.object.filter != "" {
		s.where = append(s.where, r.object.filter)
	}
	rows, err := c.api.all(ctx, plainQuery, s)
	if err != nil {
		return nil, err
	}
	t := &pass{c: c, r: r, rest: columns[1:]}
	return rows, t.widen(ctx, rows)
}

// fold is how Salesforce compares texts: whatever their case.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func distinct(values []string) []string {
	seen := make(map[string]bool, len(values))
	var out []string
	for _, v := range values {
		if f := fold(v); f != "" && !seen[f] {
			seen[f] = true
			out = append(out, v)
		}
	}
	return out
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
