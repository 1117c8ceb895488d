package ends

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// TrytonLogin is a user of a Tryton.
type TrytonLogin struct{ User, Password string }

// tryton is the sales end of a Tryton.
type tryton struct {
	api
	database       string
	person, tandem TrytonLogin

	session *trytonSession
}

type trytonSession struct {
	sync.Mutex

	token string
}

// Tryton returns an end that acts as one user and gives Tandem another. Both
// need a company and an employee, and there must be a party category "Opted out".
func Tryton(base, database string, person, tandem TrytonLogin) scenario.Seller {
	return tryton{api{base: base}, database, person, tandem, &trytonSession{}}
}

// Config makes a lead of everybody who comes from marketing, and a note of
// every click.
func (e tryton) Config() (string, map[string]string) {
	return `type: tryton
role: sales
base_url: ` + e.base + `
database: ` + e.database + `
auth: {user: "` + e.tandem.User + `", password: "${env:STORY_TRYTON_PASSWORD}"}
opt_out_category: Opted out
overlap: 5s
objects:
  party.party:
    as: person
    create: 'email != nil'
    match: [email]
    fields:
      - {field: email, remote: email}
      - {field: first_name, remote: name, in: 'before(name, " ")', direction: in}
      - {field: last_name, remote: name, in: 'after(name, " ")', direction: in}
      - {remote: name, out: 'trim(concat(first_name, " ", last_name))', direction: out}
      - {field: city, remote: city}
      - field: lead_status
        remote: lead_state
        values: {lead: lead, opportunity: opportunity, converted: opportunity, won: won, lost: lost, cancelled: lost}
        out_values: {lead: lead, opportunity: opportunity, won: won, lost: lost}
        out: 'lead_status ?? "lead"'
      - {field: email_opt_out, remote: opted_out}
  ir.note:
    as: touch
    create: 'kind == "click" and person != nil'
    fields:
      - {field: person, remote: resource, direction: out}
      - {remote: message, out: 'concat("Clicked in ", subject)', direction: out}
`, map[string]string{"STORY_TRYTON_PASSWORD": e.tandem.Password}
}

// model calls a method of a model as the person, who logs in once.
func (e tryton) model(ctx context.Context, name string, out any, params ...any) error {
	e.session.Lock()
	defer e.session.Unlock()
	if e.session.token == "" {
		var key []any
		if err := e.rpc(ctx, "common.db.login", &key, e.person.User, map[string]string{"password": e.person.Password}, "en"); err != nil {
			return err
		}
		if len(key) < 2 {
			return errors.New("Tryton refuses the person's log-in")
		}
		e.session.token = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%v:%v", e.person.User, key[0], key[1]))
	}
	return e.rpc(ctx, "model."+name, out, append(params, map[string]any{"company": 1, "employee": 1, "language": "en", "active_test": false})...)
}

func (e tryton) rpc(ctx context.Context, method string, out any, params ...any) error {
	answer := struct {
		Error  []any `json:"error"`
		Result any   `json:"result"`
	}{Result: out}
	a := e.api
	a.sign = func(r *http.Request) {
		if e.session.token != "" {
			r.Header.Set("Authorization", "Session "+e.session.token)
		}
	}
	if err := a.call(ctx, http.MethodPost, "/"+e.database+"/", map[string]any{"id": 1, "method": method, "params": params}, &answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return fmt.Errorf("%s: %.300v", method, answer.Error)
	}
	return nil
}

type trytonParty struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	Active     bool   `json:"active"`
	Mechanisms []struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	} `json:"contact_mechanisms."`
	Addresses []struct {
		ID   int64  `json:"id"`
		City string `json:"city"`
	} `json:"addresses."`
	Categories []struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	} `json:"categories."`
}

func (p *trytonParty) person() scenario.Person {
	out := scenario.Person{ID: strconv.FormatInt(p.ID, 10), Name: p.Name}
	for _, m := range p.Mechanisms {
		if m.Type == "email" {
			out.Email = m.Value
		}
	}
	if len(p.Addresses) > 0 {
		out.City = p.Addresses[0].City
	}
	for _, c := range p.Categories {
		out.OptedOut = out.OptedOut || c.Name == "Opted out"
	}
	return out
}

func (e tryton) parties(ctx context.Context, domain []any) ([]trytonParty, error) {
	var found []trytonParty
	fields := []string{"name", "active", "contact_mechanisms.type", "contact_mechanisms.value", "addresses.city", "categories.name"}
	return found, e.model(ctx, "party.party.search_read", &found, domain, 0, nil, nil, fields)
}

// People tells a person's status by their newest opportunity. Who is archived
// is gone.
func (e tryton) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	found, err := e.parties(ctx, []any{[]any{"contact_mechanisms", "where", []any{[]any{"value", "ilike", "%@" + domain}}}})
	if err != nil {
		return nil, err
	}
	var people []scenario.Person
	for _, p := range found {
		if !p.Active {
			continue
		}
		person := p.person()
		deals, err := e.opportunities(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		if len(deals) > 0 {
			person.Status = deals[len(deals)-1].status()
		}
		people = append(people, person)
	}
	return people, nil
}

type trytonOpportunity struct {
	ID    int64   `json:"id"`
	State string  `json:"state"`
	Sales []int64 `json:"sales"`
}

// status knows no step between an opportunity and its sale.
func (o trytonOpportunity) status() scenario.Status {
	if o.State == "converted" {
		return scenario.Opportunity
	}
	return scenario.Status(o.State)
}

