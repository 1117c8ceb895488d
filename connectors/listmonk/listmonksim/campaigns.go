package listmonksim

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

func (t *Twin) getLists(w http.ResponseWriter, r *http.Request) {
	if len(t.db.lists) == 0 && t.opt.Version < 4 {
		send(w, []any{}) // no page at all
		return
	}
	rows := []map[string]any{}
	for _, l := range t.db.lists {
		row := t.shownList(l)
		count := 0
		for _, s := range t.db.order {
			if x := s.on(l); x != nil && x.status != "unsubscribed" {
				count++
			}
		}
		row["subscriber_count"] = count
		rows = append(rows, row)
	}
	page(w, r, rows)
}

func (t *Twin) createList(w http.ResponseWriter, r *http.Request) {
	var b struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		Optin string `json:"optin"`
	}
	if readBody(w, r, &b) {
		send(w, t.shownList(t.addList(b.Name, cmp.Or(b.Type, "private"), cmp.Or(b.Optin, "single"))))
	}
}

func (t *Twin) addList(name, kind, optin string) *list {
	l := &list{id: t.db.id(), uuid: uuid(), name: name, kind: kind, optin: optin, created: t.now()}
	t.db.lists = append(t.db.lists, l)
	return l
}

func (t *Twin) deleteList(w http.ResponseWriter, r *http.Request) {
	l := t.db.list(idOf(r.PathValue("id")))
	t.db.lists = slices.DeleteFunc(t.db.lists, func(x *list) bool { return x == l })
	for _, s := range t.db.order {
		s.subs = slices.DeleteFunc(s.subs, func(x *subscription) bool { return x.list == l })
	}
	send(w, true)
}

func (d *database) campaign(uuid string) *campaign {
	i := slices.IndexFunc(d.campaigns, func(c *campaign) bool { return c.uuid == uuid })
	if i < 0 {
		return nil
	}
	return d.campaigns[i]
}

func (c *campaign) listIDs() []int64 {
	ids := []int64{}
	for _, l := range c.lists {
		ids = append(ids, l.id)
	}
	return ids
}

func (c *campaign) shown() map[string]any {
	return map[string]any{
		"id": c.id, "uuid": c.uuid, "name": c.name, "subject": c.subject, "status": c.status, "type": "regular", "tags": []string{},
		"created_at": shown(c.created), "updated_at": shown(c.updated), "started_at": shown(c.started),
		"sent": c.sent, "to_send": c.sent, "views": c.views, "clicks": c.clicks, "bounces": c.bounced,
	}
}

func (t *Twin) getCampaigns(w http.ResponseWriter, r *http.Request) {
	rows := []map[string]any{}
	for _, c := range t.db.campaigns {
		rows = append(rows, c.shown())
	}
	page(w, r, rows)
}

func (t *Twin) subjectCampaign(w http.ResponseWriter, r *http.Request) *campaign {
	i := slices.IndexFunc(t.db.campaigns, func(c *campaign) bool { return c.id == idOf(r.PathValue("id")) })
	if i < 0 {
		refuse(w, http.StatusBadRequest, "Campaign not found")
		return nil
	}
	return t.db.campaigns[i]
}

func (t *Twin) getCampaign(w http.ResponseWriter, r *http.Request) {
	if c := t.subjectCampaign(w, r); c != nil {
		send(w, c.shown())
	}
}

func (t *Twin) deleteCampaign(w http.ResponseWriter, r *http.Request) {
	if c := t.subjectCampaign(w, r); c != nil {
		t.db.campaigns = slices.DeleteFunc(t.db.campaigns, func(x *campaign) bool { return x == c })
		send(w, true)
	}
}

func (t *Twin) createCampaign(w http.ResponseWriter, r *http.Request) {
	var b struct {
		Name    string  `json:"name"`
		Subject string  `json:"subject"`
		Body    string  `json:"body"`
		Lists   []int64 `json:"lists"`
	}
	if !readBody(w, r, &b) {
		return
	}
	c := t.addCampaign(b.Name)
	c.subject, c.body = b.Subject, b.Body
	for _, id := range b.Lists {
		if l := t.db.list(id); l != nil {
			c.lists = append(c.lists, l)
		}
	}
	send(w, c.shown())
}

func (t *Twin) addCampaign(name string) *campaign {
	c := &campaign{id: t.db.id(), uuid: uuid(), name: name, subject: name, status: "draft", created: t.now(), updated: t.now()}
	t.db.campaigns = append(t.db.campaigns, c)
	return c
}

