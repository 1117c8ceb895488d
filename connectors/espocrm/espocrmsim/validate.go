package espocrmsim

import (
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"
)

// invalid is EspoCRM's answer to a value that a field does not take.
func invalid(w http.ResponseWriter, field, kind string) {
	w.Header().Set("X-Status-Reason", "validationFailure")
	send(w, http.StatusBadRequest, map[string]any{"messageTranslation": map[string]any{
		"label": "validationFailure", "scope": nil, "data": map[string]any{"field": field, "type": kind},
	}})
}

// invalid tells the field and the rule that values break.
func (e *entity) invalid(attrs map[string]any, during phase) (field, rule string) {
	for _, f := range e.fields {
		name := f.Name
		if f.Type == "link" {
			name += "Id"
		}
		v, given := attrs[name]
		if f.Required && !f.ReadOnly && v == nil && (during == creating || given) {
			return f.Name, "required"
		}
		if rule := f.broken(v); rule != "" {
			return f.Name, rule
		}
	}
	return "", ""
}

// broken tells the rule of the field that a value breaks.
func (f Field) broken(v any) string {
	text, isText := v.(string)
	ok, rule := true, "valid"
	switch f.Type {
	case "enum":
		ok = slices.Contains(f.Options, text)
	case "varchar":
		ok, rule = f.MaxLen == 0 || len([]rune(text)) <= f.MaxLen, "maxLength"
		if (strings.HasPrefix(f.Name, "address") || f.Name == "lastName") && strings.ContainsAny(text, "<>=") {
			ok, rule = false, "pattern"
		}
	case "email":
		_, err := mail.ParseAddress(text)
		ok, rule = err == nil, "emailAddress"
	case "datetime", "datetimeOptional":
		_, err := time.Parse(time.DateTime, text)
		ok = err == nil
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		ok = err == nil
	case "int", "currency", "float":
		ok = !isText
	}
	if ok || v == nil {
		return ""
	}
	return rule
}

// duplicates are the records that a new one looks like.
func (t *Twin) duplicates(e *entity, attrs map[string]any) []map[string]any {
	var like []map[string]any
	for _, r := range t.by(e, "id") {
		if len(like) < 4 && t.alike(e, r, attrs) {
			like = append(like, t.render(r, nil))
		}
	}
	return like
}

func (t *Twin) alike(e *entity, r *record, attrs map[string]any) bool {
	same := func(name string) bool { return strings.EqualFold(plain(r.attrs[name]), plain(attrs[name])) }
	for _, check := range e.unique {
		switch {
		case check == "emailAddress" && slices.Contains(r.emails, strings.ToLower(plain(attrs["emailAddress"]))),
			check == "name" && attrs["name"] != nil && same("name"),
			check == "person" && attrs["lastName"] != nil && attrs["firstName"] != nil && same("firstName") && same("lastName"):
			return true
		}
	}
	return false
}
