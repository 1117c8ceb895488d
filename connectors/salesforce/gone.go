package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// Gone returns one page of records that were deleted, merged or converted.
// What is in the recycle bin tells of merges; what was removed from there too
// is only in the deletion log, which the last page of a pass adds.
func (c *Connector) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	r, err := c.reader(ctx, q.Object, nil)
	if err != nil {
		return connectors.Page{}, err
	}
	if !r.describe.tellsGone(r.object) {
		return connectors.Page{}, fault.ErrUnsupported(c.name, q.Object, "read deletions")
	}
	p, err := goneFrom(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	t := &pass{c: c, r: r, p: p}
	reply, err := t.fetchGone(ctx)
	if err != nil {
		return connectors.Page{}, err
	}
	if t.p.Until.IsZero() {
		t.p.Until = reply.at
	}
	var page connectors.Page
	for _, row := range reply.Records {
		t.step(r.into(&page, row))
	}
	page.Records = nil // restored since the query looked
	if !reply.Done {
		return t.finish(page, reply)
	}
	if err := t.log(ctx, &page); err != nil {
		return connectors.Page{}, err
	}
	page.CompleteTo = t.complete()
	page.Next = position{Mode: modeGone, From: page.CompleteTo}.cursor()
	return page, nil
}

func goneFrom(c connectors.Cursor) (position, error) {
	if c == "" {
		return position{Mode: modeGone}, nil
	}
	p, err := parseCursor(c)
	if err == nil && p.Mode != modeGone {
		err = badCursor("it belongs to changes")
	}
	return p, err
}

func (t *pass) fetchGone(ctx context.Context) (*queryReply, error) {
	if t.p.Locator != "" {
		reply, err := t.c.api.more(ctx, allQuery, t.r.object.name, t.p.Locator)
		if !fault.Is(err, fault.Expired) && !fault.Is(err, fault.Missing) {
			return reply, err
		}
	}
	s := selection{object: t.r.object.name, fields: t.r.columns(), order: t.r.object.stamp + ", " + fieldID}
	s.where = append(s.where, fieldDeleted+" = true")
	if t.r.describe.has(fieldConverted) && t.r.object.name == lead {
		s.where[0] = "(" + fieldDeleted + " = true OR " + fieldConverted + " = true)"
	}
	if t.r.object.filter != "" {
		s.where = append(s.where, t.r.object.filter)
	}
	from := t.p.From
	if t.p.ID != "" {
		from = t.p.At
	}
	if !from.IsZero() {
		s.where = append(s.where, after(t.r.object.stamp, from, t.p.ID)...)
	}
	return t.c.api.query(ctx, allQuery, s)
}

// deletionLog is the answer of getDeleted.
type deletionLog struct {
	Deleted []struct {
		ID   string `json:"id"`
		Date string `json:"deletedDate"`
	} `json:"deletedRecords"`
	Earliest string `json:"earliestDateAvailable"`
	Latest   string `json:"latestDateCovered"`
}

// log adds the records that left the recycle bin as well.
func (t *pass) log(ctx context.Context, page *connectors.Page) error {
	if t.p.Until.IsZero() {
		return nil // no clock to ask by; the next pass has one or sweeps
	}
	oldest := t.p.Until.Add(-maxDowntime)
	from := t.p.From
	if from.Before(oldest) {
		if !from.IsZero() {
			return forgotten(t.r.object.name)
		}
		from = oldest.Add(time.Hour)
	}
	// The log works in whole minutes and wants at least one between the two.
	from, end := from.Truncate(time.Minute), t.p.Until.Truncate(time.Minute).Add(time.Minute)
	if end.Sub(from) < 2*time.Minute {
		from = end.Add(-2 * time.Minute)
	}
	log, err := t.c.api.deleted(ctx, t.r.object.name, from, end)
	if err != nil {
		if fault.Is(err, fault.Unsupported) {
			return nil
		}
		return err
	}
	if earliest, ok := parseStamp(log.Earliest); ok && !t.p.From.IsZero() && earliest.After(t.p.From) {
		return forgotten(t.r.object.name)
	}
	return t.addLogged(ctx, page, log)
}

func forgotten(object string) error {
	f := fault.New(fault.Expired, fault.ScopeObject, "Salesforce no longer tells every deletion since the last pull")
	f.Object, f.Next = object, "the ids of the object are compared as a whole"
	return f
}

// addLogged adds what the query did not show, unless it is in an earlier page
// of this pass or back again.
func (t *pass) addLogged(ctx context.Context, page *connectors.Page, log *deletionLog) error {
	at := map[string]time.Time{}
	var ids []string
	for _, d := range log.Deleted {
		id := longID(d.ID)
		when, ok := parseStamp(d.Date)
		known := slices.ContainsFunc(page.Gone, func(g connectors.Gone) bool { return g.ID == id })
		if isID(id) && ok && !known && at[id].IsZero() {
			at[id] = when
			ids = append(ids, id)
		}
	}
	found, err := t.c.tombstones(ctx, t.r, ids)
	if err != nil {
		return err
	}
	for _, row := range found {
		delete(at, longID(value(row, fieldID)))
	}
	for _, id := range ids {
		if when, hard := at[id]; hard {
			page.Gone = append(page.Gone, connectors.Gone{Object: t.r.object.name, ID: id, Kind: connectors.GoneDeleted, At: when})
		}
	}
	return nil
}

func (a *api) deleted(ctx context.Context, object string, from, to time.Time) (*deletionLog, error) {
	var log deletionLog
	_, err := a.client.Do(ctx, httpapi.Request{
		Method: http.MethodGet, Path: a.path("sobjects", object, "deleted") + "/",
		Query: url.Values{"start": {from.UTC().Format(time.RFC3339)}, "end": {to.UTC().Format(time.RFC3339)}},
		Into:  &log, MaxBytes: pageBytes, Op: "read deletions of " + object, Object: object,
	})
	if err != nil {
		return nil, err
	}
	return &log, nil
}
