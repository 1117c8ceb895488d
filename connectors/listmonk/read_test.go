package listmonk_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/listmonk/listmonksim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func addresses(i int) string { return "p" + strconv.Itoa(i) + "@example.com" }

func optedOut(r connectors.Record) bool {
	out, _ := r.Fields["email_opt_out"].Bool()
	return out
}

// A thousand changed rows cost a call, and a quiet pass one, or two where
// opt-outs are looked for.
func TestReadEconomy(t *testing.T) {
	for field, quiet := range map[string]int64{"attribs.city": 1, "email_opt_out": 2} {
		for twin, c := range both(t, "") {
			q := query("subscribers", "email", field)
			_, q.Cursor = connectortest.Drain(t, c, q)
			twin.Clock().Advance(time.Hour)
			ids := twin.Seed(1000, twin.Clock().Now(), addresses)
			twin.Clock().Advance(time.Hour)
			twin.ResetCounts()
			records, next := connectortest.Drain(t, c, q)
			if calls := twin.Counts().Total; len(records) != len(ids) || calls != quiet {
				t.Errorf("%s: %d records in %d calls", field, len(records), calls)
			}
			q.Cursor = next
			twin.ResetCounts()
			if again, _ := connectortest.Drain(t, c, q); len(again) != 0 || twin.Counts().Total != quiet {
				t.Errorf("%s: the next pass brought %d records in %d calls", field, len(again), twin.Counts().Total)
			}
		}
	}
}

