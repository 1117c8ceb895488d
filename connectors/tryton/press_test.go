package tryton_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/tryton/trytonsim"
	"github.com/tandem-sync/tandem/record"
)

const opportunity = "sale.opportunity"

// toState asks for an opportunity to be led to a state.
func toState(id, version, state string, more record.Fields) connectors.Op {
	fields := record.Fields{"state": record.Of(record.Enum, state)}
	maps.Copy(fields, more)
	return connectors.Op{ID: "to-" + state + "-" + id, Kind: connectors.Update, Object: opportunity, RemoteID: id, Version: version, Fields: fields}
}

// at reads an opportunity.
func at(t *testing.T, c system, id string) connectors.Record {
	t.Helper()
	got, err := c.Read(t.Context(), opportunity, []string{id}, []string{"state", "comment"})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	return got[0]
}

// opportunityAt makes one in the twin that stands at a state.
func opportunityAt(twin *trytonsim.Twin, state string) string {
	person := twin.Seed(1, twin.Now().Add(-time.Hour), addresses)[0]
	return itoa(twin.Add(opportunity, map[string]any{"party": person, "state": state}))
}

func TestTheStatesOfAnOpportunity(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		says     string // "" if the buttons lead there
	}{
		{"lead", "opportunity", ""},
		{"lead", "lost", ""},
		{"lead", "cancelled", ""},
		{"lead", "lead", ""},
		{"opportunity", "converted", ""},
		{"opportunity", "lost", ""},
		{"lost", "lead", ""},
		{"lost", "opportunity", "leaves it lost"},
		{"converted", "lead", "leaves it converted"},
		{"opportunity", "won", "Confirm the sale"},
	} {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			twin, c := newTwin(t)
			id := opportunityAt(twin, tt.from)
			r := write(t, c, toState(id, "", tt.to, nil))[0]
			want := tt.to
			if tt.says != "" {
				want = tt.from
				if r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Invalid) || fault.As(r.Err).Field != "state" || !strings.Contains(r.Err.Error(), tt.says) {
					t.Errorf("it is %s: %v", r.Status, r.Err)
				}
			} else if r.Status != connectors.Applied {
				t.Error(r.Err)
			}
			if is := at(t, c, id).Fields["state"].Text(); is != want {
				t.Errorf("it is at %q, want %q", is, want)
			}
		})
	}
}

func TestAStateBesideOtherFields(t *testing.T) {
	twin, c := newTwin(t)
	id := opportunityAt(twin, "lead")
	r := write(t, c, toState(id, at(t, c, id).Version, "opportunity", record.Fields{"comment": record.OfString("Keen")}))[0]
	now := at(t, c, id)
	if r.Status != connectors.Applied || now.Fields["state"].Text() != "opportunity" || now.Fields["comment"].Text() != "Keen" {
		t.Errorf("%s: %v, it is at %q", r.Status, r.Err, now.Fields["state"].Text())
	}
}

func TestAnOpportunityIsMadeAtAState(t *testing.T) {
	twin, c := newTwin(t)
	person := itoa(twin.Seed(1, twin.Now().Add(-time.Hour), addresses)[0])
	op := toState("", "", "opportunity", record.Fields{"party": record.Of(record.Reference, person)})
	op.Kind = connectors.Create
	r := write(t, c, op)[0]
	if r.Status != connectors.Applied || at(t, c, r.RemoteID).Fields["state"].Text() != "opportunity" {
		t.Errorf("%s: %v", r.Status, r.Err)
	}
}

func TestAButtonIsNotPressedOnWhatWasWrittenSince(t *testing.T) {
	twin, c := newTwin(t)
	stale, fresh := opportunityAt(twin, "lead"), opportunityAt(twin, "lead")
	before, other := at(t, c, stale).Version, at(t, c, fresh).Version
	twin.Clock().Advance(time.Minute)
	twin.Press(opportunity, "lost", number(stale))
	twin.Clock().Advance(time.Minute)
	results := write(t, c, toState(stale, before, "lead", nil), toState(fresh, other, "lead", nil))
	for _, r := range results {
		if r.RemoteID == stale && (r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Stale)) || r.RemoteID == fresh && r.Status != connectors.Applied {
			t.Errorf("%s: %v", r.Status, r.Err)
		}
	}
	if is := at(t, c, stale).Fields["state"].Text(); is != "lost" {
		t.Errorf("what a person did is undone: %q", is)
	}
}
