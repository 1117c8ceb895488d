package hubspotsim

import (
	"net/http"
	"slices"
)

// Form is a form on a page of the customer's.
type Form struct {
	Name string

	id          string
	created     int64
	submissions []submission
}

type submission struct {
	ID     string       `json:"conversionId"`
	At     int64        `json:"submittedAt"`
	Values []fieldValue `json:"values"`
	Page   string       `json:"pageUrl"`
}

type fieldValue struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	TypeID string `json:"objectTypeId"`
}

// AddForm adds a form and returns its id.
func (t *Twin) AddForm(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := &Form{Name: name, id: newUUID(), created: t.now()}
	t.books.forms = append(t.books.forms, f)
	return f.id
}

// Submit records that someone sent a form from a page at the portal's present
// time; which contact it was is told by the email value.
func (t *Twin) Submit(form, pageURL string, values map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.form(form)
	if f == nil {
		return
	}
	s := submission{ID: newUUID(), At: t.now(), Page: pageURL}
	for _, name := range sortedKeys(values) {
		s.Values = append(s.Values, fieldValue{name, values[name], "0-1"})
	}
	f.submissions = append(f.submissions, s)
}

func (t *Twin) form(id string) *Form {
	for _, f := range t.books.forms {
		if f.id == id {
			return f
		}
	}
	return nil
}

func (f *Form) row() map[string]any {
	return map[string]any{
		"id": f.id, "name": f.Name, "createdAt": iso(f.created), "updatedAt": iso(f.created), "archived": false, "formType": "hubspot",
		"fieldGroups": []map[string]any{{"groupType": "default_group", "richTextType": "text"}},
		"configuration": map[string]any{
			"language": "en", "cloneable": true, "postSubmitAction": map[string]string{"type": "thank_you", "value": ""}, "editable": true,
			"archivable": true, "recaptchaEnabled": false, "notifyContactOwner": false, "notifyRecipients": []string{itoa(userID)},
			"createNewContactForNewEmail": false, "prePopulateKnownValues": true, "allowLinkToResetKnownValues": false, "embedType": "V3",
		},
		"displayOptions": map[string]any{
			"renderRawHtml": false, "theme": "default_style", "submitButtonText": "Submit", "cssClass": nil,
			"style": map[string]string{
				"fontFamily": "arial", "backgroundWidth": "100%", "labelTextColor": "#333333", "labelTextSize": "11px", "helpTextColor": "#777777",
				"helpTextSize": "11px", "legalConsentTextColor": "#333333", "legalConsentTextSize": "14px", "submitColor": "#000000",
				"submitAlignment": "left", "submitFontColor": "#ffffff", "submitSize": "12px",
			},
		},
		"legalConsentOptions": map[string]string{"type": "none"},
	}
}

func (t *Twin) listForms(c *call) error {
	limit, err := c.limit(20, 500)
	if err != nil {
		return err
	}
	forms, next, err := page(c, t.books.forms, limit)
	if err != nil {
		return err
	}
	rows := make([]map[string]any, 0, len(forms))
	for _, f := range forms {
		rows = append(rows, f.row())
	}
	return c.json(http.StatusOK, results[map[string]any]{Results: rows, Paging: next})
}

func (t *Twin) getForm(c *call) error {
	if f := t.form(c.r.PathValue("id")); f != nil {
		return c.json(http.StatusOK, f.row())
	}
	return notFound()
}

// submissions are listed newest first, at most 50 a page.
func (t *Twin) submissions(c *call) error {
	f := t.form(c.r.PathValue("id"))
	if f == nil {
		return notFound()
	}
	limit, err := c.limit(20, 50)
	if err != nil {
		return err
	}
	all := slices.Clone(f.submissions)
	slices.Reverse(all)
	rows, next, err := page(c, all, limit)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, results[submission]{Results: rows, Paging: next})
}
