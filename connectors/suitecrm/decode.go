package suitecrm

import (
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

// decoder turns rows of one object into records of the fields asked for.
type decoder struct {
	object schema.Object
	fields []schema.Field
	issues []connectors.Issue
}

func newDecoder(o schema.Object, asked []string) *decoder {
	d := &decoder{object: o}
	for _, name := range asked {
		if f, ok := o.Field(name); ok { // one that SuiteCRM does not have is absent
			d.fields = append(d.fields, f)
		}
	}
	return d
}

// attrs are the attributes to ask for. One that a module lacks fails the call.
func (d *decoder) attrs() []string {
	list := []string{modified}
	for _, name := range []string{"date_entered", "modified_user_id"} {
		if _, ok := d.object.Field(name); ok {
			list = append(list, name)
		}
	}
	for _, f := range d.fields {
		if prefix, _, isLink := linkOf(f.Name); isLink {
			list = append(list, prefix+"_type", prefix+"_id")
			continue
		}
		list = append(list, f.Name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (d *decoder) records(rows []row) []connectors.Record {
	out := make([]connectors.Record, len(rows))
	for i := range rows {
		out[i] = d.record(&rows[i])
	}
	return out
}

func (d *decoder) record(r *row) connectors.Record {
	rec := connectors.Record{
		Object: d.object.Name, ID: r.ID, Modified: instant(r.text(modified)), Created: instant(r.text("date_entered")),
		Version: d.version(r), Fields: make(record.Fields, len(d.fields)),
	}
	if by := r.text("modified_user_id"); by != "" {
		rec.Actor = record.Actor{Kind: record.ActorUser, ID: by}
	}
	for _, f := range d.fields {
		v, err := r.value(f)
		if err != nil {
			d.issues = append(d.issues, connectors.Issue{Object: d.object.Name, Ref: r.ID, Field: f.Name, Err: &fault.Error{
				Class: fault.Malformed, Scope: fault.ScopeField, Object: d.object.Name, Op: "read " + d.object.Name, Field: f.Name, Err: err,
			}})
			continue
		}
		if !v.IsAbsent() {
			rec.Fields[f.Name] = v
		}
	}
	return rec
}

// version is a print of the content: times lack their seconds, and what stands
// on an address does not move them.
func (d *decoder) version(r *row) string {
	h := fnv.New64a()
	for _, name := range d.attrs() {
		_, _ = h.Write([]byte(name + "\x00" + plain(r.Attributes[name]) + "\x00")) // never fails
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

var errShape = errors.New("the value has another shape than the field's type")

func (r *row) value(f schema.Field) (record.Value, error) {
	if prefix, module, isLink := linkOf(f.Name); isLink {
		if _, shown := r.Attributes[prefix+"_type"]; !shown {
			return record.Value{}, nil
		}
		if r.text(prefix+"_type") != module {
			return record.NullOf(f.Kind), nil
		}
		return record.Of(f.Kind, r.text(prefix+"_id")), nil
	}
	raw, shown := r.Attributes[f.Name]
	switch raw.(type) {
	case []any, map[string]any:
		return record.Value{}, errShape
	}
	if !shown {
		return record.Value{}, nil
	}
	return decode(f.Kind, r.text(f.Name))
}

// decode reads a value; SuiteCRM writes an empty one as "".
func decode(k record.Kind, s string) (record.Value, error) {
	switch {
	case k == record.Boolean:
		return record.OfBool(s != "" && s != "0" && !strings.EqualFold(s, "false")), nil
	case s == "":
		return record.NullOf(k), nil
	}
	switch k {
	case record.Instant:
		at := instant(s)
		if at.IsZero() {
			return record.Value{}, errShape
		}
		return record.OfInstant(at), nil
	case record.Set: // ^a^,^b^
		return record.OfSet(strings.Split(strings.Trim(s, "^"), "^,^")...), nil
	case record.Integer, record.Decimal, record.Date:
		return record.Parse(k, s)
	default: // texts are kept as they are
		return record.Of(k, s), nil
	}
}
