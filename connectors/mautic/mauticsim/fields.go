package mauticsim

import (
	"net/http"
	"strings"
)

// Field is a field of contacts or companies.
type Field struct {
	Alias, Label, Type string
	Unique             bool
	Options            []string // of a select or multiselect
	Scale              int      // of a number
}

func contactFields() []Field {
	return fieldsOf("title:lookup firstname:text lastname:text company:text position:text email:email mobile:tel phone:tel points:number " +
		"fax:tel address1:text address2:text city:text state:region zipcode:text country:country preferred_locale:locale timezone:timezone " +
		"last_active:datetime attribution_date:datetime attribution:number website:url facebook:text linkedin:text twitter:text")
}

func companyFields() []Field {
	return fieldsOf("companyname:text companyemail:email companyaddress1:text companyaddress2:text companyphone:tel companycity:text " +
		"companystate:region companyzipcode:text companycountry:country companywebsite:url companyindustry:select companydescription:text " +
		"companynumber_of_employees:number companyannual_revenue:number")
}

func fieldsOf(list string) []Field {
	var fields []Field
	for part := range strings.FieldsSeq(list) {
		alias, kind, _ := strings.Cut(part, ":")
		f := Field{Alias: alias, Label: alias, Type: kind, Unique: alias == "email" || alias == "companyname"}
		if kind == "select" {
			f.Options = []string{"Software", "Other"}
		}
		fields = append(fields, f)
	}
	return fields
}

// AddField adds a field of the customer's own to contacts or companies.
func (t *Twin) AddField(object string, f Field) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kinds[object].fields = append(t.kinds[object].fields, f)
}

func (t *Twin) describe(w http.ResponseWriter, r *http.Request) {
	name := map[string]string{"contact": "contacts", "company": "companies"}[r.PathValue("object")]
	k, ok := t.kinds[name]
	if !ok {
		notFound(w)
		return
	}
	p := parse(r.URL.Query())
	all := make([]int, len(k.fields))
	for i := range all {
		all[i] = i
	}
	page, total, err := query(all, p, func(i int) source {
		return func(column string) (string, bool, bool) {
			return itoa(int64(i + 1)), false, column == "id" || column == "f.id"
		}
	})
	if err != nil {
		serverError(w, http.StatusInternalServerError)
		return
	}
	out := &ordered{}
	for n, i := range page {
		out.add(itoa(int64(n)), k.fields[i].body(i+1))
	}
	send(w, http.StatusOK, map[string]any{"total": total, "fields": out})
}

func (t *Twin) newField(w http.ResponseWriter, r *http.Request) {
	k, ok := t.kinds[map[string]string{"contact": "contacts", "company": "companies"}[r.PathValue("object")]]
	var in struct {
		Alias  string `json:"alias"`
		Label  string `json:"label"`
		Type   string `json:"type"`
		Unique bool   `json:"isUniqueIdentifer"`
	}
	if !ok || !take(w, r, &in) {
		return
	}
	if _, exists := k.field(in.Alias); exists || in.Alias == "" || in.Label == "" {
		p := fail(http.StatusBadRequest, "alias: Another field is already using this alias", "alias")
		send(w, p.Code, map[string]any{"errors": []*problem{p}})
		return
	}
	f := Field{Alias: in.Alias, Label: in.Label, Type: in.Type, Unique: in.Unique}
	k.fields = append(k.fields, f)
	send(w, http.StatusCreated, map[string]any{"field": f.body(len(k.fields))})
}

func (f Field) body(id int) map[string]any {
	properties := map[string]any{}
	if f.Options != nil {
		var list []map[string]string
		for _, o := range f.Options {
			list = append(list, map[string]string{"label": o, "value": o})
		}
		properties["list"] = list
	}
	var none any = properties
	if len(properties) == 0 {
		none = []string{}
	}
	if f.Type == "number" {
		none = map[string]any{"scale": f.Scale, "roundmode": 4}
	}
	return map[string]any{
		"id": id, "alias": f.Alias, "label": f.Label, "type": f.Type, "group": "core", "isPublished": true, "isRequired": false,
		"isUniqueIdentifer": f.Unique, "isUniqueIdentifier": f.Unique, "properties": none,
	}
}

func (k *kind) field(alias string) (Field, bool) {
	for _, f := range k.fields {
		if f.Alias == alias {
			return f, true
		}
	}
	return Field{}, false
}
