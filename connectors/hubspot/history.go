package hubspot

import (
	"context"
	"slices"
	"strconv"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
)

// historyOf names the properties whose past is read: what stages and times of
// the funnel are made of.
func historyOf(object string) []string {
	if object == "deals" {
		return []string{"dealstage", "hubspot_owner_id"}
	}
	return []string{"lifecyclestage", "hs_lead_status", "hubspot_owner_id"}
}

// made builds a record of something that is no record in HubSpot: its fields
// are those asked for.
func made(object, id string, at int64, asked []string, all record.Fields) connectors.Record {
	rec := connectors.Record{
		Object: object, ID: id, Version: strconv.FormatInt(at, 10), Modified: moment(at), Created: moment(at),
		Fields: make(record.Fields, len(asked)),
	}
	for _, name := range asked {
		if v, ok := all[name]; ok {
			rec.Fields[name] = v
		}
	}
	return rec
}

func texts(s string) record.Value {
	if s == "" {
		return record.NullOf(record.String)
	}
	return record.OfString(s)
}

func instants(ms int64) record.Value {
	if ms == 0 {
		return record.NullOf(record.Instant)
	}
	return record.OfInstant(moment(ms))
}

// historyRecords tells each past change of a row as a record of its own.
func historyRecords(object string, r *row, properties, asked []string) []connectors.Record {
	subject := "contact"
	if object == "deal_history" {
		subject = "deal"
	}
	var records []connectors.Record
	for _, name := range properties {
		versions := r.History[name]
		for i, v := range versions { // newest first
			before := ""
			if i+1 < len(versions) {
				before = versions[i+1].Value.s
			}
			at, by := millis(v.At), v.actor()
			rec := made(object, r.ID+":"+name+":"+strconv.FormatInt(at, 10), at, asked, record.Fields{
				subject: record.Of(record.Reference, r.ID), "field": record.OfString(name), "at": instants(at),
				"from": texts(before), "to": texts(v.Value.s), "actor": texts(string(by.Kind)), "actor_id": texts(by.ID),
			})
			rec.Actor = by
			records = append(records, rec)
		}
	}
	return records
}

// dealContacts tells each contact of a deal as a record of its own.
func dealContacts(r *row, asked []string) []connectors.Record {
	var records []connectors.Record
	for _, l := range r.all["contacts"] {
		records = append(records, made("deal_contacts", r.ID+":"+l.id, millis(r.Updated), asked, record.Fields{
			"deal": record.Of(record.Reference, r.ID), "contact": record.Of(record.Reference, l.id),
			"label": texts(l.label), "primary": record.OfBool(l.id == r.links["contacts"]),
		}))
	}
	return records
}

// FieldWriters tells, for each field, who wrote it last in the hundred records
// changed most recently, most frequent first. It costs three calls.
func (c *Connector) FieldWriters(ctx context.Context, object string, fields []string) (map[string][]connectors.FieldWriter, error) {
	k, ok := kindOf(object)
	if !ok {
		return nil, c.unsupported(object, "read field writers")
	}
	var newest page
	body := searchBody{Sorts: []sortRule{{k.modified, "DESCENDING"}}, Limit: batchRows, Properties: []string{k.modified}}
	if _, err := c.searchCall(ctx, k, body, &newest); err != nil {
		return nil, err
	}
	a := k.ask(nil)
	a.history = k.ask(fields).props
	rows, err := walk{c: c, kind: k, asked: a}.fill(ctx, newest.Results)
	if err != nil {
		return nil, err
	}
	writers := map[string][]connectors.FieldWriter{}
	for _, name := range fields {
		for i := range rows {
			if versions := rows[i].History[name]; len(versions) > 0 {
				writers[name] = countWriter(writers[name], versions[0].actor())
			}
		}
		slices.SortStableFunc(writers[name], func(a, b connectors.FieldWriter) int { return b.Count - a.Count })
	}
	return writers, nil
}

func countWriter(list []connectors.FieldWriter, by record.Actor) []connectors.FieldWriter {
	for i := range list {
		if list[i].Actor == by {
			list[i].Count++
			return list
		}
	}
	return append(list, connectors.FieldWriter{Actor: by, Count: 1})
}
