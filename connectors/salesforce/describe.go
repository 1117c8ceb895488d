package salesforce

import (
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// sobject is the part of a describe answer that is used.
type sobject struct {
	Name          string   `json:"name"`
	Label         string   `json:"label"`
	KeyPrefix     string   `json:"keyPrefix"`
	Createable    bool     `json:"createable"`
	Updateable    bool     `json:"updateable"`
	Deletable     bool     `json:"deletable"`
	Queryable     bool     `json:"queryable"`
	Retrieveable  bool     `json:"retrieveable"`
	Replicateable bool     `json:"replicateable"`
	Fields        []sfield `json:"fields"`
	RecordTypes   []struct {
		ID            string `json:"recordTypeId"`
		Name          string `json:"name"`
		DeveloperName string `json:"developerName"`
		Active        bool   `json:"active"`
	} `json:"recordTypeInfos"`

	byName map[string]*sfield
}

// sfield is one field of a describe answer.
type sfield struct {
	Name               string   `json:"name"`
	Label              string   `json:"label"`
	Type               string   `json:"type"`
	Length             int      `json:"length"`
	Createable         bool     `json:"createable"`
	Updateable         bool     `json:"updateable"`
	Calculated         bool     `json:"calculated"`
	Nillable           bool     `json:"nillable"`
	DefaultedOnCreate  bool     `json:"defaultedOnCreate"`
	ExternalID         bool     `json:"externalId"`
	IDLookup           bool     `json:"idLookup"`
	Unique             bool     `json:"unique"`
	Custom             bool     `json:"custom"`
	RestrictedPicklist bool     `json:"restrictedPicklist"`
	ReferenceTo        []string `json:"referenceTo"`
	PicklistValues     []struct {
		Value  string `json:"value"`
		Label  string `json:"label"`
		Active bool   `json:"active"`
	} `json:"picklistValues"`
}

// globalDescribe lists the objects that may be seen.
type globalDescribe struct {
	SObjects []sobject `json:"sobjects"`
}

func (s *sobject) index() {
	s.byName = make(map[string]*sfield, len(s.Fields))
	for i := range s.Fields {
		s.byName[s.Fields[i].Name] = &s.Fields[i]
	}
}

func (s *sobject) has(field string) bool { return s.byName[field] != nil }

// kind is how a field's values are decoded. Phones and addresses of web sites
// are free text in Salesforce, so they are not given a stricter kind here.
func (f *sfield) kind() (k record.Kind, usable bool) {
	switch f.Type {
	case "string", "phone", "url", "id", "encryptedstring", "time", "combobox", "anyType":
		return record.String, true
	case "email":
		return record.Email, true
	case "textarea":
		return record.Text, true
	case "picklist":
		return record.Enum, true
	case "multipicklist":
		return record.Set, true
	case "boolean":
		return record.Boolean, true
	case "int", "long":
		return record.Integer, true
	case "double", "currency", "percent":
		return record.Decimal, true
	case "date":
		return record.Date, true
	case "datetime":
		return record.Instant, true
	case "reference":
		return record.Reference, true
	}
	return record.String, false // address, location, base64 and whatever comes: their parts have fields of their own
}

// lookup tells whether records can be found by the field, consistently and
// through an index.
func (f *sfield) lookup() bool {
	return f.Name != fieldID && (f.ExternalID || f.IDLookup || f.Unique || f.Type == "email") && f.Type != "reference"
}

func (f *sfield) schema() schema.Field {
	kind, _ := f.kind()
	out := schema.Field{
		Name: f.Name, Label: f.Label, Kind: kind, RefersTo: strings.Join(f.ReferenceTo, ","),
		ReadOnly: !f.Createable && !f.Updateable,
		Required: f.Createable && !f.Nillable && !f.DefaultedOnCreate && f.Type != "boolean",
		Unique:   f.Unique, Custom: f.Custom, Volatile: f.Calculated,
		Closed: f.RestrictedPicklist && (kind == record.Enum || kind == record.Set),
	}
	switch kind {
	case record.String, record.Text, record.Email, record.Enum:
		out.MaxLen = f.Length
	default:
	}
	for _, p := range f.PicklistValues {
		out.Options = append(out.Options, schema.Option{Value: p.Value, Label: p.Label, Gone: !p.Active})
	}
	return out
}

const (
	pageSize       = 2000
	batchWrite     = 200
	batchRead      = 2000
	maxDowntime    = 15 * 24 * time.Hour // how long Salesforce remembers deletions
	fieldsInSelect = 11_000              // bytes of field names a query has room for
)

// schema returns the object as the catalog shows it.
func (s *sobject) schema(o object, lag time.Duration) schema.Object {
	out := schema.Object{Name: s.Name, Label: s.Label, As: o.as, Lag: lag}
	for i := range s.Fields {
		f := &s.Fields[i]
		if _, usable := f.kind(); !usable {
			continue
		}
		field := f.schema()
		if f.Name == "RecordTypeId" {
			field.Options = s.recordTypes()
		}
		out.Fields = append(out.Fields, field)
		if f.lookup() {
			out.Keys = append(out.Keys, f.Name)
		}
	}
	out.Fields = append(out.Fields, synthetic(s)...)
	slices.SortStableFunc(out.Keys, func(a, b string) int { return s.byName[a].keyRank() - s.byName[b].keyRank() })
	out.Caps = schema.Capabilities{
		Changes: s.Queryable && s.has(o.stamp), Split: s.Queryable, Gone: s.tellsGone(o), Read: s.Queryable, Lookup: len(out.Keys) > 0,
		Create: o.write && s.Createable, Update: o.write && s.Updateable, Archive: o.write && s.Deletable,
		BatchRead: batchRead, PageSize: pageSize,
	}
	if out.Caps.Gone {
		out.MaxDowntime = maxDowntime
	}
	if out.Caps.Create || out.Caps.Update || out.Caps.Archive {
		out.Caps.BatchWrite = batchWrite
	}
	return out
}

func (f *sfield) keyRank() int {
	switch {
	case f.Name == fieldTandemID:
		return 0
	case f.ExternalID && f.Unique:
		return 1
	case f.ExternalID || f.Unique:
		return 2
	}
	return 3
}

// tellsGone is false for histories: their rows go with what they tell of.
func (s *sobject) tellsGone(o object) bool {
	return o.stamp == fieldStamp && s.has(fieldDeleted) && s.has(fieldStamp) && s.Replicateable
}

func (s *sobject) recordTypes() []schema.Option {
	var options []schema.Option
	for _, r := range s.RecordTypes {
		options = append(options, schema.Option{Value: longID(r.ID), Label: r.Name, Gone: !r.Active})
	}
	return options
}

// synthetic are the fields that make a row of OpportunityHistory, which holds
// a whole state, readable like the field histories: one change of one field.
func synthetic(s *sobject) []schema.Field {
	if s.Name != opportunityHistory || !s.has(fieldStageName) {
		return nil
	}
	return []schema.Field{
		{Name: syntheticField, Label: "Changed field", Kind: record.String, ReadOnly: true},
		{Name: syntheticOldValue, Label: "Stage before", Kind: record.String, ReadOnly: true},
		{Name: syntheticNewValue, Label: "Stage after", Kind: record.String, ReadOnly: true},
	}
}
