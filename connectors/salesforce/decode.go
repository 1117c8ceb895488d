package salesforce

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// row is one record as Salesforce sends it: in JSON, or in the CSV of a bulk
// query, where every value is text and empty is null.
type row interface {
	// text returns a field's value as text; null is "" with ok; a field that
	// is not there is not ok.
	text(field string) (value string, ok bool)
}

type jsonRow map[string]jsontext.Value

func (r jsonRow) text(field string) (string, bool) {
	raw, ok := r[field]
	if !ok {
		return "", false
	}
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", true
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return "", false
		}
		return s, true
	}
	return string(raw), true // numbers and booleans as written: no number becomes a float
}

type csvRow map[string]string

func (r csvRow) text(field string) (string, bool) {
	s, ok := r[field]
	return s, ok
}

var stampLayouts = [...]string{"2006-01-02T15:04:05.000Z0700", time.RFC3339Nano, "2006-01-02T15:04:05Z0700"} //nolint:gochecknoglobals // never written

func parseStamp(text string) (time.Time, bool) {
	for _, layout := range stampLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// reader turns rows of one object into records.
type reader struct {
	object   object
	describe *sobject
	asked    []string
	prefix   func(id string) string // the object an id belongs to
	actor    func(userID string) record.Actor
}

// columns are the fields a query selects: those asked for that exist, and
// those the reader needs itself.
func (r *reader) columns() []string {
	cols := []string{fieldID}
	seen := map[string]bool{fieldID: true}
	add := func(name string) {
		f := r.describe.byName[name]
		if f == nil || seen[name] {
			return
		}
		if _, usable := f.kind(); usable {
			seen[name] = true
			cols = append(cols, name)
		}
	}
	for _, name := range []string{
		r.object.stamp, fieldStamp, fieldCreated, fieldModifiedBy, fieldCreatedBy,
		fieldDeleted, fieldMaster, fieldConverted, fieldConvertedTo,
	} {
		if name != fieldCreatedBy || !r.describe.has(fieldModifiedBy) {
			add(name)
		}
	}
	for _, name := range r.asked {
		add(name)
		if r.describe.Name == opportunityHistory && strings.HasSuffix(name, "Value") {
			add(fieldStageName)
			add(fieldStageBefore)
		}
	}
	return cols
}

// into adds the row to the page: as a record, or as one that disappeared.
func (r *reader) into(page *connectors.Page, in row) (stamp time.Time, id string) {
	id = longID(value(in, fieldID))
	stamp, ok := parseStamp(value(in, r.object.stamp))
	if !isID(id) || !ok {
		page.Issues = append(page.Issues, r.issue(id, "", "the row has no id or no time of change"))
		return stamp, id
	}
	if gone, is := r.gone(in, id, stamp); is {
		page.Gone = append(page.Gone, gone)
		return stamp, id
	}
	rec, issues := r.record(in, id, stamp)
	page.Records = append(page.Records, rec)
	page.Issues = append(page.Issues, issues...)
	return stamp, id
}

func (r *reader) gone(in row, id string, at time.Time) (connectors.Gone, bool) {
	g := connectors.Gone{Object: r.object.name, ID: id, At: at}
	switch master := value(in, fieldMaster); {
	case value(in, fieldDeleted) == "true" && isID(master):
		g.Kind, g.IntoObject, g.IntoID = connectors.GoneMerged, r.object.name, longID(master)
	case value(in, fieldDeleted) == "true":
		g.Kind = connectors.GoneDeleted
	case value(in, fieldConverted) == "true" && r.object.name == lead:
		g.Kind, g.IntoObject, g.IntoID = connectors.GoneConverted, contact, longID(value(in, fieldConvertedTo))
	default:
		return g, false
	}
	return g, true
}

func (r *reader) record(in row, id string, stamp time.Time) (connectors.Record, []connectors.Issue) {
	rec := connectors.Record{
		Object: r.object.name, ID: id, Modified: stamp, Version: instant(stamp),
		Fields: make(record.Fields, len(r.asked)),
	}
	rec.Created, _ = parseStamp(value(in, fieldCreated))
	by := value(in, fieldModifiedBy)
	if by == "" {
		by = value(in, fieldCreatedBy)
	}
	rec.Actor = r.actor(longID(by))
	var issues []connectors.Issue
	for _, name := range r.asked {
		v, err := r.value(in, name)
		switch {
		case err != nil:
			issues = append(issues, r.issue(id, name, err.Error()))
		case !v.IsAbsent():
			rec.Fields[name] = v
		}
	}
	return rec, issues
}

func (r *reader) value(in row, name string) (record.Value, error) {
	f := r.describe.byName[name]
	if f == nil {
		return r.synthetic(in, name), nil
	}
	text, ok := in.text(name)
	kind, usable := f.kind()
	if !ok || !usable {
		return record.Value{}, nil
	}
	if text == "" {
		return record.NullOf(kind), nil
	}
	switch kind {
	case record.Set:
		return record.OfSet(strings.Split(text, ";")...), nil
	case record.Instant:
		t, good := parseStamp(text)
		if !good {
			return record.Value{}, errors.New("the value is no date and time")
		}
		return record.OfInstant(t), nil
	case record.Reference:
		return record.Of(kind, r.reference(f, text)), nil
	default:
	}
	if f.Type == "id" {
		text = longID(text)
	}
	return record.Parse(kind, text)
}

// reference names the object too where it varies, as in "Lead/00Q…".
func (r *reader) reference(f *sfield, id string) string {
	id = longID(id)
	if len(f.ReferenceTo) < 2 || !isID(id) {
		return id
	}
	if name := r.prefix(id); name != "" {
		return name + "/" + id
	}
	return id
}

func (r *reader) synthetic(in row, name string) record.Value {
	if r.describe.Name != opportunityHistory {
		return record.Value{}
	}
	from := map[string]string{syntheticOldValue: fieldStageBefore, syntheticNewValue: fieldStageName}[name]
	switch {
	case name == syntheticField:
		return record.OfString(fieldStageName)
	case from == "" || !r.describe.has(from):
		return record.Value{}
	}
	text := value(in, from)
	if text == "" {
		return record.NullOf(record.String)
	}
	return record.OfString(text)
}

func (r *reader) issue(id, field, what string) connectors.Issue {
	f := fault.New(fault.Malformed, fault.ScopeRow, "%s", what)
	f.Object, f.Field, f.Next = r.object.name, field, "correct the value in Salesforce"
	if field != "" {
		f.Scope = fault.ScopeField
	}
	return connectors.Issue{Object: r.object.name, Ref: id, Field: field, Err: f}
}

func value(in row, field string) string {
	text, _ := in.text(field)
	return text
}
