package salesforcesim

import (
	"slices"
	"strconv"
	"strings"
)

// keepHistory writes the vendor's history rows of a save.
func (t *Twin) keepHistory(w *writer, o *object, old, r *row) {
	if o.name == "Opportunity" {
		t.stageHistory(w, o, old, r)
	}
	h := t.objects[strings.ToLower(historyOf(o.name))]
	if old == nil || h == nil || slices.Contains(t.opt.HistoryOff, o.name) {
		return
	}
	for _, name := range t.tracked[o.name] {
		f := o.must(name)
		if f < 0 {
			continue
		}
		was, _ := o.value(old, f)
		is, _ := o.value(r, f)
		if was == is {
			continue
		}
		t.putHistory(w, h, r, map[string]string{o.name + "Id": o.id(r), "Field": historyField(name), "DataType": dataType(o.fields[f]), "OldValue": was, "NewValue": is})
	}
}

func historyOf(object string) string {
	if object == "Opportunity" {
		return "OpportunityFieldHistory"
	}
	return object + "History"
}

// historyField is how the vendor names a tracked field: lookups lose their Id.
func historyField(name string) string { return strings.TrimSuffix(name, "Id") }

func dataType(f *field) string {
	switch f.typ {
	case "reference":
		return "EntityId"
	case "picklist":
		return "DynamicEnum"
	case "currency":
		return "Currency"
	case "date":
		return "DateOnly"
	}
	return "Text"
}

func (t *Twin) putHistory(w *writer, h *object, of *row, values map[string]string) {
	hr := &row{created: of.stamp, modified: of.stamp, stamp: of.stamp, createdBy: of.modifiedBy, modifiedBy: of.modifiedBy}
	for name, v := range values {
		hr.set(h.must(name), v)
	}
	h.insert(hr)
	w.undo = append(w.undo, func() { h.forget(hr) })
}

// stageHistory keeps a deal's way through its stages, which the vendor does
// whether field history is tracked or not.
func (t *Twin) stageHistory(w *writer, o *object, old, r *row) {
	changed := old == nil
	for _, name := range []string{"StageName", "Amount", "CloseDate", "Probability"} {
		changed = changed || o.text(old, name) != o.text(r, name)
	}
	if !changed {
		return
	}
	h := t.objects["opportunityhistory"]
	values := map[string]string{"OpportunityId": o.id(r)}
	for _, name := range []string{"StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory"} {
		values[name] = o.text(r, name)
	}
	if old != nil {
		values["PrevAmount"], values["PrevCloseDate"] = o.text(old, "Amount"), o.text(old, "CloseDate")
		values["FromForecastCategory"], values["FromOpportunityStageName"] = o.text(old, "ForecastCategory"), o.text(old, "StageName")
	}
	t.putHistory(w, h, r, values)
}

// rollUp counts a new member into its campaign. The campaign's stamps stay.
func (t *Twin) rollUp(w *writer, o *object, member *row) {
	c := t.objects["campaign"]
	old := c.find(o.text(member, "CampaignId"))
	if old == nil {
		return
	}
	next := old.clone()
	bump := func(field string) {
		f := c.must(field)
		next.set(f, strconv.Itoa(atoi(c.text(next, field))+1))
	}
	if o.text(member, "ContactId") != "" {
		bump("NumberOfContacts")
	} else {
		bump("NumberOfLeads")
	}
	if o.text(member, "HasResponded") == "true" {
		bump("NumberOfResponses")
	}
	t.swap(w, c, old, next)
}
