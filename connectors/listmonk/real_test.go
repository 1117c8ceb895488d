package listmonk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/internal/harness/servers"
	"github.com/tandem-sync/tandem/record"
)

// realOne is a listmonk of version 1.1.0 and a connector to it.
type realOne struct {
	*testing.T

	server *servers.ListmonkServer
	system system
	q      connectors.Query
}

func startReal(t *testing.T, more ...string) *realOne {
	t.Helper()
	s := servers.Listmonk(t, servers.ListmonkOptions{})
	login := "auth: {username: " + s.User + ", password: '${env:SECRET}'}\noverlap: 1s\n"
	env := connectors.Env{Name: "listmonk", HTTP: httpapi.Env{AllowLoopback: true}}
	return &realOne{
		T: t, server: s, system: build(t, env, s.URL, s.Password, login, strings.Join(more, "")),
		q: query("subscribers", "email", "name", "email_opt_out", "attribs.city", "attribs.crm.stage", "attribs.age"),
	}
}

// call acts as an administrator does; what is answered under data goes into out.
func (r *realOne) call(method, path string, body, out any) {
	r.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		r.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.Context(), method, r.server.URL+path, bytes.NewReader(text))
	if err != nil {
		r.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(r.server.User, r.server.Password)
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	answer := struct {
		Data    any    `json:"data"`
		Message string `json:"message"`
	}{Data: out}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode != http.StatusOK {
		r.Fatalf("%s %s: %s %s %v", method, path, res.Status, answer.Message, err)
	}
}

type made struct {
	ID   int64  `json:"id"`
	UUID string `json:"uuid"`
}

func (r *realOne) list(name string) made {
	r.Helper()
	var l made
	r.call(http.MethodPost, "/api/lists", map[string]string{"name": name, "type": "public", "optin": "single"}, &l)
	return l
}

func (r *realOne) subscriber(email string, attribs map[string]any, lists ...int64) made {
	r.Helper()
	var s made
	r.call(http.MethodPost, "/api/subscribers", map[string]any{
		"email": email, "name": "Somebody", "status": "enabled", "attribs": attribs, "lists": append([]int64{}, lists...),
	}, &s)
	return s
}

// pass reads what changed since the pass before.
func (r *realOne) pass() map[string]connectors.Record {
	r.Helper()
	records, next := connectortest.Drain(r.T, r.system, r.q)
	r.q.Cursor = next
	return records
}

// settle waits until the clock has left what the overlap would repeat.
func (r *realOne) settle() {
	r.Helper()
	timer := time.NewTimer(2500 * time.Millisecond)
	defer timer.Stop()
	<-timer.C
	r.pass()
	timer.Reset(2500 * time.Millisecond)
	<-timer.C
}

// unsubscribe follows the link in a mail, as the person would.
func (r *realOne) unsubscribe(campaign, subscriber string, form url.Values) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, r.server.URL+"/subscription/"+campaign+"/"+subscriber, strings.NewReader(form.Encode()))
	if err != nil {
		r.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := (&http.Client{}).Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		r.Fatalf("unsubscribing: %v %v", res, err)
	}
	_ = res.Body.Close()
}

