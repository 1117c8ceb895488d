package mautic

import (
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// row is a contact or company.
type row struct {
	ID         text           `json:"id"`
	Added      stamp          `json:"dateAdded"`
	Modified   stamp          `json:"dateModified"`
	Identified stamp          `json:"dateIdentified"`
	Points     text           `json:"points"`
	Owner      *ref           `json:"owner"`
	Stage      *ref           `json:"stage"`
	Tags       bag[tag]       `json:"tags"`
	OptOuts    *bag[optOut]   `json:"doNotContact"`
	Fields     fieldsOfRecord `json:"fields"`
}

type ref struct {
	ID text `json:"id"`
}

type tag struct {
	Tag string `json:"tag"`
}

type optOut struct {
	Channel string `json:"channel"`
	Reason  text   `json:"reason"`
}

// bounced is the reason of an opt-out that the person did not ask for.
const bounced = "2"

// fieldsOfRecord are the values by alias; PHP groups them and repeats them all
// under `all`.
type fieldsOfRecord map[string]text

// UnmarshalJSON keeps what is under `all`.
func (f *fieldsOfRecord) UnmarshalJSON(b []byte) error {
	var groups bag[raw]
	if err := groups.UnmarshalJSON(b); err != nil {
		return err
	}
	*f = fieldsOfRecord{}
	all, ok := groups.at("all")
	if !ok {
		return nil
	}
	var values bag[text]
	if err := values.UnmarshalJSON(all); err != nil {
		return err
	}
	for i, alias := range values.keys {
		(*f)[alias] = values.items[i]
	}
	return nil
}

// optedOut tells of the channel e-mail: whether mail is not wanted, and whether
// it bounced.
func (r *row) optedOut() (unwanted, undeliverable bool) {
	if r.OptOuts == nil {
		return false, false
	}
	for _, o := range r.OptOuts.items {
		if o.Channel == "email" && o.Reason.s != bounced {
			unwanted = true
		}
		undeliverable = undeliverable || o.Channel == "email" && o.Reason.s == bounced
	}
	return unwanted, undeliverable
}

// version changes with the content: dateModified has whole seconds, and
// opt-outs, points and stages do not move it.
func (r *row) version() string {
	h := fnv.New64a()
	for _, alias := range slices.Sorted(maps.Keys(r.Fields)) {
		if v := r.Fields[alias].s; v != "" {
			_, _ = h.Write([]byte(alias + "\x00" + trimZeros(v) + "\x00")) // never fails
		}
	}
	if r.OptOuts != nil {
		out, back := r.optedOut()
		_, _ = h.Write([]byte(strconv.FormatBool(out) + strconv.FormatBool(back)))
		for _, x := range []*ref{r.Owner, r.Stage} {
			if x != nil {
				_, _ = h.Write([]byte(x.ID.s + "\x00"))
			}
		}
	}
	return strconv.FormatInt(r.changed().Unix(), 36) + "-" + strconv.FormatUint(h.Sum64(), 36)
}

// trimZeros makes 5.00, as the database gives it, the 5 of other replies.
func trimZeros(s string) string {
	if whole, fraction, ok := strings.Cut(s, "."); ok && strings.Trim(whole, "-0123456789") == "" && strings.Trim(fraction, "0123456789") == "" {
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// changed is when the row was last changed: dateModified is null until then.
func (r *row) changed() stamp {
	if r.Modified.IsZero() {
		return r.Added
	}
	return r.Modified
}

// decoder turns rows of one object into records of the fields asked for.
type decoder struct {
	object string
	fields []schema.Field
	issues []connectors.Issue
}

func newDecoder(o schema.Object, asked []string) *decoder {
	d := &decoder{object: o.Name}
	for _, name := range asked {
		if f, ok := o.Field(name); ok { // one that Mautic does not know is absent
			d.fields = append(d.fields, f)
		}
	}
	return d
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
		Object: d.object, ID: r.ID.s, Version: r.version(), Modified: r.changed().Time, Created: r.Added.Time,
		Fields: make(record.Fields, len(d.fields)),
	}
	for _, f := range d.fields {
		v, err := r.value(f)
		if err != nil {
			d.issues = append(d.issues, connectors.Issue{Object: d.object, Ref: r.ID.s, Field: f.Name, Err: &fault.Error{
				Class: fault.Malformed, Scope: fault.ScopeField, Object: d.object, Op: "read " + d.object, Field: f.Name, Err: err,
			}})
			continue
		}
		if !v.IsAbsent() {
			rec.Fields[f.Name] = v
		}
	}
	return rec
}

func (r *row) value(f schema.Field) (record.Value, error) {
	if needsFull(f.Name) {
		if r.OptOuts == nil {
			return record.Value{}, nil // a short row does not tell
		}
		return r.beside(f), nil
	}
	switch f.Name {
	case "dateAdded":
		return ofStamp(r.Added), nil
	case "dateModified":
		return ofStamp(r.Modified), nil
	}
	v, sent := r.Fields[f.Name]
	if f.Name == "points" && r.Points.set {
		v, sent = r.Points, true
	}
	if !sent {
		return record.Value{}, nil
	}
	return decode(f.Kind, v.s)
}

// beside is the value of a field that full rows have.
func (r *row) beside(f schema.Field) record.Value {
	unwanted, undeliverable := r.optedOut()
	switch f.Name {
	case optOutField:
		return record.OfBool(unwanted)
	case "email_bounced":
		return record.OfBool(undeliverable)
	case "owner":
		return record.Of(f.Kind, r.Owner.id())
	case "stage":
		return record.Of(f.Kind, r.Stage.id())
	case "dateIdentified":
		return ofStamp(r.Identified)
	}
	var members []string
	for _, t := range r.Tags.items {
		members = append(members, t.Tag)
	}
	return record.OfSet(members...)
}

func (r *ref) id() string {
	if r == nil {
		return ""
	}
	return r.ID.s
}

func ofStamp(s stamp) record.Value {
	if s.IsZero() {
		return record.NullOf(record.Instant)
	}
	return record.OfInstant(s.Time)
}

// decode reads a value; Mautic writes an empty one as null or as "".
func decode(k record.Kind, s string) (record.Value, error) {
	if s == "" {
		return record.NullOf(k), nil
	}
	switch k {
	case record.Instant:
		return ofStamp(stamp{instant(s)}), nil
	case record.Date:
		return record.Parse(k, s[:min(len(s), len("2006-01-02"))])
	case record.Boolean:
		return record.OfBool(s != "0"), nil
	case record.Integer:
		return record.Parse(k, trimZeros(s))
	case record.Set:
		return record.OfSet(strings.Split(s, "|")...), nil
	case record.Email, record.String, record.Text, record.Enum: // kept as it is
		return record.Of(k, s), nil
	default:
		return record.Parse(k, s)
	}
}
