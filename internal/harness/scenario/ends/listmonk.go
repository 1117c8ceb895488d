package ends

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
)

// listmonk is the marketing end of a listmonk.
type listmonk struct {
	api
	user, password string
}

// listmonkMailer also sends campaigns, and so needs to see the mails.
type listmonkMailer struct {
	listmonk
	mails func() []string
}

// Listmonk returns an end that logs in by name and password, or by the name and
// token of an API user. What the server sends must come in by mails, each as it
// was sent; without it the end sends no campaigns. A listmonk does not tell who
// wrote, so that the end may be the same user as the connector.
func Listmonk(base, user, password string, mails func() []string) scenario.End {
	end := listmonk{api{base: base, sign: func(r *http.Request) { r.SetBasicAuth(user, password) }}, user, password}
	if mails == nil {
		return end
	}
	return listmonkMailer{end, mails}
}

// Config is the connector with the fields of the story, and what campaigns
// lead to.
func (l listmonk) Config() (string, map[string]string) {
	return `type: listmonk
role: marketing
base_url: ` + l.base + `
auth: {username: "` + l.user + `", password: "${env:STORY_LISTMONK_PASSWORD}"}
attribs: {city: string, sale_status: string}
overlap: 2s
objects:
  subscribers:
    as: person
    create: 'email != nil'
    match: [email]
    fields:
      - {field: email, remote: email}
      - {field: first_name, remote: name, in: 'before(name, " ")', direction: in}
      - {field: last_name, remote: name, in: 'after(name, " ")', direction: in}
      - {remote: name, out: 'trim(concat(first_name, " ", last_name))', direction: out}
      - {field: city, remote: attribs.city}
      - {field: lead_status, remote: attribs.sale_status, direction: out}
      - {field: email_opt_out, remote: email_opt_out}
  campaigns:
    as: campaign
    fields:
      - {field: name, remote: name, direction: in}
      - {field: kind, remote: kind, direction: in}
  activities:
    as: touch
    fields:
      - {field: person, remote: person, direction: in}
      - {field: campaign, remote: campaign, direction: in}
      - {field: kind, remote: kind, direction: in}
      - {field: at, remote: at, direction: in}
      - {field: subject, remote: subject, direction: in}
`, map[string]string{"STORY_LISTMONK_PASSWORD": l.password}
}

type listmonkSubscriber struct {
	ID      int64          `json:"id"`
	UUID    string         `json:"uuid"`
	Email   string         `json:"email"`
	Name    string         `json:"name"`
	Status  string         `json:"status"`
	Attribs map[string]any `json:"attribs"`
	Lists   []struct {
		ID int64 `json:"id"`
	} `json:"lists"`
}

func (s *listmonkSubscriber) person() scenario.Person {
	city, _ := s.Attribs["city"].(string)
	status, _ := s.Attribs["sale_status"].(string)
	return scenario.Person{
		ID: strconv.FormatInt(s.ID, 10), Email: s.Email, Name: s.Name, City: city, Status: scenario.Status(status), OptedOut: s.Status == "blocklisted",
	}
}

// People reads all subscribers there are.
func (l listmonk) People(ctx context.Context, domain string) ([]scenario.Person, error) {
	var answer struct {
		Data struct {
			Results []listmonkSubscriber `json:"results"`
		} `json:"data"`
	}
	if err := l.call(ctx, http.MethodGet, "/api/subscribers?per_page=all", nil, &answer); err != nil {
		return nil, err
	}
	var people []scenario.Person
	for _, s := range answer.Data.Results {
		if strings.HasSuffix(s.Email, "@"+domain) {
			people = append(people, s.person())
		}
	}
	return people, nil
}

func (l listmonk) subscriber(ctx context.Context, id string) (s listmonkSubscriber, err error) {
	answer := struct {
		Data *listmonkSubscriber `json:"data"`
	}{&s}
	return s, l.call(ctx, http.MethodGet, "/api/subscribers/"+id, nil, &answer)
}

// listmonkMade is what was made: a subscriber, list or campaign.
type listmonkMade struct {
	Data struct {
		ID int64 `json:"id"`
	} `json:"data"`
}

// Create makes a subscriber on no list.
func (l listmonk) Create(ctx context.Context, p scenario.Person) (string, error) {
	var m listmonkMade
	err := l.call(ctx, http.MethodPost, "/api/subscribers", map[string]any{
		"email": p.Email, "name": p.Name, "status": "enabled", "attribs": map[string]string{"city": p.City}, "lists": []int64{},
	}, &m)
	return strconv.FormatInt(m.Data.ID, 10), err
}

// nobodysCampaign stands in the link of the page to unsubscribe where there is
// no campaign.
const nobodysCampaign = "00000000-0000-0000-0000-000000000000"

