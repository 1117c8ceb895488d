package ends

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// mautic is the marketing end of a Mautic.
type mautic struct {
	api
	user, password string
}

// Mautic returns an end that logs in by name and password. The Mautic needs the
// contact field sale_status (text). Mails cannot be clicked through its API, so
// the end sends none.
func Mautic(base, user, password string) scenario.End {
	return mautic{api{base: base, sign: func(r *http.Request) { r.SetBasicAuth(user, password) }}, user, password}
}

// Config is the connector by name and password, with the fields of the story.
func (m mautic) Config() (string, map[string]string) {
	return `type: mautic
role: marketing
base_url: ` + m.base + `
auth: {username: "` + m.user + `", password: "${env:STORY_MAUTIC_PASSWORD}"}
overlap: 2s
objects:
  contacts:
    as: person
    create: 'email != nil'
    match: [email]
    fields:
      - {field: email, remote: email}
      - {field: first_name, remote: firstname}
      - {field: last_name, remote: lastname}
      - {field: city, remote: city}
      - {field: lead_status, remote: sale_status, direction: out}
      - {field: email_opt_out, remote: email_opt_out}
`, map[string]string{"STORY_MAUTIC_PASSWORD": m.password}
}

type mauticContact struct {
	ID     int64 `json:"id"`
	Fields struct {
		All struct {
			Email  string `json:"email"`
			First  string `json:"firstname"`
			Last   string `json:"lastname"`
			City   string `json:"city"`
			Status string `json:"sale_status"`
		} `json:"all"`
	} `json:"fields"`
	OptOuts []struct {
		Channel string `json:"channel"`
		Reason  int    `json:"reason"`
	} `json:"doNotContact"`
}

func (c mauticContact) person() scenario.Person {
	p := scenario.Person{
		ID: strconv.FormatInt(c.ID, 10), Email: c.Fields.All.Email, Name: join(c.Fields.All.First, c.Fields.All.Last),
		City: c.Fields.All.City, Status: scenario.Status(c.Fields.All.Status),
	}
	for _, o := range c.OptOuts {
		p.OptedOut = p.OptedOut || o.Channel == "email" && o.Reason != 2 // 2 is a bounce
	}
	return p
}

// People pages by offset: the story's contacts do not come and go meanwhile.
// Contacts are an object by id, and a list when there are none. Mautic remembers
// for seconds how many contacts meet a condition, so each call has one of its own.
func (m mautic) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	const limit = 100
	var people []scenario.Person
	for begin := 0; ; begin += limit {
		var page struct {
			Contacts json.RawMessage `json:"contacts"`
		}
		q := url.Values{"limit": {strconv.Itoa(limit)}, "start": {strconv.Itoa(begin)}, "order[0][col]": {"id"}, "order[0][dir]": {"asc"}}
		q.Set("where[0][col]", "id")
		q.Set("where[0][expr]", "gt")
		q.Set("where[0][val]", strconv.FormatInt(-time.Now().UnixNano(), 10))
		if err := m.call(ctx, http.MethodGet, "/api/contacts?"+q.Encode(), nil, &page); err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(page.Contacts), "[") {
			return people, nil
		}
		contacts := map[string]mauticContact{}
		if err := json.Unmarshal(page.Contacts, &contacts); err != nil {
			return nil, fmt.Errorf("the contacts of Mautic: %w", err)
		}
		for _, c := range contacts {
			if p := c.person(); strings.HasSuffix(p.Email, "@"+domain) {
				people = append(people, p)
			}
		}
		if len(contacts) < limit {
			return people, nil
		}
	}
}

// Create makes a contact; Mautic would edit one that has the address already.
func (m mautic) Create(ctx context.Context, p scenario.Person) (string, error) {
	first, last := split(p.Name)
	var made struct {
		Contact mauticContact `json:"contact"`
	}
	err := m.call(ctx, http.MethodPost, "/api/contacts/new", map[string]string{
		"email": p.Email, "firstname": first, "lastname": last, "city": p.City,
	}, &made)
	return made.Contact.person().ID, err
}

// Edit changes a contact as the user of this end; an opt-out has a call of its own.
func (m mautic) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	change := map[string]string{}
	switch field {
	case scenario.Name:
		change["firstname"], change["lastname"] = split(value)
	case scenario.City:
		change["city"] = value
	case scenario.OptOut: // reason 1 is the person's own wish
		return m.call(ctx, http.MethodPost, "/api/contacts/"+id+"/dnc/email/add", map[string]int{"reason": 1}, nil)
	default:
		return fmt.Errorf("Mautic's end cannot edit %q", field) //nolint:staticcheck // a name
	}
	return m.call(ctx, http.MethodPatch, "/api/contacts/"+id+"/edit", change, nil)
}

// Delete removes a contact for good: Mautic has no bin.
func (m mautic) Delete(ctx context.Context, id string) error {
	return m.call(ctx, http.MethodDelete, "/api/contacts/"+id+"/delete", nil, nil)
}
