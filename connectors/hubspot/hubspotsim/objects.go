package hubspotsim

import (
	"net/http"
	"slices"
	"strings"
)

func (t *Twin) objectRoutes() {
	const read, write = "crm.objects.{object}.read", "crm.objects.{object}.write"
	t.handle("GET /crm/objects/{object}", read, t.list)
	t.handle("POST /crm/objects/{object}", write, t.createOne)
	t.handle("GET /crm/objects/{object}/{id}", read, t.getOne)
	t.handle("PATCH /crm/objects/{object}/{id}", write, t.patchOne)
	t.handle("DELETE /crm/objects/{object}/{id}", write, t.deleteOne)
	t.handle("POST /crm/objects/{object}/search", read, t.searchObjects)
	t.handle("POST /crm/objects/{object}/merge", write, t.handleMerge)
	t.handle("POST /crm/objects/{object}/gdpr-delete", write, t.gdprDelete)
	t.handle("POST /crm/objects/{object}/batch/read", read, t.batchRead)
	t.handle("POST /crm/objects/{object}/batch/create", write, t.batchCreate)
	t.handle("POST /crm/objects/{object}/batch/update", write, t.batchUpdate)
	t.handle("POST /crm/objects/{object}/batch/upsert", write, t.batchUpsert)
	t.handle("POST /crm/objects/{object}/batch/archive", write, t.batchArchive)
}

// list is the view a GET asks for.
func (c *call) view(tb *table) view {
	q := c.r.URL.Query()
	split := func(name string) []string {
		var all []string
		for _, v := range q[name] {
			all = append(all, strings.Split(v, ",")...)
		}
		return slices.DeleteFunc(all, func(s string) bool { return s == "" })
	}
	v := tb.readView(split("properties"), split("propertiesWithHistory"))
	v.links = split("associations")
	return v
}

// byID finds the record a path names, by id, old id or unique property.
func (c *call) byID(tb *table) (*record, error) {
	id := c.r.PathValue("id")
	if name := c.query("idProperty"); name != "" && name != "hs_object_id" {
		if tb.unique[name] == nil {
			return nil, invalid("Property %q is not a unique identifier property", name)
		}
		if r := tb.holder(name, id); r != nil {
			return r, nil
		}
		return nil, notFound()
	}
	r := tb.resolve(number(id))
	if r == nil || (r.archived != 0) != (c.query("archived") == "true") {
		return nil, notFound()
	}
	return r, nil
}

// shown is the record a read shows: its state before the last write where a
// fault says so.
func (c *call) shown(tb *table, r *record) *record {
	if before := c.t.stale[recordKey{tb.plural, r.id}]; before != nil {
		return before
	}
	return r
}

func (t *Twin) getOne(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	r, err := c.byID(tb)
	if err != nil {
		return err
	}
	if _, ok := c.fault("stale_read"); ok {
		r = c.shown(tb, r)
	}
	t.mergeFault(c, tb)
	return c.record(http.StatusOK, tb, r, c.view(tb))
}

type createBody struct {
	Properties   map[string]string `json:"properties"`
	Associations []newLink         `json:"associations"`
	Trace        string            `json:"objectWriteTraceId"`
}

func (t *Twin) createOne(c *call) error {
	var body createBody
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return err
	}
	row := t.prepare(c, tb, nil, body.Properties)
	if row.bad != nil {
		return tb.whole(row.bad)
	}
	r := t.create(tb, row.clean, c.actor)
	t.linkNew(tb, r, body.Associations)
	return c.record(http.StatusCreated, tb, r, t.fullView(tb, r))
}

func (t *Twin) patchOne(c *call) error {
	var body createBody
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return err
	}
	r, err := c.byID(tb)
	if err != nil {
		return err
	}
	row := t.prepare(c, tb, r, body.Properties)
	if row.bad != nil {
		return tb.whole(row.bad)
	}
	t.update(tb, r, row.clean, c.actor)
	return c.record(http.StatusOK, tb, r, t.changedView(tb, row.clean))
}

func (t *Twin) deleteOne(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	if r := tb.find(number(c.r.PathValue("id"))); r != nil && r.archived == 0 {
		tb.hide(r, t.now())
	}
	return c.raw(http.StatusNoContent, nil)
}

// gdprDelete forgets a person for good.
func (t *Twin) gdprDelete(c *call) error {
	var body struct {
		ObjectID   string `json:"objectId"`
		IDProperty string `json:"idProperty"`
	}
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return err
	}
	r := tb.find(number(body.ObjectID))
	if body.IDProperty != "" && body.IDProperty != "hs_object_id" {
		r = tb.holder(body.IDProperty, body.ObjectID)
	}
	if r != nil {
		tb.remove(r)
		delete(t.stale, recordKey{tb.plural, r.id})
	}
	return c.raw(http.StatusNoContent, nil)
}
