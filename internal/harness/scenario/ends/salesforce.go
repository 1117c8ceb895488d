package ends

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// salesforce is the sales end of a Salesforce organisation.
type salesforce struct {
	api
	clientID, secret string
}

// Salesforce returns an end that speaks with an access token, while Tandem is
// given the connected app's credentials. The organisation needs the lead
// fields Tandem_Id__c (unique) and Sale__c (a picklist of the statuses).
func Salesforce(url, token, clientID, secret string) scenario.Seller {
	sign := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	return salesforce{api: api{base: url + "/services/data/v62.0", sign: sign}, clientID: clientID, secret: secret}
}

// Config gives a lead that comes from marketing the first status.
func (s salesforce) Config() (string, map[string]string) {
	return `type: salesforce
role: sales
base_url: ` + strings.TrimSuffix(s.base, "/services/data/v62.0") + `
auth: {client_id: "` + s.clientID + `", client_secret: "${env:STORY_SALESFORCE_SECRET}"}
overlap: 2s
objects:
  Lead:
    as: person
    create: 'email != nil'
    key: Tandem_Id__c
    match: [email]
    fields:
      - {field: email, remote: Email}
      - {field: first_name, remote: FirstName}
      - {field: last_name, remote: LastName, placeholder: Unknown}
      - {field: company_name, remote: Company, placeholder: Unknown}
      - {field: city, remote: City}
      - {field: lead_status, remote: Sale__c, out: 'lead_status ?? "lead"'}
      - {field: email_opt_out, remote: HasOptedOutOfEmail}
`, map[string]string{"STORY_SALESFORCE_SECRET": s.secret}
}

// People asks for the leads of a domain.
func (s salesforce) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	query := "SELECT Id, Email, FirstName, LastName, City, Sale__c, HasOptedOutOfEmail FROM Lead WHERE Email LIKE '%@" + domain + "'"
	var answer struct {
		Records []struct {
			ID                         string `json:"Id"`
			Email, FirstName, LastName string
			City, Sale                 string
			SaleC                      string `json:"Sale__c"`
			HasOptedOutOfEmail         bool
		} `json:"records"`
	}
	if err := s.call(ctx, http.MethodGet, "/query?q="+url.QueryEscape(query), nil, &answer); err != nil {
		return nil, err
	}
	people := make([]scenario.Person, len(answer.Records))
	for i, r := range answer.Records {
		people[i] = scenario.Person{
			ID: r.ID, Email: r.Email, Name: join(r.FirstName, r.LastName), City: r.City,
			Status: scenario.Status(r.SaleC), OptedOut: r.HasOptedOutOfEmail,
		}
	}
	return people, nil
}

// Create makes a lead as sales does, with the first status.
func (s salesforce) Create(ctx context.Context, p scenario.Person) (string, error) {
	first, last := split(p.Name)
	var made struct {
		ID string `json:"id"`
	}
	err := s.call(ctx, http.MethodPost, "/sobjects/Lead", map[string]any{
		"Email": p.Email, "FirstName": first, "LastName": last, "City": p.City, "Company": "Story", "Sale__c": string(scenario.Lead),
	}, &made)
	return made.ID, err
}

// Edit changes a lead.
func (s salesforce) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	change := map[string]any{}
	switch field {
	case scenario.Name:
		change["FirstName"], change["LastName"] = split(value)
	case scenario.City:
		change["City"] = value
	case scenario.OptOut:
		change["HasOptedOutOfEmail"] = true
	default:
		return fmt.Errorf("Salesforce's end cannot edit %q", field) //nolint:staticcheck // a name
	}
	return s.patch(ctx, id, change)
}

// Advance sets the lead's status.
func (s salesforce) Advance(ctx context.Context, id string, to scenario.Status) error {
	return s.patch(ctx, id, map[string]any{"Sale__c": string(to)})
}

// Delete moves a lead to the bin.
func (s salesforce) Delete(ctx context.Context, id string) error {
	return s.call(ctx, http.MethodDelete, "/sobjects/Lead/"+id, nil, nil)
}

func (s salesforce) patch(ctx context.Context, id string, change map[string]any) error {
	return s.call(ctx, http.MethodPatch, "/sobjects/Lead/"+id, change, nil)
}
