package hubspot

import (
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// decoder turns rows of one object into records.
type decoder struct {
	object string
	asked  asked
	fields map[string]schema.Field
	issues []connectors.Issue
}

func newDecoder(o schema.Object, a asked) *decoder {
	d := &decoder{object: o.Name, asked: a, fields: make(map[string]schema.Field, len(a.fields))}
	for _, name := range a.fields {
		if f, ok := o.Field(name); ok {
			d.fields[name] = f
		}
	}
	return d
}

func (d *decoder) record(r *row) connectors.Record {
	rec := connectors.Record{
		Object: d.object, ID: r.ID, Version: r.Updated, Archived: r.Archived, Actor: actorOf(r),
		Fields: make(record.Fields, len(d.asked.fields)),
	}
	rec.Modified, _ = instant(r.Updated)
	rec.Created, _ = instant(r.Created)
	for _, name := range d.asked.fields {
		f, known := d.fields[name]
		if !known {
			continue // HubSpot says nothing of properties it does not know: absent
		}
		if v, ok := d.value(r, f); ok {
			rec.Fields[name] = v
		}
	}
	return rec
}

func (d *decoder) value(r *row, f schema.Field) (record.Value, bool) {
	if to, isLink := strings.CutPrefix(f.Name, linkPrefix); isLink {
		id, read := r.links[to]
		return record.Of(record.Reference, id), read
	}
	property := f.Name
	if f.Name == optOutField {
		property = "hs_email_optout"
	}
	t, sent := r.Properties[property]
	if !sent {
		return record.Value{}, false
	}
	v, err := decode(f.Kind, t)
	if err != nil {
		d.issues = append(d.issues, connectors.Issue{
			Object: d.object, Ref: r.ID, Field: f.Name,
			Err: &fault.Error{Class: fault.Malformed, Scope: fault.ScopeField, Object: d.object, Op: "read " + d.object, Field: f.Name, Err: err},
		})
		return record.Value{}, false
	}
	return v, true
}

// decode reads a property's text as a value of a kind.
func decode(k record.Kind, t text) (record.Value, error) {
	if !t.set || t.s == "" {
		return record.NullOf(k), nil
	}
	switch k {
	case record.Instant:
		if at, ok := instant(t.s); ok {
			return record.OfInstant(at), nil
		}
	case record.Date:
		if at, ok := instant(t.s); ok {
			return record.OfDate(at), nil
		}
	case record.Set:
		return record.OfSet(strings.Split(t.s, ";")...), nil
	case record.Email: // what a form took may be no address; it is kept as it is
		return record.Of(k, t.s), nil
	default:
	}
	return record.Parse(k, t.s)
}

// actorOf tells who made the last change, where the row was asked for it.
func actorOf(r *row) record.Actor {
	if id := r.value("hs_updated_by_user_id"); id != "" {
		return record.Actor{Kind: record.ActorUser, ID: id}
	}
	return record.Actor{}
}

// actor says what kind of hand HubSpot's change source is.
func (v version) actor() record.Actor {
	a := record.Actor{ID: v.SourceID}
	switch v.SourceType {
	case "CRM_UI", "CRM_UI_BULK_ACTION", "CONTACTS_WEB", "MOBILE_IOS", "MOBILE_ANDROID", "SALES", "MEETINGS", "CONVERSATIONS", "USER":
		a.Kind = record.ActorUser
	case "AUTOMATION_PLATFORM", "WORKFLOWS", "WORKFLOW", "LIFECYCLE_STAGE_AUTOMATION", "CALCULATED", "FORM", "ANALYTICS", "BCC_TO_CRM",
		"DEFAULT", "AI_GROUP", "PROPERTY_SETTINGS", "DATASET", "COMPANY_INSIGHTS", "EXTENSION":
		a.Kind = record.ActorWorkflow
	case "IMPORT", "BATCH_UPDATE":
		a.Kind = record.ActorImport
	case "INTEGRATION", "API", "SALESFORCE", "INTEGRATIONS_PLATFORM", "INTEGRATIONS_SYNC", "PRIVATE_APP", "DATA_SYNC":
		a.Kind = record.ActorIntegration
	}
	if v.UserID.s != "" && a.Kind != record.ActorIntegration {
		a = record.Actor{Kind: record.ActorUser, ID: v.UserID.s}
	}
	return a
}

// encode writes a value as HubSpot takes it: always a string, empty to clear.
func encode(v record.Value) string {
	switch {
	case v.IsNull() || v.IsAbsent():
		return ""
	case v.Kind() == record.Set:
		return strings.Join(v.Members(), ";")
	case v.Kind() == record.Instant:
		if at, ok := v.Time(); ok {
			return at.UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
	return v.Text()
}
