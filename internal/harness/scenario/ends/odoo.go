package ends

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// odoo is the sales end of an Odoo with CRM: its leads.
type odoo struct {
	api
	db, user, key string
}

// Odoo returns an end that acts as the user that Tandem is given: an Odoo shows
// both alike. It speaks JSON-RPC, which all versions up to now have; Tandem
// chooses by the version. The user needs all rights to leads and to the
// blacklist of addresses. A new Odoo has all fields that the story needs.
func Odoo(base, db, user, key string) scenario.Seller {
	return odoo{api{base: base}, db, user, key}
}

// Config makes leads of those who come from marketing, and from then on only
// reads how far their sale is.
func (o odoo) Config() (string, map[string]string) {
	return `type: odoo
role: sales
base_url: ` + o.base + `
database: "` + o.db + `"
auth: {user: "` + o.user + `", key: "${env:STORY_ODOO_KEY}"}
overlap: 2s
objects:
  crm.lead:
    as: person
    create: 'email != nil'
    match: [email]
    observe: [name, sale_status]
    fields:
      - {remote: name, out: 'concat(first_name, " ", last_name)', placeholder: Unknown, direction: out}
      - {field: email, remote: email_from}
      - {field: first_name, remote: contact_name, in: 'before(contact_name, " ")', direction: in}
      - {field: last_name, remote: contact_name, in: 'after(contact_name, " ")', direction: in}
      - {remote: contact_name, out: 'trim(concat(first_name, " ", last_name))', direction: out}
      - {field: city, remote: city}
      - {field: lead_status, remote: sale_status, out: 'lead_status ?? "lead"'}
      - {field: email_opt_out, remote: email_opt_out}
`, map[string]string{"STORY_ODOO_KEY": o.key}
}

// service calls a service behind JSON-RPC. Its errors come with status 200.
func (o odoo) service(ctx context.Context, service, method string, out any, args ...any) error {
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Data struct {
				Name    string `json:"name"`
				Message string `json:"message"`
			} `json:"data"`
		} `json:"error"`
	}
	body := map[string]any{"jsonrpc": "2.0", "method": "call", "params": map[string]any{"service": service, "method": method, "args": args}}
	if err := o.call(ctx, http.MethodPost, "/jsonrpc", body, &answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return fmt.Errorf("Odoo's %s.%s: %s: %.300s", service, method, answer.Error.Data.Name, answer.Error.Data.Message) //nolint:staticcheck // a name
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, out)
}

// execute calls a method of a model.
func (o odoo) execute(ctx context.Context, model, method string, out any, args ...any) error {
	var uid int // a refusal is false, which is no number
	if err := o.service(ctx, "common", "authenticate", &uid, o.db, o.user, o.key, struct{}{}); err != nil {
		return fmt.Errorf("Odoo does not let %s in: %w", o.user, err)
	}
	named := map[string]any{"context": map[string]any{"active_test": false}} // a lost lead is archived
	return o.service(ctx, "object", "execute_kw", out, o.db, uid, o.key, model, method, args, named)
}

// odooText is a text, or false where there is none.
type odooText string

// UnmarshalJSON takes either.
func (s *odooText) UnmarshalJSON(b []byte) error {
	if string(b) == "false" {
		*s = ""
		return nil
	}
	return json.Unmarshal(b, (*string)(s))
}

type odooLead struct {
	ID          int      `json:"id"`
	Email       odooText `json:"email_from"`
	Name        odooText `json:"contact_name"`
	City        odooText `json:"city"`
	Type        string   `json:"type"`
	Active      bool     `json:"active"`
	Probability float64  `json:"probability"`
	Blacklisted bool     `json:"is_blacklisted"`
}

func (l odooLead) person() scenario.Person {
	p := scenario.Person{
		ID: strconv.Itoa(l.ID), Email: string(l.Email), Name: string(l.Name), City: string(l.City),
		Status: scenario.Status(l.Type), OptedOut: l.Blacklisted,
	}
	switch {
	case l.Active && l.Probability == 100:
		p.Status = scenario.Won
	case !l.Active && l.Probability == 0:
		p.Status = scenario.Lost
	}
	return p
}

