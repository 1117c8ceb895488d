package odoo

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// decoder turns rows of one kind into records of the fields asked for.
type decoder struct {
	kind   kind
	object schema.Object
	lists  lists
	asked  []string
	names  []string // what Odoo is asked for
	us     string   // the user that our own writes carry
	issues []connectors.Issue
}

func (c *Connector) decoder(ctx context.Context, k kind, asked []string) (*decoder, error) {
	o, l, err := c.object(ctx, k.name)
	if err != nil {
		return nil, err
	}
	uid, err := c.user(ctx)
	d := &decoder{kind: k, object: o, lists: l, asked: asked, us: itoa(uid)}
	d.names = d.fields()
	return d, err
}

// fields are what Odoo is to be asked for.
func (d *decoder) fields() []string {
	names := []string{"write_date", "create_date", "write_uid"}
	add := func(name string) {
		if _, ok := d.object.Field(name); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add("active")
	if d.kind.name == leads {
		add("probability")
	}
	for _, name := range d.asked {
		base := strings.TrimSuffix(name, nameSuffix)
		switch {
		case name == optOutField:
			add("is_blacklisted")
		case name == statusField:
			add("type")
			add("stage_id")
		case d.kind.aboutModel != "" && aboutModelOf(name) != "":
			names = append(names, d.kind.aboutModel, d.kind.aboutID)
		default:
			add(base)
		}
	}
	return names
}

func (d *decoder) page(rows []row) connectors.Page {
	p := connectors.Page{Records: make([]connectors.Record, len(rows))}
	for i, r := range rows {
		p.Records[i] = d.record(r)
	}
	p.Issues, d.issues = d.issues, nil
	return p
}

func (d *decoder) record(r row) connectors.Record {
	rec := connectors.Record{
		Object: d.object.Name, ID: itoa(r.id()), Version: r.version(d.names), Modified: r.time("write_date"), Created: r.time("create_date"),
		Fields: make(record.Fields, len(d.asked)), Archived: r.archived(d.kind),
	}
	if uid, _ := r.pair("write_uid"); uid != 0 {
		rec.Actor = record.Actor{Kind: record.ActorUser, ID: itoa(uid)}
		if rec.Actor.ID == d.us {
			rec.Actor.Kind = record.ActorTandem
		}
	}
	for _, name := range d.asked {
		f, ok := d.object.Field(name)
		if !ok { // one that this Odoo does not have is absent
			continue
		}
		v, err := d.value(r, f)
		if err != nil {
			d.issues = append(d.issues, connectors.Issue{Object: rec.Object, Ref: rec.ID, Field: name, Err: &fault.Error{
				Class: fault.Malformed, Scope: fault.ScopeField, Object: rec.Object, Op: "read " + rec.Object, Field: name, Err: err,
			}})
			continue
		}
		if !v.IsAbsent() {
			rec.Fields[name] = v
		}
	}
	return rec
}

// archived tells what people put away. A lost lead is not that, though Odoo
// archives it.
func (r row) archived(k kind) bool {
	return string(r["active"]) == "false" && (k.name != leads || r.float("probability") != 0)
}

// version changes with what was read: write_date is printed in whole seconds,
// and the blacklist and computed fields do not move it.
func (r row) version(names []string) string {
	h := fnv.New64a()
	for _, name := range names {
		_, _ = h.Write([]byte(name + "\x00" + string(r[name]) + "\x00")) // never fails
	}
	return strconv.FormatInt(r.time("write_date").Unix(), 36) + "-" + strconv.FormatUint(h.Sum64(), 36)
}

// status is how far the sale of a lead is.
func (d *decoder) status(r row) string {
	stage, _ := r.pair("stage_id")
	switch chance := r.float("probability"); {
	case chance >= 100 && (stage == 0 || d.lists.final(stage)):
		return won
	case chance == 0 && !r.yes("active"):
		return lost
	}
	return r.text("type")
}

var errShape = errors.New("the value has another shape than its field")

func (d *decoder) value(r row, f schema.Field) (record.Value, error) {
	switch {
	case f.Name == optOutField:
		return record.OfBool(r.yes("is_blacklisted")), nil
	case f.Name == statusField:
		return record.Of(record.Enum, d.status(r)), nil
	case d.kind.aboutModel != "" && aboutModelOf(f.Name) != "":
		if id := r.number(d.kind.aboutID); id != 0 && r.text(d.kind.aboutModel) == aboutModelOf(f.Name) {
			return record.Of(record.Reference, itoa(id)), nil
		}
		return record.NullOf(record.Reference), nil
	case strings.HasSuffix(f.Name, nameSuffix):
		_, name := r.pair(strings.TrimSuffix(f.Name, nameSuffix))
		if name == "" {
			return record.NullOf(record.String), nil
		}
		return record.OfString(name), nil
	}
	raw, sent := r[f.Name]
	switch {
	case !sent:
		return record.Value{}, nil
	case f.Kind == record.Boolean:
		return record.OfBool(r.yes(f.Name)), nil
	case r.empty(f.Name):
		return record.NullOf(f.Kind), nil
	}
	return d.present(r, f, raw)
}

func (d *decoder) present(r row, f schema.Field, raw json.RawMessage) (record.Value, error) {
	id, _ := r.pair(f.Name)
	switch {
	case f.Kind == record.Integer, f.Kind == record.Decimal:
		return record.Parse(f.Kind, string(raw))
	case f.Kind == record.Set:
		return members(raw)
	case f.Kind == record.Country && id != 0:
		return record.Of(record.Country, d.lists.codes[id]), nil
	case f.Kind == record.Reference && id != 0, f.Kind == record.Enum && id != 0 && raw[0] == '[':
		return record.Of(f.Kind, itoa(id)), nil
	case f.Kind == record.Reference, f.Kind == record.Country:
		return record.Value{}, errShape
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return record.Value{}, errShape
	}
	switch f.Kind {
	case record.Instant:
		if r.time(f.Name).IsZero() {
			return record.Value{}, errShape
		}
		return record.OfInstant(r.time(f.Name)), nil
	case record.Date:
		return record.Parse(record.Date, text)
	case record.Text:
		if d.lists.html[d.kind.of()+"."+f.Name] {
			text = plain(text)
		}
		return textOf(text), nil
	default:
	}
	return record.Of(f.Kind, text), nil
}

// members are the ids that a many2many holds.
func members(raw json.RawMessage) (record.Value, error) {
	var ids []int64
	if json.Unmarshal(raw, &ids) != nil {
		return record.Value{}, errShape
	}
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = itoa(id)
	}
	return record.OfSet(words...), nil
}
