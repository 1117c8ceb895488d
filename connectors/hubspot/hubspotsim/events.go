package hubspotsim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// EmailEvent is what happened to one marketing e-mail at one recipient.
type EmailEvent struct {
	// Type is SENT, DELIVERED, OPEN, CLICK, BOUNCE, SPAMREPORT and so on.
	Type string
	// Recipient is the address.
	Recipient string
	// CampaignID is the e-mail campaign's number, CampaignName its name.
	CampaignID int64
	// At is when; the portal's present time when zero.
	At time.Time
	// URL is what a CLICK led to.
	URL string

	id string
}

// Occurrence is an event of HubSpot's event API, such as e_visited_page.
type Occurrence struct {
	ObjectType string            `json:"objectType"`
	ObjectID   string            `json:"objectId"`
	EventType  string            `json:"eventType"`
	OccurredAt string            `json:"occurredAt"`
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
}

// AddEmailEvent records what happened to an e-mail.
func (t *Twin) AddEmailEvent(e EmailEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.At.IsZero() {
		e.At = t.clock.Now()
	}
	e.id = newUUID()
	t.books.emailEvents = append(t.books.emailEvents, e)
}

// AddOccurrence records an event; OccurredAt is the portal's present time when
// empty.
func (t *Twin) AddOccurrence(o Occurrence) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o.OccurredAt == "" {
		o.OccurredAt = iso(t.now())
	}
	if o.ID == "" {
		o.ID = newUUID()
	}
	t.books.occurrences = append(t.books.occurrences, o)
}

func (t *Twin) emailEventRow(e EmailEvent) map[string]any {
	row := map[string]any{
		"id": e.id, "created": epochOf(e.At), "type": e.Type, "recipient": e.Recipient, "emailCampaignId": e.CampaignID,
		"portalId": t.opt.PortalID, "appId": 113, "appName": "Batch", "emailCampaignGroupId": e.CampaignID,
		"sentBy": map[string]any{"id": e.id, "created": epochOf(e.At)},
	}
	if e.URL != "" {
		row["url"] = e.URL
	}
	return row
}

// listEmailEvents is the legacy list: newest first, paged by an opaque offset.
func (t *Twin) listEmailEvents(c *call) error {
	limit, err := c.limit(10, 1000)
	if err != nil {
		return err
	}
	from, err := strconv.Atoi("0" + c.query("offset"))
	if err != nil {
		return invalid("Invalid offset")
	}
	var hits []EmailEvent
	for _, e := range t.books.emailEvents {
		if c.wantsEmailEvent(e) {
			hits = append(hits, e)
		}
	}
	slices.SortStableFunc(hits, func(a, b EmailEvent) int { return b.At.Compare(a.At) })
	from = min(from, len(hits))
	to := min(from+limit, len(hits))
	rows := []map[string]any{}
	for _, e := range hits[from:to] {
		rows = append(rows, t.emailEventRow(e))
	}
	return c.json(http.StatusOK, map[string]any{"hasMore": to < len(hits), "offset": strconv.Itoa(to), "events": rows})
}

func (c *call) wantsEmailEvent(e EmailEvent) bool {
	at := epochOf(e.At)
	start, _ := strconv.ParseInt("0"+c.query("startTimestamp"), 10, 64)
	end, _ := strconv.ParseInt("0"+c.query("endTimestamp"), 10, 64)
	kind, campaign, recipient := c.query("eventType"), c.query("campaignId"), c.query("recipient")
	return at >= start && (end == 0 || at < end) && (kind == "" || kind == e.Type) &&
		(campaign == "" || campaign == itoa(e.CampaignID)) && (recipient == "" || recipient == e.Recipient)
}

func (t *Twin) listOccurrences(c *call) error {
	limit, err := c.limit(20, 1000)
	if err != nil {
		return err
	}
	q := c.r.URL.Query()
	after, before := int64(0), int64(1<<62)
	if v := q.Get("occurredAfter"); v != "" {
		after, _ = parseTime(v)
	}
	if v := q.Get("occurredBefore"); v != "" {
		before, _ = parseTime(v)
	}
	hits := []Occurrence{}
	for _, o := range t.books.occurrences {
		at, _ := parseTime(o.OccurredAt)
		if at >= after && at <= before && c.wantsOccurrence(o) {
			hits = append(hits, o)
		}
	}
	newestFirst := q.Get("sort") != "occurredAt"
	slices.SortStableFunc(hits, func(a, b Occurrence) int {
		if a.OccurredAt == b.OccurredAt {
			return 0
		}
		if (a.OccurredAt > b.OccurredAt) == newestFirst {
			return -1
		}
		return 1
	})
	rows, next, err := page(c, hits, limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, results[Occurrence]{Results: rows, Paging: next})
}

func (c *call) wantsOccurrence(o Occurrence) bool {
	kind, object, id := c.query("eventType"), c.query("objectType"), c.query("objectId")
	tb := c.t.table(object)
	return (kind == "" || kind == o.EventType) && (object == "" || tb != nil && tb.is(o.ObjectType)) && (id == "" || id == o.ObjectID)
}

func (t *Twin) occurrenceTypes(c *call) error {
	kinds := []string{}
	for _, o := range t.books.occurrences {
		if !slices.Contains(kinds, o.EventType) {
			kinds = append(kinds, o.EventType)
		}
	}
	slices.Sort(kinds)
	return c.json(http.StatusOK, map[string]any{"eventTypes": kinds})
}