// Edit changes a subscriber as listmonk's page does, by sending all of it; an
// opt-out is what the person does on the public page, wanting no mail at all.
func (l listmonk) Edit(ctx context.Context, id string, field scenario.Field, value string) error {
	s, err := l.subscriber(ctx, id)
	if err != nil {
		return err
	}
	switch field {
	case scenario.Name:
		s.Name = value
	case scenario.City:
		if s.Attribs == nil {
			s.Attribs = map[string]any{}
		}
		s.Attribs["city"] = value
	case scenario.OptOut:
		_, err := l.visit(ctx, http.MethodPost, l.base+"/subscription/"+nobodysCampaign+"/"+s.UUID, url.Values{"blocklist": {"true"}})
		return err
	default:
		return fmt.Errorf("listmonk's end cannot edit %q", field)
	}
	lists := []int64{}
	for _, x := range s.Lists {
		lists = append(lists, x.ID)
	}
	return l.call(ctx, http.MethodPut, "/api/subscribers/"+id, map[string]any{
		"email": s.Email, "name": s.Name, "status": s.Status, "attribs": s.Attribs, "lists": lists,
	}, nil)
}

// visit is what a person does with a link: no one logs in, and where it leads
// is told but not gone to.
func (listmonk) visit(ctx context.Context, method, address string, form url.Values) (leadsTo string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close() //nolint:errcheck // only read from
	if res.StatusCode >= http.StatusBadRequest {
		return "", fmt.Errorf("%s %s answered %s", method, req.URL.Path, res.Status)
	}
	return res.Header.Get("Location"), nil
}

// Delete removes a subscriber for good: listmonk has no bin, and does not mind
// one that is gone.
func (l listmonk) Delete(ctx context.Context, id string) error {
	return l.call(ctx, http.MethodDelete, "/api/subscribers?id="+id, nil, nil)
}

const listmonkOffer = "https://example.com/offer"

// Campaign makes a list of these people, sends to it and follows the link in
// each of their mails.
func (l listmonkMailer) Campaign(ctx context.Context, name string, ids []string) error {
	var list, campaign listmonkMade
	if err := l.call(ctx, http.MethodPost, "/api/lists", map[string]string{"name": name, "type": "private", "optin": "single"}, &list); err != nil {
		return err
	}
	members := make([]int64, len(ids))
	for i, id := range ids {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return fmt.Errorf("the id of a subscriber: %w", err)
		}
		members[i] = n
	}
	err := l.call(ctx, http.MethodPut, "/api/subscribers/lists", map[string]any{
		"ids": members, "action": "add", "target_list_ids": []int64{list.Data.ID}, "status": "confirmed",
	}, nil)
	if err != nil {
		return err
	}
	err = l.call(ctx, http.MethodPost, "/api/campaigns", map[string]any{
		"name": name, "subject": name, "lists": []int64{list.Data.ID}, "type": "regular", "content_type": "plain", "messenger": "email",
		"template_id": 1, "body": `Look: {{ TrackLink "` + listmonkOffer + `" }}`,
	}, &campaign)
	if err != nil {
		return err
	}
	path := "/api/campaigns/" + strconv.FormatInt(campaign.Data.ID, 10)
	if err := l.call(ctx, http.MethodPut, path+"/status", map[string]string{"status": "running"}, nil); err != nil {
		return err
	}
	for _, id := range ids {
		if err := l.follow(ctx, name, id); err != nil {
			return err
		}
	}
	return nil
}

// follow waits for a person's mail and clicks its link.
func (l listmonkMailer) follow(ctx context.Context, subject, id string) error {
	s, err := l.subscriber(ctx, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if link := l.link(subject, s.Email); link != "" {
			leadsTo, err := l.visit(ctx, http.MethodGet, link, nil)
			if err == nil && leadsTo != listmonkOffer {
				err = fmt.Errorf("the link in the mail leads to %q", leadsTo)
			}
			return err
		}
		timer := time.NewTimer(200 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("no mail of the campaign reached %s", s.Email)
		}
	}
}

var listmonkLink = regexp.MustCompile(`https?://[^\s"<>]+/link/[-0-9a-f]+/[-0-9a-f]+/[-0-9a-f]+`)

// link finds the listmonkLink link in the mail of that subject to that address.
func (l listmonkMailer) link(subject, address string) string {
	mails := l.mails()
	i := slices.IndexFunc(mails, func(mail string) bool {
		return strings.Contains(mail, "Subject: "+subject) && strings.Contains(mail, address)
	})
	if i < 0 {
		return ""
	}
	// Mails are cut to lines of 76 characters, which end in = where they go on.
	return listmonkLink.FindString(strings.NewReplacer("=\n", "", "=3D", "=").Replace(mails[i]))
}
