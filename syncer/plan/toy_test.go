package plan_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
)

// toy maps each canonical field f to the remote field F_f as it is; text that
// begins with "!" cannot be mapped out; "=x" held there is another form of x.
type toy struct{ outs []plan.Out }

func mirror(fields ...string) toy {
	var m toy
	for _, f := range fields {
		m.outs = append(m.outs, plan.Out{Remote: "F_" + f, Field: f, Reads: []string{f}, Mirror: true})
	}
	return m
}

// with changes the entry of a field.
func (m toy) with(field string, change func(*plan.Out)) toy {
	m.outs = slices.Clone(m.outs)
	for i := range m.outs {
		if m.outs[i].Field == field {
			change(&m.outs[i])
		}
	}
	return m
}

func (m toy) In(raw record.Fields) record.Fields {
	out := record.Fields{}
	for _, o := range m.outs {
		if v := raw[o.Remote]; o.Mirror && !v.IsAbsent() {
			if form, ok := strings.CutPrefix(v.Text(), "="); ok {
				v = str(form)
			}
			out[o.Field] = v
		}
	}
	return out
}

func (m toy) Out(golden record.Fields) (out record.Fields, failed map[string]string) {
	out, failed = record.Fields{}, map[string]string{}
	for _, o := range m.outs {
		v := golden[o.Field]
		switch {
		case v.IsAbsent():
		case v.Text() != "" && v.Text()[0] == '!':
			failed[o.Remote] = "unmapped"
		default:
			out[o.Remote] = v
		}
	}
	return out, failed
}

func (m toy) Outs() []plan.Out { return m.outs }

func (m toy) Revision() string { return "rev" }

// former stores names cut to three characters.
type former struct{}

func (former) Canonical(_ string, f record.Fields) record.Fields {
	f = f.Clone()
	if v := f["F_name"]; v.IsPresent() && len(v.Text()) > 3 {
		f["F_name"] = str(v.Text()[:3])
	}
	return f
}

func str(s string) record.Value { return record.OfString(s) }

func null() record.Value { return record.NullOf(record.String) }

func refTo(s string) record.Value { return record.Of(record.Reference, s) }

func now() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func yes(record.Fields) (bool, error) { return true, nil }

func no(record.Fields) (bool, error) { return false, nil }

// object is what everything can be done with.
func object(remote string, m plan.Map) plan.Object {
	return plan.Object{
		Remote: remote, As: record.Person, Map: m, Create: yes, OnDelete: "unlink",
		Caps: schema.Capabilities{Create: true, Update: true, Archive: true},
	}
}

func planner(objects ...plan.Object) *plan.Planner {
	return &plan.Planner{
		Systems: []plan.System{{Name: "crm", Objects: objects}},
		OptOut:  func(_ record.Object, field string) bool { return field == "opt_out" },
	}
}

func link(system, object, id string, held record.Fields) ledger.Link {
	return ledger.Link{
		Ref: ledger.Ref{System: system, Object: object, ID: id}, Entity: "E1", As: record.Person, Primary: true, State: ledger.Live,
		Shadow: ledger.Shadow{Held: held, Version: "v1", Confirmed: true},
	}
}

// input is an entity that lives in "mkt" and has these links besides.
func input(golden record.Fields, links ...ledger.Link) plan.Input {
	return plan.Input{
		Entity: ledger.Entity{ID: "E1", Object: record.Person, Golden: golden},
		Links:  append([]ledger.Link{link("mkt", "contacts", "m1", nil)}, links...), Now: now(),
		EntityOf: func(r ledger.Ref) record.EntityID {
			return map[string]record.EntityID{"c1": "C1", "c2": "C2"}[r.ID]
		},
		RemoteOf: func(id record.EntityID, _ string) (object, remote string) {
			if id == "C1" {
				return "Account", "001"
			}
			return "", ""
		},
	}
}

// apply lays rows over the links as a system that stores what it is sent.
func apply(in plan.Input, rows []plan.Row) plan.Input {
	in.Links = slices.Clone(in.Links)
	for _, r := range rows {
		if r.Kind == connectors.Create {
			in.Links = append(in.Links, link(r.System, r.Object, "new", nil))
		}
		for i := range in.Links {
			l := &in.Links[i]
			if l.System != r.System || !l.Primary || l.State != ledger.Live {
				continue
			}
			if r.Kind == connectors.Archive {
				l.State, l.Primary = ledger.GoneState, false
				continue
			}
			after := maps.Clone(r.After)
			l.Shadow.Held, l.Shadow.Sent, l.Shadow.Echo = l.Shadow.Held.Merge(after), l.Shadow.Sent.Merge(after), l.Shadow.Echo.Merge(after)
		}
	}
	return in
}
