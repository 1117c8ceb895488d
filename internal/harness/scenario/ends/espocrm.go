package ends

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// espoCRM is the sales end of an EspoCRM: its leads.
type espoCRM struct {
	api
	tandem string // the key that Tandem is given
}

// EspoCRM returns an end that acts with the key of one API user and gives Tandem
// that of another, or the same; both need a role with all rights to leads and
// contacts. Leads have the fields and statuses of a new EspoCRM.
func EspoCRM(base, key, tandem string) scenario.Seller {
	sign := func(r *http.Request) {
		r.Header.Set("X-Api-Key", key)
		if r.Method == http.MethodPost { // as a person who is warned of a likeness and goes on
			r.Header.Set("X-Skip-Duplicate-Check", "true")
		}
	}
	return espoCRM{api{base: strings.TrimSuffix(base, "/") + "/api/v1", sign: sign}, tandem}
}

// Config reads the status of leads and never writes it: a new lead is New.
func (e espoCRM) Config() (string, map[string]string) {
	return `type: espocrm
role: sales
base_url: ` + strings.TrimSuffix(e.base, "/api/v1") + `
auth: {api_key: "${env:STORY_ESPOCRM_KEY}"}
overlap: 2s
objects:
  Lead:
    as: person
    create: 'email != nil'
    match: [email]
    fields:
      - {field: email, remote: emailAddress}
      - {field: first_name, remote: firstName}
      - {field: last_name, remote: lastName, placeholder: Unknown}
      - {field: city, remote: addressCity}
      - {field: lead_status, remote: status, direction: in, values: {New: lead, Assigned: lead, "In Process": opportunity, Converted: won, Recycled: lost, Dead: lost}}
      - {field: email_opt_out, remote: emailAddressIsOptedOut}
`, map[string]string{"STORY_ESPOCRM_KEY": e.tandem}
}

type espoLead struct {
	ID       string `json:"id"`
	Email    string `json:"emailAddress"`
	First    string `json:"firstName"`
	Last     string `json:"lastName"`
	City     string `json:"addressCity"`
	Status   string `json:"status"`
	OptedOut bool   `json:"emailAddressIsOptedOut"`
	Contact  string `json:"createdContactId"`
}

func (l espoLead) person() scenario.Person {
	status := map[string]scenario.Status{
		"New": scenario.Lead, "Assigned": scenario.Lead, "In Process": scenario.Opportunity,
		"Converted": scenario.Won, "Recycled": scenario.Lost, "Dead": scenario.Lost,
	}
	return scenario.Person{ID: l.ID, Email: l.Email, Name: join(l.First, l.Last), City: l.City, Status: status[l.Status], OptedOut: l.OptedOut}
}

// People pages by offset: the story's leads do not come and go meanwhile.
func (e espoCRM) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	const limit = 100
	var people []scenario.Person
	for offset := 0; ; offset += limit {
		q := url.Values{
			"maxSize": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}, "orderBy": {"createdAt"}, "order": {"asc"},
			"select": {"emailAddress,emailAddressIsOptedOut,firstName,lastName,addressCity,status"},
		}
		var page struct {
			List []espoLead `json:"list"`
		}
		if err := e.call(ctx, http.MethodGet, "/Lead?"+q.Encode(), nil, &page); err != nil {
			return nil, err
		}
		for _, l := range page.List {
			if strings.HasSuffix(l.Email, "@"+domain) {
				people = append(people, l.person())
			}
		}
		if len(page.List) < limit {
			return people, nil
		}
	}
}

// Create makes a lead.
func (e espoCRM) Create(ctx context.Context, p scenario.Person) (string, error) {
	first, last := split(p.Name)
	var made espoLead
	err := e.call(ctx, http.MethodPost, "/Lead", map[string]string{
		"emailAddress": p.Email, "firstName": first, "lastName": last, "addressCity": p.City,
	}, &made)
	return made.ID, err
}

// Edit changes a lead.
func (e espoCRM) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	change := map[string]any{}
	switch field {
	case scenario.Name:
		change["firstName"], change["lastName"] = split(value)
	case scenario.City:
		change["addressCity"] = value
	case scenario.OptOut:
		change["emailAddressIsOptedOut"] = true
	default:
		return fmt.Errorf("EspoCRM's end cannot edit %q", field)
	}
	return e.call(ctx, http.MethodPut, "/Lead/"+id, change, nil)
}

// Advance sets the status of a lead; one that is won is converted to a contact,
// by the button that EspoCRM has for it.
func (e espoCRM) Advance(ctx context.Context, id string, to scenario.Status) error {
	status := map[scenario.Status]string{scenario.Lead: "New", scenario.Opportunity: "In Process", scenario.Lost: "Dead"}[to]
	if to != scenario.Won {
		return e.call(ctx, http.MethodPut, "/Lead/"+id, map[string]string{"status": status}, nil)
	}
	lead, err := e.lead(ctx, id)
	if err != nil {
		return err
	}
	return e.call(ctx, http.MethodPost, "/Lead/action/convert", map[string]any{
		"id": id, "skipDuplicateCheck": true,
		"records": map[string]any{"Contact": map[string]string{"firstName": lead.First, "lastName": lead.Last, "emailAddress": lead.Email}},
	}, nil)
}

func (e espoCRM) lead(ctx context.Context, id string) (espoLead, error) {
	var l espoLead
	err := e.call(ctx, http.MethodGet, "/Lead/"+id, nil, &l)
	return l, err
}

// Delete removes a lead and the contact that it was converted to.
func (e espoCRM) Delete(ctx context.Context, id string) error {
	lead, err := e.lead(ctx, id)
	if err != nil {
		return err
	}
	if lead.Contact != "" {
		if err := e.call(ctx, http.MethodDelete, "/Contact/"+lead.Contact, nil, nil); err != nil {
			return err
		}
	}
	return e.call(ctx, http.MethodDelete, "/Lead/"+id, nil, nil)
}
