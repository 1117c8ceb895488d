package espocrmsim

import "net/http"

// convert makes a contact of a lead, which stays and names it.
func (t *Twin) convert(w http.ResponseWriter, r *http.Request) {
	in, ok := take(w, r)
	if !ok {
		return
	}
	leads, contacts := t.entities["Lead"], t.entities["Contact"]
	lead := leads.records[plain(in["id"])]
	records, _ := in["records"].(map[string]any)
	payload, wanted := records["Contact"].(map[string]any)
	if lead == nil {
		refuse(w, http.StatusNotFound, "")
		return
	}
	if wanted {
		attrs := contacts.taken(payload)
		if f, failure := contacts.invalid(attrs, creating); failure != "" {
			invalid(w, f, failure)
			return
		}
		t.set(leads, lead, "createdContactId", t.add(contacts, t.now(), attrs).id)
	}
	t.set(leads, lead, "status", "Converted")
	t.set(leads, lead, "convertedAt", t.now())
	t.changed(leads, lead)
	send(w, http.StatusOK, t.render(lead, nil))
}
