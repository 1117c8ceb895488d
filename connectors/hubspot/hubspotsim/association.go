package hubspotsim

import (
	"net/http"
	"slices"
)

// edgeKey is all links of one record to records of one object.
type edgeKey struct {
	from string
	id   int64
	to   string
}

type edge struct {
	to    int64
	types []int
}

// newLink is an association given along with a create.
type newLink struct {
	To struct {
		ID looseInt `json:"id"`
	} `json:"to"`
	Types []linkType `json:"types"`
}

type linkType struct {
	Category string `json:"associationCategory"`
	TypeID   int    `json:"associationTypeId"`
}

// link joins two records both ways; type nought is the unlabelled one.
func (t *Twin) link(from *table, id int64, to *table, other int64, typeID int) {
	plain, back := defaultTypes(from.plural, to.plural)
	t.addEdge(edgeKey{from.plural, id, to.plural}, other, plain)
	t.addEdge(edgeKey{to.plural, other, from.plural}, id, back)
	if typeID == 0 || typeID == plain {
		return
	}
	t.addEdge(edgeKey{from.plural, id, to.plural}, other, typeID)
	t.addEdge(edgeKey{to.plural, other, from.plural}, id, inverseType(typeID))
}

func (t *Twin) addEdge(key edgeKey, to int64, typeID int) {
	edges := t.edges[key]
	i := slices.IndexFunc(edges, func(e edge) bool { return e.to == to })
	if i < 0 {
		t.edges[key] = append(edges, edge{to, []int{typeID}})
		return
	}
	if !slices.Contains(edges[i].types, typeID) {
		edges[i].types = append([]int{typeID}, edges[i].types...)
	}
}

func (t *Twin) unlink(from *table, id int64, to *table, other int64) {
	t.dropEdge(edgeKey{from.plural, id, to.plural}, other)
	t.dropEdge(edgeKey{to.plural, other, from.plural}, id)
}

func (t *Twin) dropEdge(key edgeKey, to int64) {
	t.edges[key] = slices.DeleteFunc(t.edges[key], func(e edge) bool { return e.to == to })
	if len(t.edges[key]) == 0 {
		delete(t.edges, key)
	}
}

// moveEdges gives a merged record's links to the record in its place.
func (t *Twin) moveEdges(object string, old, id int64) {
	from := t.tables[object]
	for _, to := range t.tables {
		for _, e := range slices.Clone(t.edges[edgeKey{object, old, to.plural}]) {
			t.unlink(from, old, to, e.to)
			for _, typeID := range e.types {
				t.link(from, id, to, e.to, typeID)
			}
		}
	}
}

func (t *Twin) linkNew(tb *table, r *record, links []newLink) {
	for _, l := range links {
		for _, lt := range l.Types {
			to := t.targetOf(tb, lt.TypeID)
			if to != nil && to.find(int64(l.To.ID)) != nil {
				t.link(tb, r.id, to, int64(l.To.ID), lt.TypeID)
			}
		}
	}
}

// Associate joins two live records without a label.
func (t *Twin) Associate(from, fromID, to, toID string) error {
	return t.AssociateAs(from, fromID, to, toID, 0)
}

// AssociateAs joins two live records with an association type of HubSpot's,
// such as 1 for a contact's primary company; nought is the unlabelled one.
func (t *Twin) AssociateAs(from, fromID, to, toID string, typeID int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, ra, err := t.live(from, fromID)
	if err != nil {
		return err
	}
	b, rb, err := t.live(to, toID)
	if err != nil {
		return err
	}
	t.link(a, ra.id, b, rb.id, typeID)
	return nil
}

// Associated returns the ids a record is joined to.
func (t *Twin) Associated(from, id, to string) []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	a, b := t.table(from), t.table(to)
	if a == nil || b == nil {
		return nil
	}
	var ids []string
	for _, e := range t.edges[edgeKey{a.plural, number(id), b.plural}] {
		ids = append(ids, itoa(e.to))
	}
	return ids
}

func (t *Twin) associationRoutes() {
	const read, write = "crm.objects.{object}.read", "crm.objects.{object}.write"
	t.handle("GET /crm/objects/{object}/{id}/associations/{to}", read, t.recordLinks)
	t.handle("PUT /crm/objects/{object}/{id}/associations/{to}/{toId}", write, t.putLink)
	t.handle("PUT /crm/objects/{object}/{id}/associations/default/{to}/{toId}", write, t.putLink)
	t.handle("DELETE /crm/objects/{object}/{id}/associations/{to}/{toId}", write, t.deleteLink)
	t.handle("GET /crm/associations/{object}/{to}/labels", read, t.linkLabels)
	t.handle("POST /crm/associations/{object}/{to}/batch/read", read, t.batchLinks)
	t.handle("POST /crm/associations/{object}/{to}/batch/create", write, t.batchLink)
	t.handle("POST /crm/associations/{object}/{to}/batch/associate/default", write, t.batchLink)
	t.handle("POST /crm/associations/{object}/{to}/batch/archive", write, t.batchUnlink)
}

func (c *call) tables() (from, to *table, err error) {
	if from, err = c.table(); err != nil {
		return nil, nil, err
	}
	if to = c.t.table(c.r.PathValue("to")); to == nil {
		return nil, nil, fail(http.StatusBadRequest, "", "Unable to infer object type from: "+c.r.PathValue("to"))
	}
	return from, to, nil
}

func (t *Twin) recordLinks(c *call) error {
	from, to, err := c.tables()
	if err != nil {
		return err
	}
	limit, err := c.limit(500, 500)
	if err != nil {
		return err
	}
	id := number(c.r.PathValue("id"))
	if from.find(id) == nil {
		return notFound()
	}
	rows, next, err := page(c, t.linkRows(from, id, to), limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, results[linkRow]{Results: rows, Paging: next})
}

func (t *Twin) putLink(c *call) error {
	from, to, err := c.tables()
	if err != nil {
		return err
	}
	var types []linkType
	if c.r.ContentLength > 0 {
		if err := c.decode(&types); err != nil {
			return err
		}
	}
	id, other := number(c.r.PathValue("id")), number(c.r.PathValue("toId"))
	if from.find(id) == nil || to.find(other) == nil {
		return notFound()
	}
	t.link(from, id, to, other, 0)
	for _, lt := range types {
		t.link(from, id, to, other, lt.TypeID)
	}
	return c.json(http.StatusOK, t.linked(from, id, to, other))
}

func (t *Twin) deleteLink(c *call) error {
	from, to, err := c.tables()
	if err != nil {
		return err
	}
	t.unlink(from, number(c.r.PathValue("id")), to, number(c.r.PathValue("toId")))
	return c.raw(http.StatusNoContent, nil)
}
