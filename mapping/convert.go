package mapping

import (
	"github.com/tandem-sync/tandem/record"
)

// converter turns a present value into one of another kind. src is the record
// it comes from, which amounts need for their currency.
type converter func(v record.Value, src record.Fields) (record.Value, error)

// failure says why a value could not be mapped. It never carries the value.
type failure struct {
	reason Reason
	what   string
}

// Error says what is wrong.
func (f *failure) Error() string { return f.what }

// direction is which way a side maps.
type direction uint8

const (
	outward direction = iota // canonical to remote
	inward                   // remote to canonical
)

func invalid(kind record.Kind, want string) error {
	return &failure{Invalid, "the value is not a valid " + kind.String() + ": want " + want}
}

// converterTo returns the conversion to a kind by the declared forms, chosen
// once when the map is compiled. Inward is towards the canonical model, where
// texts of people are brought to their normal forms.
func converterTo(kind record.Kind, f *forms, to direction) converter {
	switch kind {
	case record.String, record.Text:
		return f.toText(kind)
	case record.Enum, record.Reference:
		return f.toWord(kind)
	case record.Integer, record.Decimal:
		return f.toNumber(kind)
	case record.Money:
		return f.toMoney
	case record.Boolean:
		return f.toBoolean
	case record.Date:
		return f.toDate
	case record.Instant:
		return f.toInstant
	case record.Set:
		return f.toSet
	default:
		if to == inward {
			return f.toNormal(kind)
		}
		return f.fromNormal(kind)
	}
}

// identical tells that a present value of the kind maps to itself.
func identical(kind record.Kind, to direction) bool {
	switch kind {
	case record.Phone, record.Email, record.URL, record.Country:
		return to == outward
	default:
		return true
	}
}

func textual(k record.Kind) bool {
	switch k {
	case record.String, record.Text, record.Enum, record.Phone, record.Email, record.URL, record.Country, record.Reference:
		return true
	default:
		return false
	}
}

func numeric(k record.Kind) bool { return k == record.Integer || k == record.Decimal }

// refusal says why values of one kind cannot become another, or "".
func (f *forms) refusal(from, to record.Kind) string {
	switch {
	case from == to, textual(from) && to != record.Integer && textual(to), to == record.String, to == record.Text:
		return f.moneyAsText(from, to)
	case to == record.Date && from == record.Instant, to == record.Instant && from == record.Date:
		return f.needsZone()
	case (to == record.Date || to == record.Instant) && numeric(from), numeric(to) && (from == record.Date || from == record.Instant):
		return f.needsLayout()
	case to == record.Money && (textual(from) || numeric(from)):
		return f.needsCurrency()
	}
	if possible(from, to) {
		return ""
	}
	return article(from) + " cannot become " + article(to)
}

// article names a kind with the article it takes.
func article(k record.Kind) string {
	switch k {
	case record.Integer, record.Instant, record.Enum, record.Email:
		return "an " + k.String()
	case record.Money:
		return "an amount of money"
	default:
		return "a " + k.String()
	}
}

func possible(from, to record.Kind) bool {
	switch to {
	case record.Integer, record.Decimal:
		return textual(from) || numeric(from) || from == record.Money || from == record.Boolean && to == record.Integer
	case record.Boolean:
		return textual(from) || from == record.Integer
	case record.Date, record.Instant, record.Set:
		return textual(from)
	case record.Enum:
		return textual(from) || from == record.Boolean || from == record.Integer || from == record.Set
	case record.Reference:
		return textual(from) || from == record.Integer
	default:
		return textual(from)
	}
}

func (f *forms) moneyAsText(from, to record.Kind) string {
	if from == record.Money && from != to && f.currency == "" && f.currencyFrom == "" && f.number == nil {
		return "an amount as text needs `format: {number: ...}`, an example such as 1,234.56 EUR"
	}
	return ""
}

func (f *forms) needsZone() string {
	if f.zone == nil {
		return "a date is not an instant: declare the `zone` whose midnight is meant"
	}
	return ""
}

func (f *forms) needsLayout() string {
	if f.layout == nil {
		return "declare the `format` of the number: unix or unix_ms"
	}
	return ""
}

func (f *forms) needsCurrency() string {
	if f.currency == "" && f.currencyFrom == "" && f.number == nil {
		return "declare the `currency` of the amount, or `currency_from` the field that holds it"
	}
	return ""
}
