package ends

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// SuiteClient is an OAuth 2 client of a SuiteCRM, which acts as a user of its own.
type SuiteClient struct{ ID, Secret string }

// suiteCRM is the sales end of a SuiteCRM: its leads.
type suiteCRM struct {
	api
	tandem SuiteClient // the client that Tandem is given
}

type suiteToken struct {
	mu    sync.Mutex
	text  string
	until time.Time
}

// SuiteCRM returns an end that acts by one client with the grant client
// credentials and gives Tandem another, or the same. Leads have the fields and
// statuses of a new SuiteCRM.
func SuiteCRM(base string, own, tandem SuiteClient) scenario.Seller {
	base = strings.TrimSuffix(base, "/")
	token := &suiteToken{}
	sign := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.get(r.Context(), base, own)) }
	return suiteCRM{api{base: base + "/Api/V8", sign: sign}, tandem}
}

// get returns an access token; a refusal shows in the call it is used for.
func (t *suiteToken) get(ctx context.Context, base string, client SuiteClient) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Now().Before(t.until) {
		return t.text
	}
	var got struct {
		Token string `json:"access_token"`
		Lives int    `json:"expires_in"`
	}
	form := map[string]string{"grant_type": "client_credentials", "client_id": client.ID, "client_secret": client.Secret}
	if (api{base: base}).call(ctx, http.MethodPost, "/Api/access_token", form, &got) != nil {
		return ""
	}
	t.text, t.until = got.Token, time.Now().Add(time.Duration(got.Lives)*time.Second-time.Minute)
	return t.text
}

// Config reads the status of leads and never writes it.
func (s suiteCRM) Config() (string, map[string]string) {
	return `type: suitecrm
role: sales
base_url: ` + strings.TrimSuffix(s.base, "/Api/V8") + `
auth: {client_id: "` + s.tandem.ID + `", client_secret: "${env:STORY_SUITECRM_SECRET}"}
overlap: 2s
objects:
  Leads:
    as: person
    create: 'email != nil'
    match: [email]
    fields:
      - {field: email, remote: email1}
      - {field: first_name, remote: first_name}
      - {field: last_name, remote: last_name, placeholder: Unknown}
      - {field: city, remote: primary_address_city}
      - {field: lead_status, remote: status, direction: in, values: {New: lead, Assigned: lead, "In Process": opportunity, Converted: won, Recycled: lost, Dead: lost}}
      - {field: email_opt_out, remote: email_opt_out}
`, map[string]string{"STORY_SUITECRM_SECRET": s.tandem.Secret}
}

type suiteLead struct {
	ID         string `json:"id"`
	Attributes struct {
		Email  string `json:"email1"`
		First  string `json:"first_name"`
		Last   string `json:"last_name"`
		City   string `json:"primary_address_city"`
		Status string `json:"status"`
		OptOut string `json:"email_opt_out"`
	} `json:"attributes"`
}

func (l suiteLead) person() scenario.Person {
	status := map[string]scenario.Status{
		"New": scenario.Lead, "Assigned": scenario.Lead, "In Process": scenario.Opportunity,
		"Converted": scenario.Won, "Recycled": scenario.Lost, "Dead": scenario.Lost,
	}
	a := l.Attributes
	return scenario.Person{
		ID: l.ID, Email: html.UnescapeString(a.Email), Name: html.UnescapeString(join(a.First, a.Last)),
		City: html.UnescapeString(a.City), Status: status[a.Status], OptedOut: a.OptOut == "1",
	}
}

// People pages by number: the story's leads do not come and go meanwhile.
func (s suiteCRM) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	const limit = 100
	var people []scenario.Person
	for n := 1; ; n++ {
		q := url.Values{"page[size]": {strconv.Itoa(limit)}, "page[number]": {strconv.Itoa(n)}, "sort": {"id"}}
		q.Set("fields[Leads]", "email1,first_name,last_name,primary_address_city,status,email_opt_out")
		var page struct {
			Data []suiteLead `json:"data"`
		}
		if err := s.call(ctx, http.MethodGet, "/module/Leads?"+q.Encode(), nil, &page); err != nil {
			return nil, err
		}
		for _, l := range page.Data {
			if p := l.person(); strings.HasSuffix(p.Email, "@"+domain) {
				people = append(people, p)
			}
		}
		if len(page.Data) < limit {
			return people, nil
		}
	}
}