// What the connector does with the twin it does with a real listmonk.
func TestRealReadsAndWrites(t *testing.T) {
	r := startReal(t, "lists: [1]\nconfirmed: true\n")
	if account, err := r.system.Check(t.Context()); err != nil || account.ID == "" {
		t.Fatal(err)
	}
	if cat, err := r.system.Describe(t.Context()); err != nil || len(cat.Missing) != 1 {
		t.Errorf("lacking are %v: %v", cat.Missing, err)
	}
	r.pass()
	other := r.list("Other")
	theirs := r.subscriber("o'brien@example.com", map[string]any{"city": "Cork", "shoe": 44, "crm": map[string]any{"owner": "Olive"}}, other.ID)
	keyed := create("keyed", record.Fields{"name": text("Key"), "attribs.city": text("Kiel")})
	keyed.Key = connectors.Key{Field: "email", Value: "Key@example.com"}
	made := connectortest.Write(t, r.system, keyed, create("taken", record.Fields{"email": email("O'Brien@example.com"), "name": text("Thief")}))
	if res := made["taken"]; !fault.Is(res.Err, fault.Conflict) || fault.As(res.Err).Existing != itoa(theirs.ID) {
		t.Errorf("the address of another is %s: %v", res.Status, res.Err)
	}
	if res := made["keyed"]; res.Status != connectors.Applied || res.Adopted || res.Echo.Fields["attribs.city"].Text() != "Kiel" {
		t.Fatalf("a create is %+v", res)
	}
	if again := connectortest.Write(t, r.system, keyed)["keyed"]; !again.Adopted || again.RemoteID != made["keyed"].RemoteID {
		t.Errorf("the same create again is %+v", again)
	}
	records := r.pass()
	if got := records[itoa(theirs.ID)]; records[made["keyed"].RemoteID].ID == "" || got.Fields["attribs.city"].Text() != "Cork" || optedOut(got) || got.Modified.IsZero() {
		t.Errorf("read were %v", records)
	}
	ours := number(made["keyed"].RemoteID)
	got := connectortest.Write(t, r.system,
		update("merge", theirs.ID, record.Fields{"attribs.crm.stage": record.Of(record.Enum, "won"), "attribs.city": record.NullOf(record.String), "attribs.age": record.OfInt(7)}),
		update("steal", ours, record.Fields{"email": email("o'brien@example.com")}),
		update("none", 99999, record.Fields{"name": text("Nobody")}),
	)
	if got["merge"].Status != connectors.Applied || !fault.Is(got["steal"].Err, fault.Conflict) || !fault.Is(got["none"].Err, fault.Missing) {
		t.Errorf("the updates are %v", got)
	}
	var now struct {
		Attribs map[string]any
		Lists   []struct{ ID int64 }
	}
	r.call(http.MethodGet, "/api/subscribers/"+itoa(theirs.ID), nil, &now)
	if want := `map[age:7 crm:map[owner:Olive stage:won] shoe:44]`; fmt.Sprint(now.Attribs) != want || len(now.Lists) != 1 || now.Lists[0].ID != other.ID {
		t.Errorf("held are %v on %v", now.Attribs, now.Lists)
	}
	gone := connectortest.Write(t, r.system, connectors.Op{ID: "del", Kind: connectors.Archive, Object: "subscribers", RemoteID: itoa(ours)})["del"]
	left, err := r.system.Read(t.Context(), "subscribers", []string{itoa(ours), itoa(theirs.ID)}, []string{"email"})
	if gone.Status != connectors.Applied || err != nil || len(left) != 1 {
		t.Errorf("deleting is %v, left %v: %v", gone, left, err)
	}
}

// However somebody opts out of a real listmonk, the next pass tells it.
func TestRealOptOuts(t *testing.T) {
	r := startReal(t)
	news := r.list("News")
	var campaign made
	r.call(http.MethodPost, "/api/campaigns", map[string]any{
		"name": "Spring", "subject": "Spring", "lists": []int64{news.ID}, "from_email": "Shop <shop@example.com>", "content_type": "plain", "type": "regular",
		"messenger": "email", "body": "Hello", "template_id": 1,
	}, &campaign)
	var people []made
	for _, who := range []string{"link", "block", "admin", "clerk", "us", "stays"} {
		people = append(people, r.subscriber(who+"@example.com", nil, news.ID))
	}
	r.pass()
	r.settle()
	for i, happens := range []func(){
		func() { r.unsubscribe(campaign.UUID, people[0].UUID, nil) },
		func() { r.unsubscribe(campaign.UUID, people[1].UUID, url.Values{"blocklist": {"true"}}) },
		func() { r.call(http.MethodPut, "/api/subscribers/"+itoa(people[2].ID)+"/blocklist", nil, nil) },
		func() {
			r.call(http.MethodPut, "/api/subscribers/lists", map[string]any{"ids": []int64{people[3].ID}, "action": "unsubscribe", "target_list_ids": []int64{news.ID}}, nil)
		},
		func() { connectortest.Write(t, r.system, update("out", people[4].ID, optOut())) },
	} {
		happens()
		if got := r.pass()[itoa(people[i].ID)]; !optedOut(got) {
			t.Errorf("opt-out %d is not told: %v", i, got.Fields)
		}
		res := connectortest.Write(t, r.system, update("city", people[i].ID, record.Fields{"attribs.city": text("Bonn")}))["city"]
		if res.Status != connectors.Applied || !optedOut(connectors.Record{Fields: record.Fields{"email_opt_out": r.read(people[i].ID)}}) {
			t.Errorf("opt-out %d did not outlive a write: %v", i, res.Err)
		}
	}
	r.settle()
	if records := r.pass(); len(records) != 0 {
		t.Errorf("a pass in which nothing happened brought %d records", len(records))
	}
}

func (r *realOne) read(id int64) record.Value {
	r.Helper()
	records, err := r.system.Read(r.Context(), "subscribers", []string{itoa(id)}, []string{"email_opt_out"})
	if err != nil || len(records) != 1 {
		r.Fatalf("read %v: %v", records, err)
	}
	return records[0].Fields["email_opt_out"]
}

