package hubspotsim

import (
	"net/http"
	"slices"
	"strings"
)

// List is a list of records of one object.
type List struct {
	Name string
	// Object is what it lists; contacts when empty.
	Object string
	// Processing is MANUAL, DYNAMIC or SNAPSHOT; MANUAL when empty.
	Processing string

	id      int64
	created int64
	members []member
}

type member struct {
	Record string `json:"recordId"`
	At     string `json:"membershipTimestamp"`
}

// AddList adds a list and returns its id.
func (t *Twin) AddList(l List) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.Object == "" {
		l.Object = "contacts"
	}
	if l.Processing == "" {
		l.Processing = "MANUAL"
	}
	l.id, l.created = int64(len(t.books.lists)+3), t.now()
	t.books.lists = append(t.books.lists, &l)
	return itoa(l.id)
}

// AddToList puts records onto a list at the portal's present time.
func (t *Twin) AddToList(list string, records ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.list3(list); l != nil {
		l.add(records, t.now())
	}
}

func (l *List) add(records []string, at int64) (added []string) {
	for _, id := range records {
		if !slices.ContainsFunc(l.members, func(m member) bool { return m.Record == id }) {
			l.members = append(l.members, member{id, iso(at)})
			added = append(added, id)
		}
	}
	return added
}

func (l *List) remove(records []string) {
	l.members = slices.DeleteFunc(l.members, func(m member) bool { return slices.Contains(records, m.Record) })
}

func (t *Twin) list3(id string) *List {
	for _, l := range t.books.lists {
		if itoa(l.id) == id {
			return l
		}
	}
	return nil
}

func (t *Twin) listRow(l *List) map[string]any {
	more := map[string]string{"hs_list_size": itoa(int64(len(l.members))), "hs_list_reference_count": "0"}
	if n := len(l.members); n > 0 {
		at, _ := parseTime(l.members[n-1].At)
		more["hs_last_record_added_at"] = itoa(at)
	}
	return map[string]any{
		"listId": itoa(l.id), "listVersion": 1, "createdAt": iso(l.created), "updatedAt": iso(l.created),
		"filtersUpdatedAt": iso(l.created), "processingStatus": "COMPLETE", "createdById": itoa(userID), "updatedById": itoa(userID),
		"processingType": l.Processing, "objectTypeId": t.table(l.Object).typeID, "name": l.Name, "additionalProperties": more,
	}
}

func (t *Twin) getLists(c *call) error {
	rows := []map[string]any{}
	for _, l := range t.books.lists {
		if slices.Contains(c.r.URL.Query()["listIds"], itoa(l.id)) {
			rows = append(rows, t.listRow(l))
		}
	}
	return c.json(http.StatusOK, map[string]any{"lists": rows})
}

func (t *Twin) searchLists(c *call) error {
	var body struct {
		Query  string   `json:"query"`
		Offset looseInt `json:"offset"`
		Count  looseInt `json:"count"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if body.Count == 0 {
		body.Count = 20
	}
	if body.Count > 500 || body.Count < 0 || body.Offset < 0 {
		return invalid("Invalid count %d: it must be between 1 and 500", body.Count)
	}
	var hits []*List
	for _, l := range t.books.lists {
		if strings.Contains(strings.ToLower(l.Name), strings.ToLower(body.Query)) {
			hits = append(hits, l)
		}
	}
	from := min(int(body.Offset), len(hits))
	to := min(from+int(body.Count), len(hits))
	rows := []map[string]any{}
	for _, l := range hits[from:to] {
		rows = append(rows, t.listRow(l))
	}
	return c.json(http.StatusOK, map[string]any{"offset": to, "hasMore": to < len(hits), "lists": rows, "total": len(hits)})
}

func (c *call) list() (*List, error) {
	if l := c.t.list3(c.r.PathValue("id")); l != nil {
		return l, nil
	}
	return nil, fail(http.StatusNotFound, "OBJECT_NOT_FOUND", "List does not exist with ID "+c.r.PathValue("id")+".")
}

func (t *Twin) getList(c *call) error {
	l, err := c.list()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"list": t.listRow(l)})
}

func (t *Twin) memberships(c *call) error {
	l, err := c.list()
	if err != nil {
		return err
	}
	limit, err := c.limit(100, 250)
	if err != nil {
		return err
	}
	rows, next, err := page(c, l.members, limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, totalled[member]{len(l.members), rows, next})
}

func (t *Twin) addMembers(c *call) error {
	m, err := t.memberChange(c)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"recordIdsAdded": m.list.add(m.records, t.now()), "recordsIdsAdded": m.records, "recordIdsMissing": m.missing, "recordIdsRemoved": []string{}})
}

func (t *Twin) removeMembers(c *call) error {
	m, err := t.memberChange(c)
	if err != nil {
		return err
	}
	m.list.remove(m.records)
	return c.json(http.StatusOK, map[string]any{"recordIdsRemoved": m.records, "recordIdsMissing": m.missing, "recordIdsAdded": []string{}})
}

// memberChange is a list with the records a call names, there or not.
type memberChange struct {
	list             *List
	records, missing []string
}

func (t *Twin) memberChange(c *call) (*memberChange, error) {
	var ids []looseID
	l, err := c.list()
	if err != nil {
		return nil, err
	}
	if err := c.decode(&ids); err != nil {
		return nil, err
	}
	if l.Processing == "DYNAMIC" {
		return nil, invalid("Memberships of a list of processing type DYNAMIC cannot be changed")
	}
	tb := t.table(l.Object)
	m := &memberChange{list: l, records: []string{}, missing: []string{}}
	for _, id := range ids {
		if tb.find(number(string(id))) == nil {
			m.missing = append(m.missing, string(id))
			continue
		}
		m.records = append(m.records, string(id))
	}
	return m, nil
}

func (t *Twin) listsOf(c *call) error {
	rows := []map[string]any{}
	tb := t.table(c.r.PathValue("typeID"))
	for _, l := range t.books.lists {
		for _, m := range l.members {
			if tb != nil && t.table(l.Object) == tb && m.Record == c.r.PathValue("record") {
				rows = append(rows, map[string]any{"listId": itoa(l.id), "listVersion": 1, "firstAddedTimestamp": m.At, "lastAddedTimestamp": m.At, "isPublicList": false})
			}
		}
	}
	return c.json(http.StatusOK, map[string]any{"results": rows, "total": len(rows)})
}
