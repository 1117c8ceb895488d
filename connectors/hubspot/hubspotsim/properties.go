package hubspotsim

import "net/http"

func (t *Twin) schemaRoutes() {
	const read, write = "crm.schemas.{object}.read", "crm.schemas.{object}.write"
	t.handle("GET /crm/properties/{object}", read, t.listProperties)
	t.handle("POST /crm/properties/{object}", write, t.createProperty)
	t.handle("GET /crm/properties/{object}/{name}", read, t.getProperty)
	t.handle("PATCH /crm/properties/{object}/{name}", write, t.patchProperty)
	t.handle("DELETE /crm/properties/{object}/{name}", write, t.deleteProperty)
	t.handle("POST /crm/properties/{object}/batch/create", write, t.createProperties)
	t.handle("POST /crm/properties/{object}/batch/read", read, t.readProperties)
	t.handle("GET /crm/properties/{object}/groups", read, t.listGroups)
	t.handle("GET /crm/properties/{object}/groups/{name}", read, t.getGroup)
	t.handle("POST /crm/properties/{object}/groups", write, t.createGroup)
	t.handle("GET /crm/pipelines/{object}", read, t.listPipelines)
	t.handle("GET /crm/pipelines/{object}/{id}", read, t.getPipeline)
	t.handle("GET /crm/pipelines/{object}/{id}/stages", read, t.listStages)
	t.handle("GET /crm/schemas", "custom-object-read", t.listSchemas)
	t.handle("GET /crm-object-schemas/schemas", "custom-object-read", t.listSchemas)
	t.handle("GET /crm/schemas/{object}", read, t.getSchema)
	t.handle("GET /crm-object-schemas/schemas/{object}", read, t.getSchema)
}

func (t *Twin) listProperties(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	rows := make([]*Property, 0, len(tb.order))
	for _, name := range tb.order {
		if p := tb.defs[name]; p != nil {
			rows = append(rows, p)
		}
	}
	return c.json(http.StatusOK, results[*Property]{Results: rows})
}

func (c *call) property() (*table, *Property, error) {
	tb, err := c.table()
	if err != nil {
		return nil, nil, err
	}
	if p := tb.defs[c.r.PathValue("name")]; p != nil {
		return tb, p, nil
	}
	f := fail(http.StatusNotFound, "OBJECT_NOT_FOUND", "Property does not exist")
	return nil, nil, f
}

func (t *Twin) getProperty(c *call) error {
	_, p, err := c.property()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, p)
}

// newProperty checks a definition and adds it.
func (t *Twin) newProperty(tb *table, p Property) (*Property, *rowError) {
	if p.Name == "" || p.Label == "" || p.Type == "" || p.FieldType == "" || p.GroupName == "" {
		return nil, &rowError{Status: "error", Category: "VALIDATION_ERROR", Message: "Some required fields were not set: [name, label, type, fieldType, groupName]"}
	}
	if tb.defs[p.Name] != nil {
		return nil, &rowError{
			Status: "error", Category: "OBJECT_ALREADY_EXISTS", SubCategory: "Properties.PROPERTY_WITH_NAME_EXISTS",
			Message: "A property named '" + p.Name + "' already exists.", Context: map[string][]string{"name": {p.Name}},
		}
	}
	unique := 0
	for _, def := range tb.defs {
		if def.HasUniqueValue && !def.HubspotDefined {
			unique++
		}
	}
	if p.HasUniqueValue && unique >= 10 {
		return nil, &rowError{Status: "error", Category: "VALIDATION_ERROR", Message: "An object can have at most 10 unique value properties"}
	}
	def := t.custom(tb, p)
	tb.define(def)
	return def, nil
}

func (t *Twin) createProperty(c *call) error {
	var p Property
	tb, err := c.tableAndBody(&p)
	if err != nil {
		return err
	}
	def, bad := t.newProperty(tb, p)
	if bad != nil {
		status := http.StatusBadRequest
		if bad.Category == "OBJECT_ALREADY_EXISTS" {
			status = http.StatusConflict
		}
		f := fail(status, bad.Category, bad.Message)
		f.SubCategory = bad.SubCategory
		return f
	}
	return c.json(http.StatusCreated, def)
}

func (t *Twin) createProperties(c *call) error {
	var body struct {
		Inputs []Property `json:"inputs"`
	}
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return err
	}
	var rows []*Property
	var errs []rowError
	for _, p := range body.Inputs {
		def, bad := t.newProperty(tb, p)
		if bad != nil {
			errs = append(errs, *bad)
			continue
		}
		shown := *def // a batch answers without the stamps a single create shows
		shown.CreatedAt, shown.UpdatedAt, shown.CreatedUserID, shown.UpdatedUserID, shown.Archived = "", "", "", "", nil
		rows = append(rows, &shown)
	}
	return answerBatch(c, http.StatusCreated, rows, errs)
}

func (t *Twin) readProperties(c *call) error {
	var body struct {
		Inputs []struct {
			Name string `json:"name"`
		} `json:"inputs"`
	}
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return err
	}
	var rows []*Property
	for _, in := range body.Inputs {
		if p := tb.defs[in.Name]; p != nil {
			rows = append(rows, p)
		}
	}
	return answerBatch(c, http.StatusOK, rows, nil)
}

func (t *Twin) patchProperty(c *call) error {
	tb, p, err := c.property()
	if err != nil {
		return err
	}
	changed := *p
	if err := c.decode(&changed); err != nil {
		return err
	}
	if p.Modification.ReadOnlyDefinition {
		return invalid("Property %s is read only; its definition cannot be changed", p.Name)
	}
	changed.Name, changed.HasUniqueValue, changed.UpdatedAt = p.Name, p.HasUniqueValue, iso(t.now())
	tb.defs[p.Name] = &changed
	return c.json(http.StatusOK, &changed)
}

func (t *Twin) deleteProperty(c *call) error {
	tb, p, err := c.property()
	if err != nil {
		return err
	}
	if p.HubspotDefined {
		return invalid("Property %s is defined by HubSpot and cannot be archived", p.Name)
	}
	delete(tb.defs, p.Name)
	return c.raw(http.StatusNoContent, nil)
}

func (t *Twin) listGroups(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, results[PropertyGroup]{Results: tb.groups})
}

func (t *Twin) getGroup(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	for _, g := range tb.groups {
		if g.Name == c.r.PathValue("name") {
			return c.json(http.StatusOK, g)
		}
	}
	return notFound()
}

func (t *Twin) createGroup(c *call) error {
	var g PropertyGroup
	tb, err := c.tableAndBody(&g)
	if err != nil {
		return err
	}
	for _, held := range tb.groups {
		if held.Name == g.Name {
			return fail(http.StatusConflict, "OBJECT_ALREADY_EXISTS", "A property group named '"+g.Name+"' already exists.")
		}
	}
	g.DisplayOrder = len(tb.groups)
	tb.groups = append(tb.groups, g)
	return c.json(http.StatusCreated, g)
}