// Thousands of subscribers of one moment are read in pages by id.
func TestRealPages(t *testing.T) {
	r := startReal(t, "page_size: 100\n")
	want := map[string]bool{}
	for i := range 250 {
		want[itoa(r.subscriber(addresses(i), nil).ID)] = true
	}
	for range 2 { // a first read, and one of the changes since the beginning
		for id := range r.pass() {
			delete(want, id)
		}
		if len(want) > 0 {
			t.Fatalf("%d were not read", len(want))
		}
		r.q.Cursor = `{"m":"c","f":1}`
	}
	found, err := r.system.Lookup(t.Context(), "subscribers", "email", []string{`a\'b@example.com`, "P7@example.com", "' OR TRUE --"}, nil)
	if err != nil || len(found[0]) != 0 || len(found[1]) != 1 || len(found[2]) != 0 {
		t.Errorf("looked up %v: %v", found, err)
	}
	r.list("News")
	if records, _ := connectortest.Drain(t, r.system, query("lists", "name", "optin")); len(records) < 3 { // two are there from the beginning
		t.Errorf("the lists are %v", records)
	}
	records, _ := connectortest.Drain(t, r.system, query("campaigns", "name", "status"))
	if len(records) != 1 { // a sample
		t.Errorf("the campaigns are %v", records)
	}
}

// What the twin says of version 1 is so: a create of an address that exists
// answers with who has it, and every change asks again for a confirmation.
func TestRealTraps(t *testing.T) {
	r := startReal(t, "update_unconfirmed: true\n")
	var double, twice made
	r.call(http.MethodPost, "/api/lists", map[string]string{"name": "Double", "type": "public", "optin": "double"}, &double)
	who := r.subscriber("a@example.com", map[string]any{"city": "Ulm"})
	r.call(http.MethodPost, "/api/subscribers", map[string]any{"email": "A@example.com", "name": "Thief", "status": "enabled", "lists": []int64{double.ID}}, &twice)
	if twice != who {
		t.Errorf("the second create answers %v, not %v", twice, who)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if r.server.Mailbox.Await(ctx, "a@example.com") == "" {
		t.Fatalf("nobody was asked to confirm:\n%s\n%s", r.server.Log(), r.server.Mailbox.Mails())
	}
	before := len(r.server.Mailbox.Mails())
	if res := connectortest.Write(t, r.system, update("city", who.ID, record.Fields{"attribs.city": text("Bonn")}))["city"]; res.Status != connectors.Applied {
		t.Fatal(res.Err)
	}
	for len(r.server.Mailbox.Mails()) == before && ctx.Err() == nil {
		timer := time.NewTimer(50 * time.Millisecond)
		<-timer.C
	}
	if ctx.Err() != nil {
		t.Error("a change did not ask for the confirmation again")
	}
}

// Version 1 does not say who clicked when, but can be asked who did between two
// moments.
func TestRealActivities(t *testing.T) {
	r := startReal(t)
	news := r.list("News")
	who := r.subscriber("a@example.com", nil, news.ID)
	r.subscriber("b@example.com", nil, news.ID)
	q := query("activities", "person", "campaign", "kind", "at")
	var campaign made
	r.call(http.MethodPost, "/api/campaigns", map[string]any{
		"name": "Spring", "subject": "Spring", "lists": []int64{news.ID}, "content_type": "plain", "type": "regular", "messenger": "email",
		"body": `{{ TrackLink "https://example.com/offer" }} {{ TrackView }}`, "template_id": 1,
	}, &campaign)
	r.call(http.MethodPut, "/api/campaigns/"+itoa(campaign.ID)+"/status", map[string]string{"status": "running"}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	mail := strings.NewReplacer("=\n", "", "=3D", "=").Replace(r.server.Mailbox.Await(ctx, "a@example.com"))
	if records, next := connectortest.Drain(t, r.system, q); len(records) != 0 {
		t.Fatalf("before anybody did anything: %v", records)
	} else {
		q.Cursor = next
	}
	for _, form := range []string{`https?://[^\s"<>]+/link/[-0-9a-f/]+`, `https?://[^\s"<>]+/campaign/[-0-9a-f/]+px\.png`} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, regexp.MustCompile(form).FindString(mail), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Do(req)
		if err != nil || res.StatusCode >= http.StatusBadRequest {
			t.Fatalf("following a link: %v %v\n%s", res, err, mail)
		}
		_ = res.Body.Close()
	}
	r.settle() // a pass tells what is older than its overlap
	records, next := connectortest.Drain(t, r.system, q)
	person, sent := itoa(who.ID), itoa(campaign.ID)
	for id, kind := range map[string]string{person + "-v-" + sent: "open", person + "-c-" + sent: "click"} {
		if got := records[id]; got.Fields["kind"].Text() != kind || got.Fields["at"].IsNull() || got.Fields["person"].Text() != person {
			t.Errorf("%s is not told among %v", kind, records)
		}
	}
	q.Cursor = next
	if again, _ := connectortest.Drain(t, r.system, q); len(records) != 2 || len(again) != 0 {
		t.Errorf("told %d, then %d", len(records), len(again))
	}
}
