package hubspotsim

import (
	"encoding/json"
	"net/http"
	"slices"
)

const maxBatch = 100

// input is one row of a batch.
type input struct {
	ID           string            `json:"id"`
	IDProperty   string            `json:"idProperty"`
	Properties   map[string]string `json:"properties"`
	Associations []newLink         `json:"associations"`
	Trace        string            `json:"objectWriteTraceId"`
}

// batch is one batch under way.
type batch struct {
	*call
	tb      *table
	inputs  []input
	by      string // the property inputs are named by, where they do not say themselves
	byRow   bool   // failures come by row: every input has a trace id of its own
	started int64
	rows    []string
	errors  []rowError
	missing []string
}

// batch reads the rows of a call.
func (c *call) batch() (*batch, error) {
	var body struct {
		Inputs     []input `json:"inputs"`
		IDProperty string  `json:"idProperty"`
	}
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return nil, err
	}
	if len(body.Inputs) > maxBatch {
		return nil, invalid("Maximum number of records allowed in one batch is %d", maxBatch)
	}
	b := &batch{call: c, tb: tb, inputs: body.Inputs, by: body.IDProperty, byRow: true, started: c.t.now()}
	seen := map[string]bool{}
	for _, in := range b.inputs {
		b.byRow = b.byRow && in.Trace != "" && !seen[in.Trace]
		seen[in.Trace] = true
	}
	return b, b.wholeFault()
}

// batchOfKnown reads the rows of a call that may name records by a property.
func (c *call) batchOfKnown() (*batch, error) {
	b, err := c.batch()
	if err != nil {
		return nil, err
	}
	for i := range b.inputs {
		if b.inputs[i].IDProperty == "" {
			b.inputs[i].IDProperty = b.by
		}
	}
	return b, b.noDuplicates()
}

// wholeFault refuses the batch for one of its rows, trace ids or not.
func (b *batch) wholeFault() error {
	fault, ok := b.fault("whole_batch_error")
	if !ok {
		return nil
	}
	if len(fault.Rows) > 0 && !slices.ContainsFunc(b.inputs, func(in input) bool { return fault.MatchesRow(in.values()...) }) {
		return nil
	}
	return invalid("Invalid input: a value of this batch cannot be processed")
}

func (in input) values() []string {
	values := []string{in.ID, in.Trace}
	for _, v := range in.Properties {
		values = append(values, v)
	}
	return values
}

// noDuplicates refuses a batch that names a record twice.
func (b *batch) noDuplicates() error {
	seen := map[string]bool{}
	var twice []string
	for _, in := range b.inputs {
		if seen[in.ID] {
			twice = append(twice, in.ID)
		}
		seen[in.ID] = true
	}
	if twice == nil {
		return nil
	}
	f := invalid("Duplicate IDs found in batch input: %v. IDs must be unique", twice)
	f.Context = map[string]any{"ids": twice}
	return f
}

// find returns the record an input means; old ids of merged records are not
// followed here, which is how HubSpot differs between one and many.
func (b *batch) find(in input) *record {
	r := b.tb.find(number(in.ID))
	if in.IDProperty != "" && in.IDProperty != "hs_object_id" {
		r = b.tb.holder(in.IDProperty, in.ID)
	}
	if r == nil || r.archived != 0 {
		return nil
	}
	return r
}

// reply answers 200 (or 201), or 207 when some rows failed.
func (b *batch) reply(status int) error {
	if len(b.missing) > 0 {
		b.errors = append(b.errors, b.tb.missing(b.missing))
	}
	out := append([]byte(`{"completedAt":"`), iso(b.t.now())...)
	out = append(append(append(out, `","status":"COMPLETE","startedAt":"`...), iso(b.started)...), `","results":[`...)
	for i, row := range b.rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, row...)
	}
	out = append(out, ']')
	if len(b.errors) > 0 {
		status = http.StatusMultiStatus
		list, err := json.Marshal(b.errors)
		if err != nil {
			return err
		}
		out = append(append(append(out, `,"errors":`...), list...), `,"numErrors":`...)
		out = append(out, itoa(int64(len(b.errors)))...)
	}
	return b.raw(status, append(out, '}'))
}

func (b *batch) show(r *record, v view) {
	b.rows = append(b.rows, string(b.t.appendRecord(nil, b.tb, r, v)))
}

func (t *Twin) batchRead(c *call) error {
	var body struct {
		Properties []string `json:"properties"`
		History    []string `json:"propertiesWithHistory"`
		IDProperty string   `json:"idProperty"`
		Inputs     []input  `json:"inputs"`
	}
	tb, err := c.tableAndBody(&body)
	if err != nil {
		return err
	}
	most := maxBatch
	if len(body.History) > 0 {
		most = maxBatch / 2
	}
	if len(body.Inputs) > most {
		return invalid("Maximum number of records allowed in one batch is %d", most)
	}
	if body.IDProperty != "" && body.IDProperty != "hs_object_id" && tb.unique[body.IDProperty] == nil {
		return invalid("Property %q is not a unique identifier property", body.IDProperty)
	}
	b := &batch{call: c, tb: tb, started: t.now()}
	v := tb.readView(body.Properties, body.History)
	_, stale := c.fault("stale_read")
	archived := c.query("archived") == "true"
	seen := map[*record]bool{}
	for _, in := range body.Inputs {
		in.IDProperty = body.IDProperty
		r := b.find(in)
		if archived {
			r = tb.inBin(number(in.ID))
		}
		if r == nil {
			b.missing = append(b.missing, in.ID)
			continue
		}
		if seen[r] {
			continue
		}
		seen[r] = true
		if stale {
			r = c.shown(tb, r)
		}
		b.show(r, v)
	}
	t.mergeFault(c, tb)
	return b.reply(http.StatusOK)
}

func (tb *table) inBin(id int64) *record {
	if r := tb.find(id); r != nil && r.archived != 0 {
		return r
	}
	return nil
}

func (t *Twin) batchArchive(c *call) error {
	b, err := c.batch()
	if err != nil {
		return err
	}
	for _, in := range b.inputs {
		if r := b.find(in); r != nil {
			b.tb.hide(r, t.now())
		}
	}
	return c.raw(http.StatusNoContent, nil)
}
