package rest

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// decoder turns rows of one object into records of the fields asked for.
type decoder struct {
	e      *entity
	times  layout
	fields []field
	issues []connectors.Issue
}

func newDecoder(e *entity, times layout, asked []string) *decoder {
	d := &decoder{e: e, times: times}
	for _, name := range asked {
		if f, ok := e.field(name); ok {
			d.fields = append(d.fields, f)
		}
	}
	return d
}

// records decodes rows. A row without an id is an issue, one that says of
// itself that it is deleted is gone.
func (d *decoder) records(rows []value) (records []connectors.Record, gone []connectors.Gone) {
	for i, row := range rows {
		id := row.at(d.e.id).text
		switch {
		case row.sort != object || id == "":
			d.issue("row "+strconv.Itoa(i+1), "", malformed("the row has no id at "+strings.Join(d.e.id, ".")))
		case d.e.GoneIf != "" && row.at(d.e.goneIf).truth():
			gone = append(gone, connectors.Gone{Object: d.e.name, ID: id, Kind: connectors.GoneDeleted, At: d.updated(row)})
		default:
			records = append(records, d.record(row))
		}
	}
	return records, gone
}

func (d *decoder) updated(row value) time.Time { return d.times.moment(row.first(d.e.updated)) }

func (d *decoder) record(row value) connectors.Record {
	rec := connectors.Record{
		Object: d.e.name, ID: row.at(d.e.id).text, Version: d.version(row), Modified: d.updated(row),
		Created: d.times.moment(row.first(d.e.created)), Fields: make(record.Fields, len(d.fields)),
	}
	for _, f := range d.fields {
		v, err := f.read(row.at(f.path), d.e.OmitsEmpty)
		if err != nil {
			d.issue(rec.ID, f.name, err)
			continue
		}
		if !v.IsAbsent() {
			rec.Fields[f.name] = v
		}
	}
	return rec
}

func (d *decoder) issue(ref, name string, err error) {
	scope := fault.ScopeRow
	if name != "" {
		scope = fault.ScopeField
	}
	d.issues = append(d.issues, connectors.Issue{Object: d.e.name, Ref: ref, Field: name, Err: &fault.Error{
		Class: fault.Malformed, Scope: scope, Object: d.e.name, Op: "read " + d.e.name, Field: name, Err: err,
	}})
}

// version is what the system says, or the time with a digest of all fields:
// times have whole seconds often enough. Rows that hold only the fields asked
// for have no digest, because others are asked for elsewhere.
func (d *decoder) version(row value) string {
	if d.e.Version != "" {
		if v := row.at(d.e.version); v.sort == scalar {
			return v.text
		}
	}
	at := strconv.FormatInt(d.updated(row).UnixNano(), 36)
	if d.e.partial {
		return at
	}
	h := fnv.New64a()
	for _, f := range d.e.fields {
		if v, err := f.read(row.at(f.path), true); err == nil && v.IsPresent() && !f.Volatile {
			_, _ = h.Write([]byte(f.name + "\x00" + v.Text() + "\x00")) // never fails
		}
	}
	return at + "-" + strconv.FormatUint(h.Sum64(), 36)
}

// read decodes the value of a field. What is not there is absent, or empty in a
// system that leaves out what is empty.
func (f field) read(v value, omitsEmpty bool) (record.Value, error) {
	switch {
	case v.sort == nothing && !omitsEmpty:
		return record.Value{}, nil
	case v.sort <= null, v.sort == scalar && f.means(v.text):
		return record.NullOf(f.kind), nil
	case f.kind == record.Set:
		members := v.texts()
		if v.sort == scalar && f.Separator != "" {
			members = strings.Split(v.text, f.Separator)
		}
		return record.OfSet(members...), nil
	case v.sort == list || v.sort == object:
		return record.Value{}, malformed("a " + f.kind.String() + " cannot be a list or a mapping")
	}
	return f.parse(v)
}

// means tells whether a text stands for no value.
func (f field) means(text string) bool {
	return text == "" || slices.Contains(f.Empty, text)
}

func (f field) parse(v value) (record.Value, error) {
	switch f.kind {
	case record.Instant:
		at := f.times.moment(v)
		if at.IsZero() {
			return record.Value{}, malformed("the time is not written as " + f.times.String())
		}
		return record.OfInstant(at), nil
	case record.Date:
		return record.Parse(f.kind, v.text[:min(len(v.text), len(time.DateOnly))])
	case record.String, record.Text, record.Enum, record.Email, record.Reference: // kept as it is
		return record.Of(f.kind, v.text), nil
	default:
		return record.Parse(f.kind, v.text)
	}
}

// encode writes a value as the system takes it.
func (f field) encode(v record.Value, as Values, write layout) any {
	switch {
	case !v.IsPresent() && v.State() != record.Placeholder:
		if as.Clear == "empty" {
			return ""
		}
		return nil
	case v.Kind() == record.Set && f.Separator == "":
		return v.Members()
	case v.Kind() == record.Set:
		return strings.Join(v.Members(), f.Separator)
	case v.Kind() == record.Instant:
		if at, ok := v.Time(); ok {
			if f.Format != "" {
				write = f.times
			}
			return write.write(at)
		}
	case as.Text:
	case v.Kind() == record.Boolean:
		return v.Text() == "true"
	case v.Kind() == record.Integer, v.Kind() == record.Decimal:
		return json.Number(v.Text())
	}
	return v.Text()
}