func (e tryton) opportunities(ctx context.Context, party int64) ([]trytonOpportunity, error) {
	var found []trytonOpportunity
	order := []any{[]any{"id", "ASC"}}
	return found, e.model(ctx, "sale.opportunity.search_read", &found, []any{[]any{"party", "=", party}}, 0, nil, order, []string{"state", "sales"})
}

// Create makes a party with its lead.
func (e tryton) Create(ctx context.Context, p scenario.Person) (string, error) {
	var made []int64
	err := e.model(ctx, "party.party.create", &made, []any{map[string]any{
		"name":               p.Name,
		"contact_mechanisms": []any{[]any{"create", []any{map[string]string{"type": "email", "value": p.Email}}}},
		"addresses":          []any{[]any{"create", []any{map[string]string{"city": p.City}}}},
	}})
	if err != nil {
		return "", err
	}
	if len(made) != 1 {
		return "", errors.New("Tryton does not tell whom it made")
	}
	return strconv.FormatInt(made[0], 10), e.model(ctx, "sale.opportunity.create", nil, []any{map[string]any{"party": made[0], "description": "Story"}})
}

// Edit changes a party by its form.
func (e tryton) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	party, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return fmt.Errorf("the id of a party: %w", err)
	}
	change := map[string]any{}
	switch field {
	case scenario.Name:
		change["name"] = value
	case scenario.City:
		found, err := e.parties(ctx, []any{[]any{"id", "=", party}})
		if err != nil || len(found) != 1 || len(found[0].Addresses) == 0 {
			return errors.Join(err, errors.New("the party has no address"))
		}
		// In the address's own form, which does not move the party.
		return e.model(ctx, "party.address.write", nil, []int64{found[0].Addresses[0].ID}, map[string]string{"city": value})
	case scenario.OptOut:
		var category []int64
		if err := e.model(ctx, "party.category.search", &category, []any{[]any{"name", "=", "Opted out"}}, 0, 1, nil); err != nil {
			return err
		}
		change["categories"] = []any{[]any{"add", category}}
	default:
		return fmt.Errorf("Tryton's end cannot edit %q", field) //nolint:staticcheck // a name
	}
	return e.model(ctx, "party.party.write", nil, []int64{party}, change)
}

// Advance presses the buttons of the newest opportunity, and of the sale that
// wins it.
func (e tryton) Advance(ctx context.Context, id string, to scenario.Status) error {
	party, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return fmt.Errorf("the id of a party: %w", err)
	}
	deals, err := e.opportunities(ctx, party)
	if err != nil || len(deals) == 0 {
		return errors.Join(err, errors.New("the party has no opportunity"))
	}
	deal := []int64{deals[len(deals)-1].ID}
	switch to {
	case scenario.Lead, scenario.Opportunity, scenario.Lost:
		return e.model(ctx, "sale.opportunity."+string(to), nil, deal)
	case scenario.Won:
		return e.win(ctx, party, deal)
	case scenario.None:
	}
	return fmt.Errorf("Tryton's end has no way to %q", to) //nolint:staticcheck // a name
}

func (e tryton) win(ctx context.Context, party int64, deal []int64) error {
	if err := e.model(ctx, "sale.opportunity.convert", nil, deal); err != nil {
		return err
	}
	found, err := e.parties(ctx, []any{[]any{"id", "=", party}})
	if err != nil || len(found) != 1 || len(found[0].Addresses) == 0 {
		return errors.Join(err, errors.New("the party has no address for an invoice"))
	}
	deals, err := e.opportunities(ctx, party)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(deals, func(o trytonOpportunity) bool { return o.ID == deal[0] })
	if i < 0 || len(deals[i].Sales) == 0 {
		return errors.New("the opportunity became no sale")
	}
	sale, address := deals[i].Sales, found[0].Addresses[0].ID
	if err := e.model(ctx, "sale.sale.write", nil, sale, map[string]int64{"invoice_address": address, "shipment_address": address}); err != nil {
		return err
	}
	for _, button := range []string{"quote", "confirm"} {
		if err := e.model(ctx, "sale.sale."+button, nil, sale); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes a party with its notes and what can be cancelled; one that was
// sold to can only be archived.
func (e tryton) Delete(ctx context.Context, id string) error {
	party, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return fmt.Errorf("the id of a party: %w", err)
	}
	if found, err := e.parties(ctx, []any{[]any{"id", "=", party}, []any{"active", "=", true}}); err != nil || len(found) == 0 {
		return errors.Join(err, errors.New("there is no such party"))
	}
	var notes []int64
	if err := e.model(ctx, "ir.note.search", &notes, []any{[]any{"resource", "=", "party.party," + id}}, 0, nil, nil); err != nil {
		return err
	}
	if len(notes) > 0 {
		if err := e.model(ctx, "ir.note.delete", nil, notes); err != nil {
			return err
		}
	}
	deals, err := e.opportunities(ctx, party)
	if err != nil {
		return err
	}
	for _, d := range deals {
		if e.model(ctx, "sale.opportunity.delete", nil, []int64{d.ID}) != nil {
			return e.model(ctx, "party.party.write", nil, []int64{party}, map[string]bool{"active": false})
		}
	}
	return e.model(ctx, "party.party.delete", nil, []int64{party})
}

// Story returns the notes that stand on a party.
func (e tryton) Story(ctx context.Context, id string) ([]string, error) {
	var notes []struct {
		Message string `json:"message"`
	}
	err := e.model(ctx, "ir.note.search_read", &notes, []any{[]any{"resource", "=", "party.party," + id}}, 0, nil, nil, []string{"message"})
	var lines []string
	for _, n := range notes {
		lines = append(lines, strings.TrimSpace(n.Message))
	}
	return lines, err
}
