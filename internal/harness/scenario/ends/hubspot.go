package ends

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// hubspot is the marketing end of a HubSpot account.
type hubspot struct {
	api
	tandem string // the token that Tandem is given
}

// HubSpot returns an end that acts with one token and gives Tandem another: an
// account tells a person's edits from an integration's. The account needs the
// contact properties tandem_id (unique), sale_status and opted_out: its own
// opt-out is per subscription and takes a mail to set.
func HubSpot(url, token, tandem string) scenario.End {
	return hubspot{api{base: url, sign: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }}, tandem}
}

// Config maps the story's own properties beside those of every account.
func (h hubspot) Config() (string, map[string]string) {
	return `type: hubspot
role: marketing
base_url: ` + h.base + `
auth: {service_key: "${env:STORY_HUBSPOT_TOKEN}"}
overlap: 2s
objects:
  contacts:
    as: person
    create: 'email != nil'
    key: tandem_id
    match: [email]
    fields:
      - {field: email, remote: email}
      - {field: first_name, remote: firstname}
      - {field: last_name, remote: lastname}
      - {field: city, remote: city}
      - {field: lead_status, remote: sale_status, direction: out}
      - {field: email_opt_out, remote: opted_out}
`, map[string]string{"STORY_HUBSPOT_TOKEN": h.tandem}
}

type hubspotContact struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
}

// People pages through all contacts: the search lags behind what was just made.
func (h hubspot) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	var people []scenario.Person
	for after := ""; ; {
		var page struct {
			Results []hubspotContact `json:"results"`
			Paging  struct {
				Next struct {
					After string `json:"after"`
				} `json:"next"`
			} `json:"paging"`
		}
		path := "/crm/v3/objects/contacts?limit=100&properties=email,firstname,lastname,city,sale_status,opted_out"
		if after != "" {
			path += "&after=" + after
		}
		if err := h.call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		for _, c := range page.Results {
			if p := c.Properties; strings.HasSuffix(p["email"], "@"+domain) {
				people = append(people, scenario.Person{
					ID: c.ID, Email: p["email"], Name: join(p["firstname"], p["lastname"]), City: p["city"],
					Status: scenario.Status(p["sale_status"]), OptedOut: p["opted_out"] == "true",
				})
			}
		}
		if after = page.Paging.Next.After; after == "" {
			return people, nil
		}
	}
}

// Create makes a contact.
func (h hubspot) Create(ctx context.Context, p scenario.Person) (string, error) {
	first, last := split(p.Name)
	var made hubspotContact
	err := h.call(ctx, http.MethodPost, "/crm/v3/objects/contacts", map[string]any{
		"properties": map[string]string{"email": p.Email, "firstname": first, "lastname": last, "city": p.City},
	}, &made)
	return made.ID, err
}

// Edit changes a contact.
func (h hubspot) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	change := map[string]string{}
	switch field {
	case scenario.Name:
		change["firstname"], change["lastname"] = split(value)
	case scenario.City:
		change["city"] = value
	case scenario.OptOut:
		change["opted_out"] = "true"
	default:
		return fmt.Errorf("HubSpot's end cannot edit %q", field)
	}
	return h.call(ctx, http.MethodPatch, "/crm/v3/objects/contacts/"+id, map[string]any{"properties": change}, nil)
}

// Delete moves a contact to the bin.
func (h hubspot) Delete(ctx context.Context, id string) error {
	return h.call(ctx, http.MethodDelete, "/crm/v3/objects/contacts/"+id, nil, nil)
}
