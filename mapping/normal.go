package mapping

import (
	"github.com/tandem-sync/tandem/mapping/normal"
	"github.com/tandem-sync/tandem/record"
)

// Normal returns the form in which match keys are compared: an e-mail address
// trimmed and lower-cased with its domain in ASCII, a phone number in E.164, a
// URL as the domain it is registered under, a country as its code, any other
// text folded. ok is false where the text is none.
func Normal(kind record.Kind, text string) (form string, ok bool) {
	switch kind {
	case record.Email:
		return normal.Email(text)
	case record.Phone:
		return normal.Phone(text, "")
	case record.URL:
		return normal.Domain(text)
	case record.Country:
		return normal.Country(text)
	case record.Reference, record.Enum:
		text = normal.Trim(text)
		return text, text != ""
	default:
		return normal.Name(text)
	}
}