func (s suiteCRM) write(ctx context.Context, method, module, id string, attributes map[string]any) (string, error) {
	data := map[string]any{"type": module, "attributes": attributes}
	if id != "" {
		data["id"] = id
	}
	var made struct {
		Data suiteLead `json:"data"`
	}
	err := s.call(ctx, method, "/module", map[string]any{"data": data}, &made)
	return made.Data.ID, err
}

// Create makes a lead, new as one that is typed in. The form ticks the opt-out
// of an address that is known; without the tick it would be taken back.
func (s suiteCRM) Create(ctx context.Context, p scenario.Person) (string, error) {
	first, last := split(p.Name)
	lead := map[string]any{"email1": p.Email, "first_name": first, "last_name": last, "primary_address_city": p.City, "status": "New"}
	known, err := s.addresses(ctx, p.Email)
	if err != nil {
		return "", err
	}
	for _, a := range known {
		lead["email_opt_out"] = a.Attributes.OptOut == "1"
	}
	return s.write(ctx, http.MethodPost, "Leads", "", lead)
}

type suiteAddress struct {
	ID         string `json:"id"`
	Attributes struct {
		OptOut string `json:"opt_out"`
	} `json:"attributes"`
}

// addresses returns what the address book has of an address.
func (s suiteCRM) addresses(ctx context.Context, address string) ([]suiteAddress, error) {
	var found struct {
		Data []suiteAddress `json:"data"`
	}
	q := url.Values{"filter[email_address_caps][eq]": {strings.ToUpper(address)}, "fields[EmailAddresses]": {"opt_out"}}
	err := s.call(ctx, http.MethodGet, "/module/EmailAddresses?"+q.Encode(), nil, &found)
	return found.Data, err
}

// Edit changes a lead; an opt-out stands on its address.
func (s suiteCRM) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	change := map[string]any{}
	switch field {
	case scenario.Name:
		change["first_name"], change["last_name"] = split(value)
	case scenario.City:
		change["primary_address_city"] = value
	case scenario.OptOut:
		return s.optOut(ctx, id)
	default:
		return fmt.Errorf("SuiteCRM's end cannot edit %q", field)
	}
	_, err := s.write(ctx, http.MethodPatch, "Leads", id, change)
	return err
}

func (s suiteCRM) optOut(ctx context.Context, id string) error {
	var lead struct {
		Data suiteLead `json:"data"`
	}
	if err := s.call(ctx, http.MethodGet, "/module/Leads/"+id, nil, &lead); err != nil {
		return err
	}
	found, err := s.addresses(ctx, lead.Data.person().Email)
	if err != nil {
		return err
	}
	for _, a := range found {
		if _, err := s.write(ctx, http.MethodPatch, "EmailAddresses", a.ID, map[string]any{"opt_out": true}); err != nil {
			return err
		}
	}
	return nil
}

// Advance sets the status of a lead, as its list of values has it; converting
// one is a form that the API has not.
func (s suiteCRM) Advance(ctx context.Context, id string, to scenario.Status) error {
	status := map[scenario.Status]string{
		scenario.Lead: "New", scenario.Opportunity: "In Process", scenario.Won: "Converted", scenario.Lost: "Dead",
	}[to]
	_, err := s.write(ctx, http.MethodPatch, "Leads", id, map[string]any{"status": status})
	return err
}

// Delete removes a lead.
func (s suiteCRM) Delete(ctx context.Context, id string) error {
	return s.call(ctx, http.MethodDelete, "/module/Leads/"+id, nil, nil)
}
