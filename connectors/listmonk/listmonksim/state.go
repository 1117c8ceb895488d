package listmonksim

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"
)

// database is what listmonk keeps in PostgreSQL.
type database struct {
	byID      map[int64]*subscriber
	order     []*subscriber // by id
	lists     []*list
	campaigns []*campaign
	views     []event
	clicks    []event
	bounces   []bounce
	next      int64 // the last id given to anything
}

type subscriber struct {
	id               int64
	uuid, email      string
	name, status     string
	attribs          map[string]any
	created, updated time.Time
	subs             []*subscription
}

type subscription struct {
	list             *list
	status           string
	created, updated time.Time
}

type list struct {
	id               int64
	uuid, name, kind string
	optin            string
	created          time.Time
}

type campaign struct {
	id                  int64
	uuid, name, subject string
	body, status        string
	lists               []*list
	created, started    time.Time
	sent, views, clicks int
	bounced             int
	links               []link
	updated             time.Time
}

type link struct{ uuid, url string }

// event is a view or a click.
type event struct {
	subscriber, campaign, link int64
	url                        string
	at                         time.Time
}

type bounce struct {
	id, subscriber, campaign int64
	kind                     string
	at                       time.Time
}

func (d *database) id() int64 {
	d.next++
	return d.next
}

// uuid makes one of the form that listmonk's addresses are checked for.
func uuid() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (d *database) add(email, name string, at time.Time) *subscriber {
	s := &subscriber{
		id: d.id(), uuid: uuid(), email: email, name: name, status: "enabled", attribs: map[string]any{}, created: at, updated: at,
	}
	d.byID[s.id], d.order = s, append(d.order, s)
	return s
}

func (d *database) delete(id int64) {
	s := d.byID[id]
	delete(d.byID, id)
	d.order = slices.DeleteFunc(d.order, func(x *subscriber) bool { return x == s })
}

func (d *database) byEmail(email string) *subscriber {
	for _, s := range d.order {
		if s.email == email {
			return s
		}
	}
	return nil
}

func (d *database) byUUID(id string) *subscriber {
	i := slices.IndexFunc(d.order, func(s *subscriber) bool { return s.uuid == id })
	if i < 0 {
		return nil
	}
	return d.order[i]
}

func (d *database) list(id int64) *list {
	i := slices.IndexFunc(d.lists, func(l *list) bool { return l.id == id })
	if i < 0 {
		return nil
	}
	return d.lists[i]
}

func (s *subscriber) on(l *list) *subscription {
	i := slices.IndexFunc(s.subs, func(x *subscription) bool { return x.list == l })
	if i < 0 {
		return nil
	}
	return s.subs[i]
}

// subscribe puts somebody on lists where they are not yet.
func (d *database) subscribe(s *subscriber, ids []int64, status string, at time.Time) {
	for _, id := range ids {
		if l := d.list(id); l != nil && s.on(l) == nil {
			s.subs = append(s.subs, &subscription{list: l, status: status, created: at, updated: at})
		}
	}
}

// shown is how a moment is sent: in the zone of the server.
func shown(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.In(time.FixedZone("", 5*3600+1800)).Format(time.RFC3339Nano)
}

func (t *Twin) shown(s *subscriber) map[string]any {
	lists := []map[string]any{}
	for _, x := range s.subs {
		l := t.shownList(x.list)
		l["subscription_status"] = x.status
		if t.opt.Version >= 6 {
			l["subscription_created_at"], l["subscription_updated_at"] = shown(x.created), shown(x.updated)
		}
		lists = append(lists, l)
	}
	return map[string]any{
		"id": s.id, "uuid": s.uuid, "email": s.email, "name": s.name, "status": s.status, "attribs": s.attribs,
		"created_at": shown(s.created), "updated_at": shown(s.updated), "lists": lists,
	}
}

func (*Twin) shownList(l *list) map[string]any {
	return map[string]any{
		"id": l.id, "uuid": l.uuid, "name": l.name, "type": l.kind, "optin": l.optin, "tags": []string{},
		"created_at": shown(l.created), "updated_at": shown(l.created),
	}
}

// askToConfirm notes the mail that listmonk sends to those who have not
// confirmed a double opt-in.
func (t *Twin) askToConfirm(s *subscriber) {
	if slices.ContainsFunc(s.subs, func(x *subscription) bool { return x.list.optin == "double" && x.status == "unconfirmed" }) {
		t.mails = append(t.mails, "To: "+s.email+"\n\n"+t.server.URL()+"/subscription/optin/"+s.uuid)
	}
}

func validEmail(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	return ok && name != "" && strings.Contains(domain, ".") && !strings.ContainsAny(s, " \t\r\n")
}
