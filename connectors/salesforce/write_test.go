package salesforce_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/salesforce"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func byOp(results []connectors.Result) map[string]connectors.Result {
	m := map[string]connectors.Result{}
	for _, r := range results {
		m[r.Op] = r
	}
	return m
}

// A create whose reply is lost is sent again and makes no second record.
func TestCreatesAreRepeatable(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{AssignTo: map[string]string{}})
	c := dial(t, twin)
	ops := leadOps(200, connectors.Create)
	twin.Faults.Add(simkit.Fault{Kind: "reply_lost", PathPrefix: "/services/data/v67.0/composite", Times: 1})
	results, err := c.Write(t.Context(), ops)
	if err != nil || len(results) != 200 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	for _, r := range results {
		if r.Status != connectors.Applied || !salesforce.IsID(r.RemoteID) || !r.Adopted {
			t.Fatalf("result %+v", r)
		}
	}
	if n := twin.Len("Lead"); n != 200 {
		t.Errorf("%d leads, want 200", n)
	}
	found, err := c.Lookup(t.Context(), "Lead", "Tandem_Id__c", []string{"T000007", "none", "T000000"}, []string{"LastName", "HasOptedOutOfEmail"})
	if err != nil || len(found) != 3 || len(found[0]) != 1 || len(found[1]) != 0 || len(found[2]) != 1 {
		t.Fatalf("Lookup %v, %v", found, err)
	}
	if got := found[0][0].Fields["LastName"].Text(); got != `O'Brien, "T000007"` {
		t.Errorf("the name came back as %s", got)
	}
}

// Without our field a create is a plain insert: its lost reply is unknown.
func TestPlainInsertIsNotRepeated(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{NoTandemID: true})
	c := dial(t, twin)
	twin.Faults.Add(simkit.Fault{Kind: "reply_lost", PathPrefix: "/services/data/v67.0/composite", Times: 1})
	results, err := c.Write(t.Context(), leadOps(3, connectors.Create))
	if !fault.Is(err, fault.OutcomeUnknown) || connectors.Untouched(err) || len(results) != 0 {
		t.Errorf("results %v, error %v", results, err)
	}
	if n := twin.Len("Lead"); n != 3 {
		t.Errorf("%d leads, want the 3 of one call", n)
	}
}

func TestRowsFailAlone(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{
		DuplicateEmail: []string{"Contact"},
		Rules:          []salesforcesim.Rule{{Object: "Lead", Field: "Company", Message: "No", Fails: func(get func(string) string) bool { return get("Company") == "Bad" }}},
	})
	c := dial(t, twin)
	ops := leadOps(5, connectors.Create)
	ops[1].Fields["Company"] = record.OfString("Bad")
	delete(ops[2].Fields, "LastName")
	ops[3].Fields["Nonsense__c"] = record.OfString("x")
	results, err := c.Write(t.Context(), ops)
	if err != nil {
		t.Fatal(err)
	}
	got := byOp(results)
	for i, want := range map[int]struct {
		code, field string
	}{1: {"FIELD_CUSTOM_VALIDATION_EXCEPTION", "Company"}, 2: {"REQUIRED_FIELD_MISSING", "LastName"}, 3: {"INVALID_FIELD", "Nonsense__c"}} {
		f := fault.As(got[ops[i].ID].Err)
		if got[ops[i].ID].Status != connectors.Rejected || f.Class != fault.Invalid || f.Code != want.code || f.Field != want.field {
			t.Errorf("row %d: %+v, want %v", i, f, want)
		}
	}
	for _, i := range []int{0, 4} {
		if got[ops[i].ID].Status != connectors.Applied {
			t.Errorf("row %d: %+v", i, got[ops[i].ID])
		}
	}
	id, err := twin.Create("Contact", salesforcesim.Fields{"LastName": "L", "Email": "same@example.com"}, "")
	if err != nil {
		t.Fatal(err)
	}
	results, err = c.Write(t.Context(), []connectors.Op{{
		ID: "dup", Kind: connectors.Create, Object: "Contact", Key: connectors.Key{Field: "Tandem_Id__c", Value: "T1"},
		Fields: record.Fields{"LastName": record.OfString("L"), "Email": record.Of(record.Email, "same@example.com")},
	}})
	if err != nil || !fault.Is(results[0].Err, fault.Conflict) || fault.As(results[0].Err).Existing != id {
		t.Errorf("duplicate rule: %+v, %v; want conflict with %s", results, err, id)
	}
}