// unsubscribe follows the link in a mail of the campaign, as the person would.
func unsubscribe(t *testing.T, twin *listmonksim.Twin, id int64, campaign string, blocklist bool) {
	t.Helper()
	s, _ := twin.Get(id)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, twin.URL()+"/subscription/"+campaign+"/"+s.UUID,
		strings.NewReader(url.Values{"blocklist": {strconv.FormatBool(blocklist)}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := (&http.Client{}).Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("unsubscribing: %v %v", res, err)
	}
	_ = res.Body.Close()
}

// However a person opts out, the next pass tells it, though dates do not.
func TestOptOutsAreChanges(t *testing.T) {
	for twin, c := range both(t, "") {
		list := twin.AddList("News", "single")
		campaign, link := twin.AddCampaign("Spring", list)
		ids := twin.Seed(300, twin.Clock().Now(), addresses)
		for _, id := range ids {
			twin.Subscribe(id, list, "confirmed")
		}
		twin.Clock().Advance(time.Hour)
		q := query("subscribers", "email_opt_out", "list_"+itoa(list))
		before, next := connectortest.Drain(t, c, q)
		q.Cursor = next
		optOuts := map[int64]func(){
			ids[0]: func() { unsubscribe(t, twin, ids[0], link, false) },
			ids[1]: func() { unsubscribe(t, twin, ids[1], link, true) },
			ids[2]: func() { twin.HardBounce(ids[2], campaign, twin.Clock().Now()) },
			ids[3]: func() { connectortest.Write(t, c, update("out", ids[3], optOut())) },
		}
		for id, happens := range optOuts {
			twin.Clock().Advance(time.Hour)
			happens()
			twin.Clock().Advance(time.Hour)
			var records map[string]connectors.Record
			records, q.Cursor = connectortest.Drain(t, c, q)
			r, told := records[itoa(id)]
			if !told || !optedOut(r) || r.Version == before[itoa(id)].Version {
				t.Errorf("opt-out of %d: told %t, %v", id, told, r.Fields)
			}
			if len(records) > 5 {
				t.Errorf("one opt-out brought %d records", len(records))
			}
		}
		twin.Clock().Advance(time.Hour)
		if records, _ := connectortest.Drain(t, c, q); len(records) != 0 {
			t.Errorf("a pass without opt-outs brought %d records", len(records))
		}
	}
}

// An opt-out that was lifted and given again without a date is told within a
// day, though its part looks as it did.
func TestOptOutAgain(t *testing.T) {
	twin, c := newest(t)
	id := twin.Seed(1, twin.Clock().Now(), addresses)[0]
	q := query("subscribers", "email_opt_out")
	twin.HardBounce(id, 0, twin.Clock().Now())
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	twin.Enable(id)
	records, next := connectortest.Drain(t, c, q)
	if r, told := records[itoa(id)]; !told || optedOut(r) {
		t.Fatalf("lifting it reads %v", r.Fields)
	}
	twin.Clock().Advance(25 * time.Hour)
	twin.HardBounce(id, 0, twin.Clock().Now())
	q.Cursor = next
	if records, _ = connectortest.Drain(t, c, q); !optedOut(records[itoa(id)]) {
		t.Error("the second opt-out is not told")
	}
}

// Only the lists that count tell an opt-out, and all of them must be left.
func TestListsThatCount(t *testing.T) {
	for name, test := range map[string]struct {
		config string
		states [2]string
		want   bool
	}{
		"one of two left":       {"", [2]string{"unsubscribed", "confirmed"}, false},
		"both left":             {"", [2]string{"unsubscribed", "unsubscribed"}, true},
		"on none":               {"", [2]string{}, false},
		"the one that counts":   {"opt_out_lists: [1]\n", [2]string{"unsubscribed", "confirmed"}, true},
		"one that counts not":   {"opt_out_lists: [1]\n", [2]string{"confirmed", "unsubscribed"}, false},
		"on none of that count": {"opt_out_lists: [1]\n", [2]string{"", "unsubscribed"}, false},
	} {
		twin, c := newest(t, test.config)
		first, second := twin.AddList("One", "single"), twin.AddList("Two", "single")
		if first != 1 {
			t.Fatal("the list has another id than the configuration says")
		}
		id := twin.Seed(1, twin.Clock().Now(), addresses)[0]
		twin.Clock().Advance(time.Hour)
		q := query("subscribers", "email_opt_out", "lists")
		_, q.Cursor = connectortest.Drain(t, c, q)
		twin.Clock().Advance(time.Hour)
		for i, list := range []int64{first, second} {
			if test.states[i] != "" {
				twin.Subscribe(id, list, test.states[i])
			}
		}
		twin.Clock().Advance(time.Hour)
		records, next := connectortest.Drain(t, c, q)
		if r, told := records[itoa(id)]; told == (test.states == [2]string{}) || optedOut(r) != test.want {
			t.Errorf("%s: told %t, %v", name, told, r.Fields)
		}
		// What SQL says of an opt-out is what we say: nothing is left unknown.
		twin.Clock().Advance(time.Hour)
		q.Cursor = next
		if records, _ := connectortest.Drain(t, c, q); len(records) != 0 {
			t.Errorf("%s: the next pass brought %v", name, records)
		}
	}
}

// Addresses are put into SQL; none of them gets out of its quotes.
func TestLookupOfOddAddresses(t *testing.T) {
	for twin, c := range both(t, "") {
		odd := []string{"o'brien@example.com", "a') or (id > 0@example.com", `b\'@example.com`, "x--y@example.com", "%order%@example.com"}
		ids := twin.Seed(len(odd), twin.Clock().Now(), func(i int) string { return odd[i] })
		asked := append([]string{"' OR TRUE OR '", "O'Brien@example.com ", "\x00", ""}, odd...)
		for i := range 200 { // more than one address of a call takes
			asked = append(asked, "somebody.with.a.long.name."+strconv.Itoa(i)+"@example.com")
		}
		found, err := c.Lookup(t.Context(), "subscribers", "email", asked, []string{"email"})
		if err != nil {
			t.Fatal(err)
		}
		if len(found[1]) != 1 || found[1][0].ID != itoa(ids[0]) {
			t.Errorf("an address in capitals found %d", len(found[1]))
		}
		for i := range asked {
			if want := i == 1 || i >= 4 && i < 4+len(odd); want != (len(found[i]) == 1) {
				t.Errorf("%q found %d records", asked[i], len(found[i]))
			}
		}
	}
}

// Attributes are free JSON: nested, and of another type than declared.
func TestAttributes(t *testing.T) {
	twin, c := newest(t)
	ids := twin.Seed(2, twin.Clock().Now(), addresses)
	for path, v := range map[string]any{"city": 12, "age": "42", "crm.stage": "won", "tags": []any{"b", "a", 7}, "vip": true} {
		twin.Edit(ids[0], path, v)
	}
	fields := []string{"attribs.city", "attribs.age", "attribs.crm.stage", "attribs.tags", "attribs.vip"}
	records, _ := connectortest.Drain(t, c, query("subscribers", fields...))
	want := record.Fields{
		"attribs.city": text("12"), "attribs.age": record.OfInt(42), "attribs.crm.stage": record.Of(record.Enum, "won"),
		"attribs.tags": record.OfSet("a", "b", "7"), "attribs.vip": record.OfBool(true),
	}
	if diff := records[itoa(ids[0])].Fields.Diff(want); len(diff) > 0 {
		t.Errorf("%v differ: %v", diff, records[itoa(ids[0])].Fields)
	}
	for name, v := range records[itoa(ids[1])].Fields {
		if !v.IsNull() {
			t.Errorf("%s of nobody is %v", name, v)
		}
	}
	twin.Edit(ids[1], "city", map[string]any{"name": "Bonn"})
	twin.Edit(ids[1], "age", "old")
	p, err := c.Changes(t.Context(), query("subscribers", fields...))
	if err != nil || len(p.Issues) != 2 || len(p.Records) != 2 {
		t.Fatalf("%d records, %d issues: %v", len(p.Records), len(p.Issues), err)
	}
	for _, i := range p.Issues {
		if i.Ref != itoa(ids[1]) || i.Field == "" || !fault.Is(i.Err, fault.Malformed) {
			t.Errorf("the issue is %+v", i)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	twin, c := newest(t)
	list := twin.AddList("News", "single")
	ids := twin.Seed(3, twin.Clock().Now(), addresses)
	q := query("subscriptions", "person", "campaign", "status", "kind")
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	twin.Subscribe(ids[1], list, "confirmed")
	records, _ := connectortest.Drain(t, c, q)
	want := record.Fields{
		"person": record.Of(record.Reference, itoa(ids[1])), "campaign": record.Of(record.Reference, itoa(list)),
		"status": record.Of(record.Enum, "confirmed"), "kind": text("list_member"),
	}
	if r := records[itoa(ids[1])+"-"+itoa(list)]; len(records) != 1 || !r.Fields.Equal(want) {
		t.Errorf("the subscriptions are %v", records)
	}
}

func TestListsAndCampaigns(t *testing.T) {
	for twin, c := range both(t, "") {
		if records, _ := connectortest.Drain(t, c, query("lists", "name")); len(records) != 0 {
			t.Fatalf("%d lists of none", len(records))
		}
		for i := range 30 { // more than a page of listmonk's own
			twin.AddList("List "+strconv.Itoa(i), "single")
		}
		id, _ := twin.AddCampaign("Spring", 1)
		records, _ := connectortest.Drain(t, c, query("lists", "name", "kind", "optin"))
		if want := (record.Fields{"name": text("List 0"), "kind": text("list"), "optin": text("single")}); len(records) != 30 || !records["1"].Fields.Equal(want) {
			t.Errorf("%d lists, the first %v", len(records), records["1"].Fields)
		}
		records, _ = connectortest.Drain(t, c, query("campaigns", "name", "kind", "status", "clicks"))
		want := record.Fields{"name": text("Spring"), "kind": text("campaign"), "status": text("draft"), "clicks": record.OfInt(0)}
		if !records[itoa(id)].Fields.Equal(want) {
			t.Errorf("the campaign is %v", records[itoa(id)].Fields)
		}
	}
}

// Views, clicks and bounces move no date of a subscriber or a campaign.
func TestActivities(t *testing.T) {
	twin, c := newest(t)
	list := twin.AddList("News", "single")
	campaign, _ := twin.AddCampaign("Spring", list)
	ids := twin.Seed(60, twin.Clock().Now(), addresses)
	q := query("activities", "person", "campaign", "kind", "count", "page", "at")
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	for _, id := range ids {
		twin.View(id, campaign)
	}
	twin.View(ids[0], campaign)
	twin.Click(ids[0], campaign, "https://example.com/offer?email=a@example.com")
	twin.Clock().Advance(time.Hour)
	twin.ResetCounts()
	records, next := connectortest.Drain(t, c, q)
	if calls := twin.Counts().Total; len(records) != 61 || calls != 62 {
		t.Errorf("%d records in %d calls", len(records), calls)
	}
	view := records[itoa(ids[0])+"-v-"+itoa(campaign)]
	if view.Fields["kind"].Text() != "open" || view.Fields["count"].Text() != "2" || view.Fields["at"].IsNull() || view.Fields["campaign"].Text() != itoa(campaign) {
		t.Errorf("the view is %v", view.Fields)
	}
	for id, r := range records {
		if strings.Contains(id, "-c-") && (r.Fields["kind"].Text() != "click" || r.Fields["page"].Text() != "https://example.com/offer") {
			t.Errorf("the click is %v", r.Fields)
		}
	}
	twin.Clock().Advance(time.Hour)
	q.Cursor = next
	if records, _ := connectortest.Drain(t, c, q); len(records) != 0 {
		t.Errorf("a quiet pass brought %d records", len(records))
	}
}

// Version 1 does not tell when somebody viewed or clicked; the passes do.
func TestEarlyActivities(t *testing.T) {
	twin := listmonksim.New(listmonksim.Options{Version: 1})
	c := connect(t, twin, 1, "page_size: 10\n")
	var campaigns []int64
	for i := range 20 {
		id, _ := twin.AddCampaign("Campaign "+strconv.Itoa(i), 0)
		campaigns = append(campaigns, id)
	}
	ids := twin.Seed(25, twin.Clock().Now(), addresses)
	q := query("activities", "person", "campaign", "kind", "at")
	twin.View(ids[24], campaigns[19])
	twin.Clock().Advance(time.Hour)
	records, next := connectortest.Drain(t, c, q)
	if r := records[itoa(ids[24])+"-v-"+itoa(campaigns[19])]; len(records) != 1 || r.Fields["kind"].Text() != "open" {
		t.Fatalf("the first read brought %v", records)
	}
	q.Cursor = next
	twin.Clock().Advance(time.Hour)
	for _, id := range ids {
		twin.Click(id, campaigns[7], "https://example.com/")
	}
	twin.View(ids[3], campaigns[0])
	twin.Click(ids[3], campaigns[18], "https://example.com/")
	twin.Clock().Advance(time.Hour)
	twin.ResetCounts()
	records, q.Cursor = connectortest.Drain(t, c, q)
	r := records[itoa(ids[20])+"-c-"+itoa(campaigns[7])]
	if at, ok := r.Fields["at"].Time(); len(records) != 27 || !ok || twin.Clock().Now().Sub(at) > 3*time.Minute || r.Fields["kind"].Text() != "click" {
		t.Errorf("%d records, a click is %v", len(records), r.Fields)
	}
	if calls := twin.Counts().Total; calls > 40 {
		t.Errorf("%d calls", calls)
	}
	twin.Clock().Advance(time.Hour)
	twin.ResetCounts()
	if records, _ = connectortest.Drain(t, c, q); len(records) != 0 || twin.Counts().Total > 4 {
		t.Errorf("a quiet pass brought %d records in %d calls", len(records), twin.Counts().Total)
	}
}

// A bounce bears the date of the mail that told of it, and may come late.
func TestBounces(t *testing.T) {
	twin, c := newest(t)
	ids := twin.Seed(120, twin.Clock().Now(), addresses)
	for _, id := range ids[:119] {
		twin.HardBounce(id, 0, twin.Clock().Now())
	}
	q := query("bounces", "person", "kind", "status")
	records, next := connectortest.Drain(t, c, q)
	if len(records) != 119 {
		t.Errorf("%d bounces", len(records))
	}
	twin.Clock().Advance(30 * time.Hour)
	twin.HardBounce(ids[119], 0, twin.Clock().Now().Add(-20*time.Hour))
	twin.ResetCounts()
	q.Cursor = next
	records, _ = connectortest.Drain(t, c, q)
	found := false
	for _, r := range records {
		found = found || r.Fields["person"].Text() == itoa(ids[119]) && r.Fields["status"].Text() == "hard"
	}
	if calls := twin.Counts().Total; !found || calls > 3 {
		t.Errorf("found %t in %d calls", found, calls)
	}
}

// A version that does not tell what people did is said not to.
func TestEarlyVersionLacks(t *testing.T) {
	twin := listmonksim.New(listmonksim.Options{Version: 1})
	c := connect(t, twin, 1)
	cat, err := c.Describe(t.Context())
	if err != nil || len(cat.Missing) != 1 || len(cat.Objects) != 5 {
		t.Errorf("lacking are %v, objects %v: %v", cat.Missing, cat.Names(), err)
	}
	if _, err := c.Changes(t.Context(), query("bounces", "person")); !fault.Is(err, fault.Unsupported) {
		t.Errorf("bounces answer %v", err)
	}
}

func TestWithoutSQL(t *testing.T) {
	twin, c := newest(t)
	twin.AddFault(simkit.Fault{Kind: "no_sql"})
	_, err := c.Check(t.Context())
	if f := fault.As(err); f.Class != fault.Permission || !strings.Contains(f.Next, "sql_query") {
		t.Errorf("without the permission Check says %v", err)
	}
}
