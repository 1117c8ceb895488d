package tryton

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const (
	optOutField = "opted_out"
	leadField   = "lead_state"
)

// mechanisms are the fields that are contact mechanisms, and addressed those
// that are parts of an address.
func mechanisms() []string { return []string{"email", "phone", "mobile", "website"} }

func addressed() []string { return []string{"street", "postal_code", "city"} }

// partyPaths are asked for whatever fields are wanted: a party's version is
// made of what belongs to it.
func partyPaths() []string {
	paths := []string{"name", "code", "active", "categories.name"}
	for _, p := range []string{"type", "value", "active", "_timestamp", "write_date", "create_date"} {
		paths = append(paths, "contact_mechanisms."+p)
	}
	for _, p := range append(addressed(), "active", "_timestamp", "write_date", "create_date") {
		paths = append(paths, "addresses."+p)
	}
	return paths
}

// party is a party with what belongs to it.
type party struct {
	row  row
	have map[string]row // the first mechanism of each type, the address, and the newest lead
}

const (
	addressPart = "address"
	leadPart    = "lead"
)

func partyOf(r row) party {
	p := party{row: r, have: map[string]row{}}
	for _, m := range r.rows("contact_mechanisms") {
		if kind := text(m["type"]); p.have[kind] == nil && slices.Contains(mechanisms(), kind) && text(m["active"]) != "false" {
			p.have[kind] = m
		}
	}
	for _, a := range r.rows("addresses") {
		if p.have[addressPart] == nil && text(a["active"]) != "false" {
			p.have[addressPart] = a
		}
	}
	return p
}

func (c *Connector) partyRecords(ctx context.Context, rows []row, fields []string, d *decoder) ([]connectors.Record, error) {
	leads := map[int64]row{}
	if slices.Contains(fields, leadField) && len(rows) > 0 {
		var err error
		if leads, err = c.newestLeads(ctx, rows); err != nil {
			return nil, err
		}
	}
	out := make([]connectors.Record, 0, len(rows))
	for _, r := range rows {
		p := partyOf(r)
		if lead := leads[r.id()]; lead != nil {
			p.have[leadPart] = lead
		}
		out = append(out, c.partyRecord(p, fields, d))
	}
	return out, nil
}

// newestLeads returns the newest opportunity of each party.
func (c *Connector) newestLeads(ctx context.Context, rows []row) (map[int64]row, error) {
	leads := map[int64]row{}
	var ids []any
	for _, r := range rows {
		ids = append(ids, r.id())
	}
	for last := int64(0); ; {
		domain := []any{[]any{"id", ">", last}, []any{"party", "in", ids}}
		found, _, err := c.search(ctx, opportunities, domain, c.cfg.PageSize, []string{"party", "state", "_timestamp", "write_date", "create_date"})
		if err != nil {
			return nil, err
		}
		for _, r := range found { // by id, so the newest comes last
			leads[integer(r["party"])] = r
		}
		if len(found) < c.cfg.PageSize {
			return leads, nil
		}
		last = found[len(found)-1].id()
	}
}

func (c *Connector) partyRecord(p party, fields []string, d *decoder) connectors.Record {
	rec := base(parties, p.row)
	rec.Version, rec.Archived = p.version(), text(p.row["active"]) == "false"
	for _, part := range p.have {
		if t := part.changed(); t.After(rec.Modified) {
			rec.Modified, rec.Actor = t, record.Actor{}
		}
	}
	o := c.party()
	for _, name := range fields {
		f, ok := o.Field(name)
		if !ok {
			continue
		}
		v, err := c.partyValue(p, f)
		if err != nil {
			d.issue(rec.ID, name, err)
			continue
		}
		rec.Fields[name] = v
	}
	return rec
}

func (c *Connector) partyValue(p party, f schema.Field) (record.Value, error) {
	switch {
	case slices.Contains(mechanisms(), f.Name):
		return decode(f.Kind, p.have[f.Name]["value"])
	case slices.Contains(addressed(), f.Name):
		return decode(f.Kind, p.have[addressPart][f.Name])
	case f.Name == leadField:
		return decode(f.Kind, p.have[leadPart]["state"])
	case f.Name == "categories":
		var names []string
		for _, cat := range p.row.rows("categories") {
			names = append(names, text(cat["name"]))
		}
		return record.OfSet(names...), nil
	case f.Name == optOutField:
		return record.OfBool(slices.ContainsFunc(p.row.rows("categories"), func(cat row) bool { return text(cat["name"]) == c.cfg.OptOut })), nil
	case f.Name == "created_at":
		return decode(f.Kind, p.row["create_date"])
	}
	return decode(f.Kind, p.row[f.Name])
}

// version names the party's own timestamp and the id and timestamp of all that
// its fields stand in, so that a write needs no read before it.
func (p party) version() string {
	parts := []string{text(p.row["_timestamp"])}
	for _, kind := range append(mechanisms(), addressPart, leadPart) {
		if r := p.have[kind]; r != nil {
			parts = append(parts, kind+"="+strconv.FormatInt(r.id(), 10)+"@"+text(r["_timestamp"]))
		}
	}
	return strings.Join(parts, ";")
}

// known is what a version tells of a party: what exists, and when each part was
// last written.
type known struct {
	own   string
	id    map[string]int64
	stamp map[string]string
}

func readVersion(v string) (known, bool) {
	k := known{id: map[string]int64{}, stamp: map[string]string{}}
	own, rest, _ := strings.Cut(v, ";")
	k.own = own
	for part := range strings.SplitSeq(rest, ";") {
		kind, at, ok := strings.Cut(part, "=")
		id, stamp, ok2 := strings.Cut(at, "@")
		if ok && ok2 {
			k.id[kind], k.stamp[kind] = integer(id), stamp
		}
	}
	return k, own != ""
}
