package odoo

import (
	"context"
	"maps"
	"slices"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// traces are what became of each mail of a mailing: one row, which holds when
// it was sent, opened, clicked and replied to.
func (c Config) traces() schema.Object {
	o := schema.Object{
		Name: traces, Label: "What became of mailings", As: record.Touch, Lag: c.Overlap,
		Caps: schema.Capabilities{Changes: true},
		Fields: []schema.Field{
			{Name: "kind", Label: "Kind", Kind: record.Enum, ReadOnly: true},
			{Name: "at", Label: "When", Kind: record.Instant, ReadOnly: true},
			{Name: "mailing", Label: "Mailing", Kind: record.Reference, RefersTo: "mailing.mailing", ReadOnly: true},
			{Name: "mailing" + nameSuffix, Label: "Mailing: name", Kind: record.String, ReadOnly: true},
			{Name: "campaign", Label: "Campaign", Kind: record.Reference, RefersTo: "utm.campaign", ReadOnly: true},
		},
	}
	for _, k := range []string{"send", "open", "click", "reply", "bounce"} {
		o.Fields[0].Options = append(o.Fields[0].Options, schema.Option{Value: k, Label: k})
	}
	o.Fields = append(o.Fields, aboutFields()...)
	return o
}

// traceChanges reads what was sent, opened and so on since the cursor.
func (c *Connector) traceChanges(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if _, _, err := c.object(ctx, traces); err != nil {
		return connectors.Page{}, err
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	where := domain{}
	if cur.Mode == modeChanged {
		where = where.and(cur.since())
	}
	rows, more, err := c.walk(ctx, kind{name: traces}, where, []string{
		"model", "res_id", "mass_mailing_id", "campaign_id", "trace_status", "sent_datetime", "open_datetime", "links_click_datetime", "reply_datetime",
		"create_date", "write_date",
	}, &cur)
	if err != nil {
		return connectors.Page{}, err
	}
	var p connectors.Page
	for _, r := range rows {
		p.Records = append(p.Records, r.touches(q.Fields)...)
	}
	if more {
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// touches are the events that a trace holds.
func (r row) touches(asked []string) []connectors.Record {
	var out []connectors.Record
	add := func(kind, moment string) {
		at := r.time(moment)
		if at.IsZero() {
			return
		}
		rec := connectors.Record{
			Object: traces, ID: itoa(r.id()) + "-" + kind, Version: kind + printed(at), Modified: at, Created: r.time("create_date"), Fields: r.touch(kind),
		}
		rec.Fields["at"] = record.OfInstant(at)
		maps.DeleteFunc(rec.Fields, func(name string, _ record.Value) bool { return !slices.Contains(asked, name) })
		out = append(out, rec)
	}
	add("send", "sent_datetime")
	add("open", "open_datetime")
	add("click", "links_click_datetime")
	add("reply", "reply_datetime")
	if r.text("trace_status") == "bounce" { // the moment is that of the last write
		add("bounce", "write_date")
	}
	return out
}

func (r row) touch(kind string) record.Fields {
	f := record.Fields{"kind": record.Of(record.Enum, kind)}
	refer := func(field string, id int64) {
		f[field] = record.NullOf(record.Reference)
		if id != 0 {
			f[field] = record.Of(record.Reference, itoa(id))
		}
	}
	mailing, name := r.pair("mass_mailing_id")
	campaign, _ := r.pair("campaign_id")
	refer("mailing", mailing)
	refer("campaign", campaign)
	f["mailing"+nameSuffix] = record.OfString(name)
	for _, about := range aboutFields() {
		refer(about.Name, 0)
		if r.text("model") == aboutModelOf(about.Name) {
			refer(about.Name, r.number("res_id"))
		}
	}
	return f
}