// tracked is how a body names a link whose clicks are counted.
var tracked = regexp.MustCompile(`\{\{\s*TrackLink\s+"([^"]+)"\s*\}\}`)

// campaignStatus sends the mails at once when a campaign is set to run.
func (t *Twin) campaignStatus(w http.ResponseWriter, r *http.Request) {
	var b struct {
		Status string `json:"status"`
	}
	c := t.subjectCampaign(w, r)
	if c == nil || !readBody(w, r, &b) {
		return
	}
	if c.status, c.updated = b.Status, t.now(); b.Status == "running" {
		c.status, c.started = "finished", t.now()
		for _, s := range t.db.order {
			if s.status == "enabled" && slices.ContainsFunc(c.lists, func(l *list) bool { x := s.on(l); return x != nil && x.status != "unsubscribed" }) {
				t.mail(c, s)
			}
		}
	}
	send(w, c.shown())
}

func (t *Twin) mail(c *campaign, s *subscriber) {
	text := tracked.ReplaceAllStringFunc(c.body, func(found string) string {
		address := tracked.FindStringSubmatch(found)[1]
		i := slices.IndexFunc(c.links, func(l link) bool { return l.url == address })
		if i < 0 {
			i, c.links = len(c.links), append(c.links, link{uuid(), address})
		}
		return strings.Join([]string{t.server.URL(), "link", c.links[i].uuid, c.uuid, s.uuid}, "/")
	})
	text += "\n" + strings.Join([]string{t.server.URL(), "subscription", c.uuid, s.uuid}, "/")
	t.mails = append(t.mails, "To: "+s.email+"\nSubject: "+c.subject+"\n\n"+text)
	c.sent++
}

// click counts a click, which moves no date of the campaign.
func (t *Twin) click(w http.ResponseWriter, r *http.Request) {
	c, s := t.db.campaign(r.PathValue("campaign")), t.db.byUUID(r.PathValue("subscriber"))
	if c == nil || s == nil {
		http.Error(w, "<html>404</html>", http.StatusNotFound)
		return
	}
	for i, l := range c.links {
		if l.uuid == r.PathValue("link") {
			c.clicks++
			t.db.clicks = append(t.db.clicks, event{subscriber: s.id, campaign: c.id, link: int64(i + 1), url: l.url, at: t.now()})
			http.Redirect(w, r, l.url, http.StatusTemporaryRedirect)
			return
		}
	}
	http.Error(w, "<html>404</html>", http.StatusNotFound)
}

// activity tells what a subscriber did; of one that is missing, nothing.
func (t *Twin) activity(w http.ResponseWriter, r *http.Request) {
	id := idOf(r.PathValue("id"))
	sum := func(all []event, when, count string) []map[string]any {
		out := []map[string]any{}
		for _, e := range all {
			i := slices.IndexFunc(out, func(m map[string]any) bool { return m["campaign_id"] == e.campaign && m["link_id"] == e.link })
			if e.subscriber != id {
				continue
			}
			if i < 0 {
				i, out = len(out), append(out, map[string]any{"id": e.campaign, "campaign_id": e.campaign, "link_id": e.link, "url": e.url, count: 0})
			}
			n, _ := out[i][count].(int)
			out[i][count], out[i][when] = n+1, e.at.UTC().Format("2006-01-02T15:04:05.999999-07:00")
		}
		return out
	}
	send(w, map[string]any{
		"campaign_views": sum(t.db.views, "last_viewed_at", "view_count"), "link_clicks": sum(t.db.clicks, "last_clicked_at", "click_count"),
	})
}

func (t *Twin) getBounces(w http.ResponseWriter, r *http.Request) {
	all := slices.Clone(t.db.bounces)
	slices.SortFunc(all, func(a, b bounce) int { return a.at.Compare(b.at) })
	if r.URL.Query().Get("order") != "asc" {
		slices.Reverse(all)
	}
	rows := []map[string]any{}
	for _, b := range all {
		row := map[string]any{
			"id": b.id, "type": b.kind, "source": "webhook", "meta": map[string]any{}, "created_at": b.at.Format(time.RFC3339Nano), "subscriber_id": b.subscriber, "campaign": nil,
		}
		if b.campaign != 0 {
			row["campaign"] = map[string]any{"id": b.campaign, "name": "-"}
		}
		rows = append(rows, row)
	}
	page(w, r, rows)
}