func TestUpdatesOfWhatMovedOn(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	c := dial(t, twin)
	var ids []string
	for range 5 {
		id, err := twin.Create("Lead", salesforcesim.Fields{"LastName": "L", "Company": "C"}, "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	conv, err := twin.ConvertLead(ids[1], "", "")
	if err := errors.Join(err, twin.Merge("Lead", ids[0], ids[2]), twin.Delete("Lead", ids[3])); err != nil {
		t.Fatal(err)
	}
	twin.Faults.Add(simkit.Fault{Kind: "row_lock", Rows: []string{ids[4]}, Times: 1})
	var ops []connectors.Op
	for i, id := range ids {
		ops = append(ops, connectors.Op{ID: strconv.Itoa(i), Kind: connectors.Update, Object: "Lead", RemoteID: id, Fields: record.Fields{"Title": record.OfString("New")}})
	}
	results, err := c.Write(t.Context(), ops)
	if err != nil {
		t.Fatal(err)
	}
	got := byOp(results)
	for op, want := range map[string]struct {
		class fault.Class
		into  string
	}{"1": {fault.Merged, conv.Contact}, "2": {fault.Merged, ids[0]}, "3": {fault.Missing, ""}, "4": {fault.Locked, ""}} {
		if f := fault.As(got[op].Err); f == nil || f.Class != want.class || f.Existing != want.into {
			t.Errorf("row %s: %+v, want %v", op, f, want)
		}
	}
	if got["0"].Status != connectors.Applied {
		t.Errorf("row 0: %+v", got["0"])
	}
	results, err = c.Write(t.Context(), []connectors.Op{
		{ID: "a", Kind: connectors.Archive, Object: "Lead", RemoteID: ids[0]}, {ID: "b", Kind: connectors.Archive, Object: "Lead", RemoteID: ids[3]},
	})
	if err != nil || byOp(results)["a"].Status != connectors.Applied || byOp(results)["b"].Status != connectors.Applied {
		t.Errorf("archive: %+v, %v", results, err)
	}
}

func TestCampaignMemberThatIsThereIsNamed(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	c := dial(t, twin)
	person, err1 := twin.Create("Lead", salesforcesim.Fields{"LastName": "L", "Company": "C"}, "")
	campaign, err2 := twin.Create("Campaign", salesforcesim.Fields{"Name": "C", "IsActive": true}, "")
	member, err3 := twin.Create("CampaignMember", salesforcesim.Fields{"CampaignId": campaign, "LeadId": person}, "")
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	results, err := c.Write(t.Context(), []connectors.Op{{
		ID: "m", Kind: connectors.Create, Object: "CampaignMember",
		Fields: record.Fields{"CampaignId": record.Of(record.Reference, campaign), "LeadId": record.Of(record.Reference, "Lead/"+person)},
	}})
	if err != nil || !fault.Is(results[0].Err, fault.Conflict) || fault.As(results[0].Err).Existing != member {
		t.Errorf("%+v, %v; want conflict with %s", results, err, member)
	}
}

func TestBulkWriteAndResume(t *testing.T) {
	for _, kind := range []string{"", "bulk_abort", "bulk_partial", "bulk_fail", "reply_lost create", "reset upload"} {
		t.Run("fault "+kind, func(t *testing.T) {
			twin := organisation(t, salesforcesim.Options{BulkPolls: 1})
			c := dial(t, twin)
			ops := leadOps(2_500, connectors.Create)
			ops[7].Fields["Company"] = record.OfString(strings.Repeat("x", 300))
			switch kind {
			case "reply_lost create":
				twin.Faults.Add(simkit.Fault{Kind: "reply_lost", Method: http.MethodPost, PathPrefix: "/services/data/v67.0/jobs/ingest", Times: 1})
			case "reset upload":
				twin.Faults.Add(simkit.Fault{Kind: "reset", Method: http.MethodPut, PathPrefix: "/services/data/v67.0/jobs/ingest", Times: 1})
			case "":
			default:
				twin.Faults.Add(simkit.Fault{Kind: kind, Times: 1})
			}
			h, err := c.WriteBulk(t.Context(), ops)
			if h == "" || err != nil && kind != "reset upload" {
				t.Fatalf("handle %q, %v", h, err)
			}
			results := resume(t, c, h, ops)
			tally := map[connectors.Status]int{}
			for _, r := range results {
				tally[r.Status]++
				if r.Status == connectors.Applied && !salesforce.IsID(r.RemoteID) {
					t.Fatalf("applied without an id: %+v", r)
				}
			}
			if len(byOp(results)) != len(ops) {
				t.Errorf("%d fates for %d ops", len(byOp(results)), len(ops))
			}
			if n := twin.Len("Lead"); n != tally[connectors.Applied] {
				t.Errorf("%d leads, %d said to be applied", n, tally[connectors.Applied])
			}
			if kind == "" || strings.Contains(kind, " ") {
				if f := fault.As(byOp(results)[ops[7].ID].Err); tally[connectors.Applied] != 2_499 || f.Class != fault.Invalid || f.Field != "Company" {
					t.Errorf("tally %v, row 7 %+v", tally, f)
				}
			}
			t.Logf("%v, calls %d", tally, twin.Counts().Total)
		})
	}
}

func resume(t *testing.T, c *salesforce.Connector, h connectors.Handle, ops []connectors.Op) []connectors.Result {
	t.Helper()
	for range 20 {
		results, err := c.Resume(t.Context(), h, ops)
		if err != nil {
			t.Fatal(err)
		}
		if len(results) > 0 {
			return results
		}
	}
	t.Fatal("the job never ends")
	return nil
}

// After a restart the fields may be gone: then an empty job is ended, and a
// forgotten one is told.
func TestResumeAfterRestart(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	c := dial(t, twin)
	ops := leadOps(3, connectors.Create)
	twin.Faults.Add(simkit.Fault{Kind: "reset", Method: http.MethodPut, Times: 1})
	h, err := c.WriteBulk(t.Context(), ops)
	if err == nil || h == "" {
		t.Fatalf("handle %q, %v", h, err)
	}
	for i := range ops {
		ops[i].Fields = nil
	}
	for _, r := range resume(t, dial(t, twin), h, ops) {
		if r.Status != connectors.Rejected || twin.Len("Lead") != 0 {
			t.Errorf("%+v with %d leads", r, twin.Len("Lead"))
		}
	}
	if _, err := c.Resume(t.Context(), "750ak00000ZZZZZAAA", ops); !fault.Is(err, fault.Expired) {
		t.Errorf("error %v, want expired", err)
	}
	if _, err := dial(t, twin, "bulk: {off: true}").WriteBulk(t.Context(), leadOps(3, connectors.Create)); !fault.Is(err, fault.Unsupported) {
		t.Errorf("error %v, want unsupported", err)
	}
}

func TestBulkUpdateClears(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	c := dial(t, twin)
	seedLeads(t, twin, 3, ago(twin, time.Hour))
	s := drain(t, changes(t, c), connectors.Query{Object: "Lead", Fields: []string{"Email"}})
	var ops []connectors.Op
	for id := range s.records {
		ops = append(ops, connectors.Op{ID: id, Kind: connectors.Update, Object: "Lead", RemoteID: id, Fields: record.Fields{"Email": record.NullOf(record.Email), "Title": record.OfString("a\n\"b\",c")}})
	}
	h, err := c.WriteBulk(t.Context(), ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resume(t, c, h, ops) {
		row, _ := twin.Get("Lead", r.RemoteID)
		if r.Status != connectors.Applied || row.Fields["Email"] != "" || row.Fields["Title"] != "a\n\"b\",c" {
			t.Errorf("%+v: %q %q", r, row.Fields["Email"], row.Fields["Title"])
		}
	}
}
