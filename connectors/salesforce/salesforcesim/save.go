package salesforcesim

import (
	"fmt"
	"strings"
)

// create saves a new row. Changes come from changesOf.
func (t *Twin) create(w *writer, o *object, changes []change) (string, []*rowError) {
	if !o.create {
		return "", []*rowError{refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+o.label)}
	}
	if err := checkAccess(o, changes, creatable); err != nil {
		return "", []*rowError{err}
	}
	if err := t.rowFault(w, o, nil, changes); err != nil {
		return "", []*rowError{err}
	}
	ms := t.stampNow(w)
	r := &row{created: ms, modified: ms, stamp: ms, createdBy: w.user, modifiedBy: w.user, cells: make([]cell, 0, len(changes)+2)}
	for _, c := range changes {
		r.set(c.field, c.text)
	}
	if owner := t.assigned(w, o); owner != "" {
		r.set(o.must("OwnerId"), owner)
	}
	t.defaults(w, o, r)
	if errs := t.checkRow(o, r, changes); errs != nil {
		return "", errs
	}
	if err := t.checkDuplicates(w, o, r); err != nil {
		return "", []*rowError{err}
	}
	if err := t.checkMember(o, r); err != nil {
		return "", []*rowError{err}
	}
	t.derive(o, nil, r)
	t.put(w, o, r)
	t.after(w, o, nil, r)
	return o.id(r), nil
}

// update changes a row in place. A row that would stay as it is still gets a
// new SystemModstamp, as at the vendor.
func (t *Twin) update(w *writer, o *object, r *row, changes []change) []*rowError {
	if !o.update {
		return []*rowError{refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be updated: "+o.label)}
	}
	if r.deleted {
		return []*rowError{deletedError()}
	}
	if o.name == "Lead" && o.text(r, "IsConverted") == "true" {
		return []*rowError{refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")}
	}
	if err := checkAccess(o, changes, updatable); err != nil {
		return []*rowError{err}
	}
	if err := t.rowFault(w, o, r, changes); err != nil {
		return []*rowError{err}
	}
	next := r.clone()
	next.modifiedBy = w.user
	next.stamp = t.stampNow(w)
	next.modified = next.stamp
	for _, c := range changes {
		next.set(c.field, c.text)
	}
	if owner := t.assigned(w, o); owner != "" {
		next.set(o.must("OwnerId"), owner)
	}
	if errs := t.checkRow(o, next, changes); errs != nil {
		return errs
	}
	t.derive(o, r, next)
	t.swap(w, o, r, next)
	t.after(w, o, r, next)
	return nil
}

func deletedError() *rowError {
	return &rowError{code: "ENTITY_IS_DELETED", message: "entity is deleted", fields: []string{}, status: 404}
}

// assigned is the owner that an active assignment rule gives.
func (t *Twin) assigned(w *writer, o *object) string {
	if w.noAssign || w.method == "" {
		return ""
	}
	return t.opt.AssignTo[o.name]
}

// after is what saving sets off: history, roll-ups and automations.
func (t *Twin) after(w *writer, o *object, old, r *row) {
	t.keepHistory(w, o, old, r)
	if old == nil && o.name == "CampaignMember" {
		t.rollUp(w, o, r)
	}
	if !w.quiet {
		t.automate(w, o, r.seq)
	}
}

// rowFault plays the faults of single rows.
func (t *Twin) rowFault(w *writer, o *object, r *row, changes []change) *rowError {
	if w.faults == nil || w.quiet {
		return nil
	}
	values := make([]string, 0, len(changes)+2)
	lock := "1 records"
	if r != nil {
		lock = "1 records: " + o.id(r)
		values = append(values, o.id(r), o.id(r)[:15])
	}
	for _, c := range changes {
		values = append(values, c.text)
	}
	if _, ok := w.takeRow("row_lock", values...); ok {
		return refuse("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or "+lock)
	}
	f, ok := w.takeRow("row_error", values...)
	if !ok {
		return nil
	}
	code := f.Value
	if code == "" {
		code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
	}
	return refuse(code, "This record may not be saved now.")
}

// upsert creates or updates by a key field. found says how many rows have it.
func (t *Twin) upsert(w *writer, o *object, key, value string, changes []change) (id string, created bool, errs []*rowError) {
	i, f, ok := o.field(key)
	if !ok || (!f.lookup && !f.extID) {
		return "", false, []*rowError{{code: "NOT_FOUND", message: "Provided external ID field does not exist or is not accessible: " + key, status: 404}}
	}
	rows := t.byKey(o, key, value)
	switch {
	case len(rows) > 1:
		ids := make([]string, len(rows))
		for j, r := range rows {
			ids[j] = o.id(r)
		}
		return "", false, []*rowError{{code: "DUPLICATE_EXTERNAL_ID", message: fmt.Sprintf("%s: more than one record found for external id field: [%s]", f.name, strings.Join(ids, ", ")), fields: []string{f.name}, status: 300, duplicates: ids}}
	case len(rows) == 1:
		return o.id(rows[0]), false, t.update(w, o, rows[0], without(changes, i))
	case f.sys == sysID && value != "":
		return "", false, []*rowError{{code: "INVALID_CROSS_REFERENCE_KEY", message: "invalid cross reference id", status: 404}}
	}
	if f.sys == sysNone {
		text, err := canonical(f, value)
		if err != nil {
			return "", false, []*rowError{err}
		}
		changes = append(without(changes, i), change{i, text})
	}
	id, errs = t.create(w, o, changes)
	return id, errs == nil, errs
}

func without(changes []change, field int) []change {
	out := make([]change, 0, len(changes)+1)
	for _, c := range changes {
		if c.field != field {
			out = append(out, c)
		}
	}
	return out
}

// checkMember keeps a person in a campaign once.
func (t *Twin) checkMember(o *object, r *row) *rowError {
	if o.name != "CampaignMember" {
		return nil
	}
	for _, key := range []string{"LeadId", "ContactId"} {
		person := o.text(r, key)
		if person == "" {
			continue
		}
		for _, other := range t.byKey(o, key, person) {
			if o.text(other, "CampaignId") == o.text(r, "CampaignId") {
				return refuse("DUPLICATE_VALUE", "Already a campaign member.")
			}
		}
	}
	return nil
}