func (o odoo) leads(ctx context.Context, condition ...any) ([]odooLead, error) {
	var leads []odooLead
	fields := []string{"email_from", "contact_name", "city", "type", "active", "probability", "is_blacklisted"}
	err := o.execute(ctx, "crm.lead", "search_read", &leads, []any{condition}, fields)
	return leads, err
}

// People asks for the leads of a domain.
func (o odoo) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	leads, err := o.leads(ctx, "email_from", "=ilike", "%@"+domain)
	if err != nil {
		return nil, err
	}
	people := make([]scenario.Person, len(leads))
	for i, l := range leads {
		people[i] = l.person()
	}
	return people, nil
}

// Create makes a lead as sales does. An Odoo may be set up to begin with
// opportunities, so the type is given.
func (o odoo) Create(ctx context.Context, p scenario.Person) (string, error) {
	var ids []int
	err := o.execute(ctx, "crm.lead", "create", &ids, []any{map[string]any{
		"name": "Story of " + p.Name, "type": "lead", "email_from": p.Email, "contact_name": p.Name, "city": p.City,
	}})
	if err == nil && len(ids) != 1 {
		err = fmt.Errorf("Odoo made %d leads of one", len(ids))
	}
	if err != nil {
		return "", err
	}
	return strconv.Itoa(ids[0]), nil
}

// Edit changes a lead; an opt-out is an entry in the blacklist of addresses.
func (o odoo) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	switch field {
	case scenario.Name:
		return o.press(ctx, id, "write", map[string]string{"contact_name": value})
	case scenario.City:
		return o.press(ctx, id, "write", map[string]string{"city": value})
	case scenario.OptOut:
		address, err := o.address(ctx, id)
		if err != nil {
			return err
		}
		return o.execute(ctx, "mail.blacklist", "create", nil, []any{map[string]string{"email": address}})
	default:
		return fmt.Errorf("Odoo's end cannot edit %q", field) //nolint:staticcheck // a name
	}
}

// Advance presses the buttons of the pipeline. What makes an opportunity of a
// lead is a wizard, of which only the outcome is told here.
func (o odoo) Advance(ctx context.Context, id string, to scenario.Status) error {
	switch to {
	case scenario.Won:
		return o.press(ctx, id, "action_set_won")
	case scenario.Lost:
		return o.press(ctx, id, "action_set_lost")
	default:
		return o.press(ctx, id, "write", map[string]string{"type": string(to)})
	}
}

// Delete removes a lead for good, and its address from the blacklist: that is
// what hangs on it.
func (o odoo) Delete(ctx context.Context, id string) error {
	address, err := o.address(ctx, id)
	if err != nil {
		return err
	}
	if err := o.press(ctx, id, "unlink"); err != nil {
		return err
	}
	var entries []struct {
		ID int `json:"id"`
	}
	if err := o.execute(ctx, "mail.blacklist", "search_read", &entries, []any{[]any{"email", "=", address}}, []string{"email"}); err != nil {
		return err
	}
	for _, e := range entries {
		if err := o.execute(ctx, "mail.blacklist", "unlink", nil, []int{e.ID}); err != nil {
			return err
		}
	}
	return nil
}

// press calls a method of one lead.
func (o odoo) press(ctx context.Context, id, method string, args ...any) error {
	n, err := odooID(id)
	if err != nil {
		return err
	}
	return o.execute(ctx, "crm.lead", method, nil, append([]any{[]int{n}}, args...)...)
}

// address is the address of a lead.
func (o odoo) address(ctx context.Context, id string) (string, error) {
	n, err := odooID(id)
	if err != nil {
		return "", err
	}
	leads, err := o.leads(ctx, "id", "=", n)
	if err == nil && len(leads) != 1 {
		err = fmt.Errorf("Odoo has no lead %d", n)
	}
	if err != nil {
		return "", err
	}
	return string(leads[0].Email), nil
}

func odooID(id string) (int, error) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return 0, fmt.Errorf("a lead of Odoo has a number for an id: %w", err)
	}
	return n, nil
}
