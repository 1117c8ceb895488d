package listmonksim

import (
	"slices"
	"strings"
	"time"
)

// Subscriber is a subscriber as a test sees it. Lists are the states of its
// subscriptions by the ids of the lists.
type Subscriber struct {
	ID                        int64
	UUID, Email, Name, Status string
	Attribs                   map[string]any
	Lists                     map[int64]string
}

// Seed makes n subscribers, all at one moment; email tells their addresses.
func (t *Twin) Seed(n int, at time.Time, email func(i int) string) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = t.db.add(email(i), "Somebody", at.Truncate(time.Microsecond)).id
	}
	return ids
}

// AddList makes a list; its opt-in is single or double.
func (t *Twin) AddList(name, optin string) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.addList(name, "public", optin).id
}

// AddCampaign makes a campaign to a list.
func (t *Twin) AddCampaign(name string, to int64) (id int64, uuid string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.addCampaign(name)
	c.lists = []*list{t.db.list(to)}
	return c.id, c.uuid
}

// Subscribe puts a subscriber on a list.
func (t *Twin) Subscribe(id, list int64, status string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.db.subscribe(t.db.byID[id], []int64{list}, status, t.now())
}

// Edit sets an attribute, at a path with dots, as a person would; nil clears it.
func (t *Twin) Edit(id int64, path string, value any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.db.byID[id]
	if s == nil {
		return
	}
	keys, at := strings.Split(path, "."), s.attribs
	for _, key := range keys[:len(keys)-1] {
		inner, ok := at[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[key] = inner
		}
		at = inner
	}
	if at[keys[len(keys)-1]] = value; value == nil {
		delete(at, keys[len(keys)-1])
	}
	s.updated = t.now()
}

// Enable lifts a blocklisting, as an administrator would.
func (t *Twin) Enable(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.db.byID[id].status, t.db.byID[id].updated = "enabled", t.now()
}

// HardBounce notes a bounce and blocklists, which moves no date.
func (t *Twin) HardBounce(id, campaign int64, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.db.byID[id].status = "blocklisted"
	t.db.bounces = append(t.db.bounces, bounce{id: t.db.id(), subscriber: id, campaign: campaign, kind: "hard", at: at})
}

// View notes that somebody opened a campaign's mail.
func (t *Twin) View(id, campaign int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.db.views = append(t.db.views, event{subscriber: id, campaign: campaign, at: t.now()})
}

// Click notes that somebody clicked a link in a campaign's mail.
func (t *Twin) Click(id, campaign int64, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.db.clicks = append(t.db.clicks, event{subscriber: id, campaign: campaign, link: int64(len(address)), url: address, at: t.now()})
}

// Get returns a subscriber.
func (t *Twin) Get(id int64) (Subscriber, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.db.byID[id]
	if s == nil {
		return Subscriber{}, false
	}
	out := Subscriber{ID: s.id, UUID: s.uuid, Email: s.email, Name: s.name, Status: s.status, Attribs: s.attribs, Lists: map[int64]string{}}
	for _, x := range s.subs {
		out.Lists[x.list.id] = x.status
	}
	return out, true
}

// Count returns how many subscribers there are.
func (t *Twin) Count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.db.order)
}

// Delete removes a subscriber as a person would.
func (t *Twin) Delete(id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.db.delete(id)
}

// Mails returns the mails sent so far: head, an empty line, text.
func (t *Twin) Mails() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.mails)
}
