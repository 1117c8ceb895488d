package tryton

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// Canonical returns fields as Tryton will hold them.
func (*Connector) Canonical(object string, f record.Fields) record.Fields {
	out := f.Clone()
	for name, v := range f {
		if v.IsPresent() && object == parties && slices.Contains(mechanisms(), name) {
			out[name] = record.Of(v.Kind(), strings.TrimSpace(v.Text()))
		}
	}
	return out
}

// partyDrafts reads what it needs first: who has a key already, and what
// belongs to parties of which no version is given.
func (w *writer) partyDrafts(ctx context.Context, ops []connectors.Op) ([]draft, error) {
	held, err := w.holders(ctx, ops)
	if err != nil {
		return nil, err
	}
	versions, err := w.versions(ctx, ops)
	if err != nil {
		return nil, err
	}
	var drafts []draft
	for _, op := range ops {
		d := draft{op: op, id: integer(op.RemoteID), values: map[string]any{}, stamps: map[string]string{}}
		if id := held[op.Key]; id != 0 && op.Kind == connectors.Create {
			w.applied(op, id, true)
			continue
		}
		v, found := versions[op.RemoteID]
		if op.Version != "" {
			v, found = op.Version, true
		}
		if op.Kind != connectors.Create && !found {
			w.reject(op, w.fault(op, fault.Missing, "", ""))
			continue
		}
		k, _ := readVersion(v)
		if err := w.fill(&d, k); err != nil {
			w.reject(op, err)
			continue
		}
		drafts = append(drafts, d)
	}
	return drafts, nil
}

// holders finds the parties that have the keys of creates already: those made
// by an attempt whose reply was lost.
func (w *writer) holders(ctx context.Context, ops []connectors.Op) (map[connectors.Key]int64, error) {
	values, held := map[string][]string{}, map[connectors.Key]int64{}
	for _, op := range ops {
		if op.Kind == connectors.Create && op.Key.Field != "" {
			values[op.Key.Field] = append(values[op.Key.Field], op.Key.Value)
		}
	}
	for field, list := range values {
		found, err := w.c.Lookup(ctx, parties, field, list, nil)
		if err != nil {
			return nil, err
		}
		for i, records := range found {
			if len(records) > 0 {
				held[connectors.Key{Field: field, Value: list[i]}] = integer(records[0].ID)
			}
		}
	}
	return held, nil
}

// versions reads the parties of updates that come without a version.
func (w *writer) versions(ctx context.Context, ops []connectors.Op) (map[string]string, error) {
	var ids []string
	for _, op := range ops {
		if op.Kind != connectors.Create && op.Version == "" {
			ids = append(ids, op.RemoteID)
		}
	}
	versions := map[string]string{}
	if len(ids) == 0 {
		return versions, nil
	}
	found, err := w.c.Read(ctx, parties, ids, []string{leadField})
	for _, r := range found {
		versions[r.ID] = r.Version
	}
	return versions, err
}

// fill lays an op's fields into a draft.
func (w *writer) fill(d *draft, k known) error {
	if k.own != "" {
		d.stamps[parties+","+strconv.FormatInt(d.id, 10)] = k.own
	}
	if d.op.Kind == connectors.Archive {
		d.values["active"] = false
		return nil
	}
	if d.op.Key.Field == "email" { // a key comes before a field
		d.op.Fields = d.op.Fields.Clone()
		d.op.Fields["email"] = record.Of(record.Email, d.op.Key.Value)
	}
	place := map[string]any{}
	for _, name := range d.op.Fields.Names() {
		if v := d.op.Fields[name]; !v.IsAbsent() {
			if err := w.fillOne(d, k, name, v, place); err != nil {
				return err
			}
		}
	}
	if id := k.id[addressPart]; len(place) > 0 && id != 0 {
		d.stamps["party.address,"+strconv.FormatInt(id, 10)] = k.stamp[addressPart]
		d.values["addresses"] = []any{[]any{"write", []int64{id}, place}}
	} else if len(place) > 0 {
		d.values["addresses"] = []any{[]any{"create", []any{place}}}
	}
	return nil
}

// fillOne lays one field into a draft, or into the address that is its place.
func (w *writer) fillOne(d *draft, k known, name string, v record.Value, place map[string]any) error {
	switch {
	case slices.Contains(mechanisms(), name):
		if way := mechanism(name, v, k, d); way != nil {
			ways, _ := d.values["contact_mechanisms"].([]any)
			d.values["contact_mechanisms"] = append(ways, way)
		}
	case slices.Contains(addressed(), name):
		place[name] = encode(v)
	case name == "name":
		d.values[name] = encode(v)
	default:
		return w.fillSpecial(d, k, name, v)
	}
	return nil
}

// mechanism is what to do with the first contact mechanism of a type.
func mechanism(kind string, v record.Value, k known, d *draft) any {
	id := k.id[kind]
	if id != 0 {
		d.stamps["party.contact_mechanism,"+strconv.FormatInt(id, 10)] = k.stamp[kind]
	}
	switch {
	case id != 0 && v.IsPresent():
		return []any{"write", []int64{id}, map[string]any{"value": v.Text()}}
	case id != 0:
		return []any{"delete", []int64{id}}
	case v.IsPresent():
		return []any{"create", []any{map[string]any{"type": kind, "value": v.Text()}}}
	}
	return nil
}

func (w *writer) fillSpecial(d *draft, k known, name string, v record.Value) error {
	yes, _ := v.Bool()
	switch {
	case name == optOutField && !yes:
		if d.op.Kind == connectors.Create || v.IsNull() {
			return nil
		}
		return w.fault(d.op, fault.Invalid, name, "an opt-out is lifted only by a person, in Tryton")
	case name == optOutField:
		w.c.mu.Lock()
		category := w.c.category
		w.c.mu.Unlock()
		if category == 0 {
			f := w.fault(d.op, fault.Invalid, name, "there is no party category of the name that opt_out_category gives")
			f.Next = "make the category in Tryton: Party, Configuration, Categories"
			return f
		}
		d.values["categories"] = []any{[]any{"add", []int64{category}}}
		return nil
	case name == leadField && v.Text() == "lead" && k.id[leadPart] == 0:
		d.lead = true
		return nil
	case name == leadField && v.IsNull() && k.id[leadPart] == 0:
		return nil
	case name == leadField:
		return w.fault(d.op, fault.Invalid, name, "only a first lead can be made with its party: a step of a sale is the state of its opportunity, "+opportunities)
	}
	return w.fault(d.op, fault.Invalid, name, "the field cannot be written")
}
