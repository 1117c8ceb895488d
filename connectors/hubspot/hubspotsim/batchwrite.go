package hubspotsim

import (
	"maps"
	"net/http"
	"slices"
)

// prepared is a row that was looked at before anything is written: r is nil
// when it is to be created.
type prepared struct {
	in    input
	r     *record
	clean map[string]string
	bad   *refused
}

// prepare checks a single write, faults included.
func (t *Twin) prepare(c *call, tb *table, r *record, props map[string]string) prepared {
	row := prepared{in: input{Properties: props}, r: r}
	if r != nil {
		row.in.ID = itoa(r.id)
	}
	row.clean, row.bad = t.check(tb, r, props)
	rows := []*prepared{&row}
	c.rowFault("row_error", rows)
	c.rowFault("whole_batch_error", rows)
	return row
}

// rowFault refuses the rows a fault names, else the first.
func (c *call) rowFault(kind string, rows []*prepared) {
	fault, ok := c.fault(kind)
	if !ok {
		return
	}
	for i, row := range rows {
		if len(fault.Rows) == 0 && i == 0 || fault.MatchesRow(row.in.values()...) {
			row.bad = &refused{problems: []problem{{"email", "INVALID_OPTION", "a value of this record was not one of the allowed options"}}}
		}
	}
}

// checkAll prepares every row of a batch against the records and the rows
// before it; find tells which record a row means, nil to create one.
func (b *batch) checkAll(find func(input) (*record, *refused)) []*prepared {
	rows := make([]*prepared, 0, len(b.inputs))
	taken := map[string]bool{}
	for _, in := range b.inputs {
		row := &prepared{in: in}
		row.r, row.bad = find(in)
		if row.bad == nil {
			row.clean, row.bad = b.t.check(b.tb, row.r, in.Properties)
		}
		if row.bad == nil {
			row.bad = b.claim(row, taken)
		}
		rows = append(rows, row)
	}
	b.rowFault("row_error", rows)
	return rows
}

// claim refuses a unique value that an earlier row of the same batch has.
func (b *batch) claim(row *prepared, taken map[string]bool) *refused {
	for name := range b.tb.unique {
		value := row.clean[name]
		if value == "" {
			continue
		}
		if taken[name+"\x00"+value] {
			return &refused{fault: "Duplicate value found in batch input for " + name + ". Values must be unique"}
		}
		taken[name+"\x00"+value] = true
	}
	return nil
}

// settleErrors puts failed rows among the errors of a 207 where failures come
// by row, else returns what refuses the batch.
func (b *batch) settleErrors(rows []*prepared) error {
	var bad []*refused
	for _, row := range rows {
		if row.bad != nil && row.bad.missing == "" {
			bad = append(bad, row.bad)
		}
	}
	if len(bad) > 0 && !b.byRow {
		valid := slices.DeleteFunc(slices.Clone(bad), func(r *refused) bool { return r.problems == nil })
		if len(valid) == len(bad) {
			return valuesNotValid(bad)
		}
		return b.tb.whole(bad...)
	}
	for _, row := range rows {
		switch {
		case row.bad == nil:
		case row.bad.missing != "":
			b.missing = append(b.missing, row.bad.missing)
		default:
			b.errors = append(b.errors, b.tb.rowError(row.bad, row.in.Trace))
		}
	}
	return nil
}

func (t *Twin) batchCreate(c *call) error {
	b, err := c.batch()
	if err != nil {
		return err
	}
	rows := b.checkAll(func(input) (*record, *refused) { return nil, nil })
	if err := b.settleErrors(rows); err != nil {
		return err
	}
	for _, row := range rows {
		if row.bad != nil {
			continue
		}
		r := t.create(b.tb, row.clean, c.actor)
		t.linkNew(b.tb, r, row.in.Associations)
		v := t.fullView(b.tb, r)
		v.trace = row.in.Trace
		b.show(r, v)
	}
	slices.Reverse(b.rows) // rows come back in no promised order; ours is never the caller's
	return b.reply(http.StatusCreated)
}

func (t *Twin) batchUpdate(c *call) error {
	b, err := c.batchOfKnown()
	if err != nil {
		return err
	}
	rows := b.checkAll(func(in input) (*record, *refused) {
		if r := b.find(in); r != nil {
			return r, nil
		}
		return nil, &refused{missing: in.ID}
	})
	if err := b.settleErrors(rows); err != nil {
		return err
	}
	b.write(rows)
	return b.reply(http.StatusOK)
}

// write carries out what checkAll let through.
func (b *batch) write(rows []*prepared) {
	for _, row := range rows {
		if row.bad != nil {
			continue
		}
		if row.r == nil {
			row.r = b.t.create(b.tb, row.clean, b.actor)
		} else {
			b.t.update(b.tb, row.r, row.clean, b.actor)
		}
		v := b.t.changedView(b.tb, row.clean)
		v.trace = row.in.Trace
		b.show(row.r, v)
	}
}

// batchUpsert creates or updates by a unique property. By e-mail HubSpot takes
// all rows or none.
func (t *Twin) batchUpsert(c *call) error {
	b, err := c.batchOfKnown()
	if err != nil {
		return err
	}
	if err := b.fillNames(); err != nil {
		return err
	}
	rows := b.checkAll(func(in input) (*record, *refused) {
		r := b.find(in)
		if r == nil && in.IDProperty == "hs_object_id" {
			return nil, &refused{missing: in.ID}
		}
		return r, nil
	})
	if err := b.settleErrors(rows); err != nil {
		return err
	}
	b.writeUpserts(rows)
	return b.reply(http.StatusOK)
}

// fillNames gives every row of an upsert the value it is named by.
func (b *batch) fillNames() error {
	for i, in := range b.inputs {
		if in.IDProperty == "hs_object_id" {
			continue
		}
		if in.IDProperty == "" || b.tb.unique[in.IDProperty] == nil {
			return invalid("Property %q is not a unique identifier property", in.IDProperty)
		}
		b.byRow = b.byRow && in.IDProperty != "email"
		if in.Properties[in.IDProperty] == "" {
			b.inputs[i].Properties = withValue(in.Properties, in.IDProperty, in.ID)
		}
	}
	return nil
}

// writeUpserts carries out what checkAll let through and tells new from known.
func (b *batch) writeUpserts(rows []*prepared) {
	for _, row := range rows {
		if row.bad != nil {
			continue
		}
		fresh := "false"
		if row.r == nil {
			fresh, row.r = "true", b.t.create(b.tb, row.clean, b.actor)
		} else {
			b.t.update(b.tb, row.r, row.clean, b.actor)
		}
		v := b.t.changedView(b.tb, row.clean)
		v.fresh, v.trace = fresh, row.in.Trace
		b.show(row.r, v)
	}
}

func withValue(props map[string]string, name, value string) map[string]string {
	out := make(map[string]string, len(props)+1)
	maps.Copy(out, props)
	out[name] = value
	return out
}
