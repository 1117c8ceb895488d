package espocrm

import (
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

// row is a record as the API shows it.
type row map[string]any

// text is a scalar attribute as text; "" if it is null or no scalar.
func (r row) text(attr string) string {
	switch v := r[attr].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// decoder turns rows of one object into records of the fields asked for.
type decoder struct {
	kind      kind
	versioned bool
	fields    []schema.Field
	issues    []connectors.Issue
}

func newDecoder(o schema.Object, asked []string) *decoder {
	d := &decoder{versioned: o.Caps.Conditional}
	d.kind, _ = kindOf(o.Name)
	for _, name := range asked {
		if f, ok := o.Field(name); ok { // one that EspoCRM does not have is absent
			d.fields = append(d.fields, f)
		}
	}
	return d
}

// attrs are the attributes to ask for.
func (d *decoder) attrs() []string {
	list := []string{"id", "createdAt", d.kind.stamp}
	if d.kind.stamp == "modifiedAt" && d.kind.name != "User" {
		list = append(list, "modifiedById")
	}
	if d.versioned {
		list = append(list, "versionNumber")
	}
	for _, f := range d.fields {
		if _, ofParent := parentOf(f.Name); ofParent {
			list = append(list, "parentType", "parentId")
			continue
		}
		list = append(list, f.Name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// parentOf tells the entity type that a reference to a parent is for.
func parentOf(field string) (entity string, ok bool) {
	entity, ok = strings.CutPrefix(field, "parent")
	return entity, ok && slices.Contains(parents(), entity)
}

func (d *decoder) records(rows []row) []connectors.Record {
	out := make([]connectors.Record, len(rows))
	for i, r := range rows {
		out[i] = d.record(r)
	}
	return out
}

func (d *decoder) record(r row) connectors.Record {
	rec := connectors.Record{
		Object: d.kind.name, ID: r.text("id"), Modified: instant(r.text(d.kind.stamp)), Created: instant(r.text("createdAt")),
		Version: d.version(r), Fields: make(record.Fields, len(d.fields)),
	}
	if by := r.text("modifiedById"); by != "" {
		rec.Actor = record.Actor{Kind: record.ActorUser, ID: by}
	}
	for _, f := range d.fields {
		v, err := r.value(f)
		if err != nil {
			d.issues = append(d.issues, connectors.Issue{Object: d.kind.name, Ref: rec.ID, Field: f.Name, Err: &fault.Error{
				Class: fault.Malformed, Scope: fault.ScopeField, Object: d.kind.name, Op: "read " + d.kind.name, Field: f.Name, Err: err,
			}})
			continue
		}
		if !v.IsAbsent() {
			rec.Fields[f.Name] = v
		}
	}
	return rec
}

// version is the number by which EspoCRM tells versions apart, if it does, and
// a print of the content: times have whole seconds, and what stands on an
// address moves neither.
func (d *decoder) version(r row) string {
	h := fnv.New64a()
	for _, attr := range append(d.attrs(), d.kind.stamp) {
		b, _ := json.Marshal(r[attr])                              //nolint:errchkjson // it came as JSON
		_, _ = h.Write([]byte(attr + "\x00" + string(b) + "\x00")) // never fails
	}
	number := r.text("versionNumber")
	if number == "" {
		number = "0"
	}
	return number + "-" + strconv.FormatUint(h.Sum64(), 36)
}

// numberOf is the version number within a version; "" if there is none.
func numberOf(version string) string {
	number, _, ok := strings.Cut(version, "-")
	if !ok || number == "0" {
		return ""
	}
	return number
}

var errShape = errors.New("the value has another shape than the field's type")

func (r row) value(f schema.Field) (record.Value, error) {
	if entity, ofParent := parentOf(f.Name); ofParent {
		if _, shown := r["parentType"]; !shown {
			return record.Value{}, nil
		}
		if r.text("parentType") != entity {
			return record.NullOf(f.Kind), nil
		}
		return record.Of(f.Kind, r.text("parentId")), nil
	}
	raw, shown := r[f.Name]
	switch {
	case !shown:
		return record.Value{}, nil
	case raw == nil && f.Kind == record.Boolean:
		return record.OfBool(false), nil
	case raw == nil:
		return record.NullOf(f.Kind), nil
	}
	if list, isList := raw.([]any); isList {
		return members(f, list)
	}
	if _, isObject := raw.(map[string]any); isObject {
		return record.Value{}, errShape
	}
	return decode(f.Kind, r.text(f.Name))
}

func members(f schema.Field, list []any) (record.Value, error) {
	if f.Kind != record.Set {
		return record.Value{}, errShape
	}
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i], _ = v.(string)
	}
	return record.OfSet(texts...), nil
}

func decode(k record.Kind, s string) (record.Value, error) {
	if s == "" {
		return record.NullOf(k), nil
	}
	switch k {
	case record.Instant:
		at := instant(s)
		if at.IsZero() {
			return record.Value{}, errShape
		}
		return record.OfInstant(at), nil
	case record.Set:
		return record.Value{}, errShape
	case record.Boolean, record.Integer, record.Decimal, record.Date:
		return record.Parse(k, s)
	default: // texts are kept as they are
		return record.Of(k, s), nil
	}
}
