package mapping

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
)

func (f *forms) toNumber(kind record.Kind) converter {
	return func(v record.Value, _ record.Fields) (record.Value, error) {
		if v.Kind() == kind {
			return v, nil
		}
		d, err := f.decimal(v)
		switch {
		case err != nil:
			return record.Value{}, err
		case kind == record.Decimal:
			return record.OfDecimal(d), nil
		case !d.IsInteger():
			return record.Value{}, invalid(kind, "a whole number")
		default:
			return record.Of(kind, d.StringFixed(0)), nil
		}
	}
}

// decimal reads the exact number in a value.
func (f *forms) decimal(v record.Value) (decimal.Decimal, error) {
	switch v.Kind() {
	case record.Integer, record.Decimal:
		if d, ok := v.Decimal(); ok {
			return d, nil
		}
	case record.Boolean:
		if yes, _ := v.Bool(); yes {
			return decimal.NewFromInt(1), nil
		}
		return decimal.Zero, nil
	case record.Money:
		return f.major(v)
	case record.Date, record.Instant:
		s, err := f.spellTime(v)
		if err != nil {
			return decimal.Zero, err
		}
		if d, err := decimal.NewFromString(s); err == nil {
			return d, nil
		}
		return decimal.Zero, &failure{Invalid, "the declared format does not write a number"}
	default:
		if d, ok := f.parseNumber(v.Text()); ok {
			return d, nil
		}
	}
	return decimal.Zero, invalid(record.Decimal, "a number in the declared format")
}

func (f *forms) parseNumber(text string) (decimal.Decimal, bool) {
	text = strings.TrimSpace(text)
	if f.number != nil {
		d, err := f.number.Parse(text)
		return d, err == nil
	}
	v, err := record.Parse(record.Decimal, text)
	if err != nil {
		return decimal.Zero, false
	}
	return v.Decimal()
}

// major gives the amount in major units, if its currency is the declared one.
func (f *forms) major(v record.Value) (decimal.Decimal, error) {
	minor, code, ok := v.Money()
	if !ok {
		return decimal.Zero, invalid(record.Money, "an amount")
	}
	if f.currencyFrom == "" && f.currency != "" && code != f.currency {
		return decimal.Zero, &failure{Currency, "the amount is in another currency than the declared " + f.currency + "; amounts are never converted"}
	}
	d, err := format.FromMinor(minor, code)
	if err != nil {
		return decimal.Zero, &failure{Currency, "the currency of the amount is not known"}
	}
	return d, nil
}

func (f *forms) spellNumber(v record.Value) (string, error) {
	if f.number == nil {
		return v.Text(), nil
	}
	d, ok := v.Decimal()
	if !ok {
		return "", invalid(v.Kind(), "a number")
	}
	s, err := f.number.Format(d)
	if err != nil {
		return "", &failure{Invalid, err.Error()}
	}
	return s, nil
}

func (f *forms) spellMoney(v record.Value) (string, error) {
	d, err := f.major(v)
	if err != nil {
		return "", err
	}
	minor, code, _ := v.Money()
	if f.number == nil {
		places, _ := format.MinorUnits(code)
		return d.StringFixed(int32(places)), nil //nolint:gosec // currencies have 0 to 4 decimals
	}
	if m, err := format.ParseMoney(f.example, code); err == nil {
		if s, err := m.Format(format.Amount{Minor: minor, Currency: code}); err == nil {
			return s, nil
		}
	}
	s, err := f.number.Format(d)
	if err != nil {
		return "", &failure{Invalid, err.Error()}
	}
	return s, nil
}

func (f *forms) toMoney(v record.Value, src record.Fields) (record.Value, error) {
	if v.Kind() == record.Money {
		return v, nil
	}
	if f.number != nil && textual(v.Kind()) && f.currencyFrom == "" {
		return f.writtenAmount(v.Text())
	}
	d, err := f.decimal(v)
	if err != nil {
		return record.Value{}, err
	}
	code, err := f.code(src)
	if err != nil {
		return record.Value{}, err
	}
	minor, err := format.ToMinor(d, code)
	if err != nil {
		return record.Value{}, &failure{Invalid, "the amount has more decimals than " + code + " has, or is too large"}
	}
	return record.OfMoney(minor, code), nil
}

// writtenAmount reads a text such as € 3.500,00.
func (f *forms) writtenAmount(text string) (record.Value, error) {
	m, err := format.ParseMoney(f.example, f.currency)
	if err != nil {
		return record.Value{}, &failure{Currency, err.Error()}
	}
	a, err := m.Parse(strings.TrimSpace(text))
	if err != nil {
		return record.Value{}, &failure{Invalid, err.Error()}
	}
	return record.OfMoney(a.Minor, a.Currency), nil
}

// code finds the currency of an amount of this record.
func (f *forms) code(src record.Fields) (string, error) {
	code := f.currency
	if f.currencyFrom != "" {
		if v := src[f.currencyFrom]; v.IsPresent() && v.Text() != "" {
			code = strings.ToUpper(strings.TrimSpace(v.Text()))
		}
	}
	if code == "" {
		return "", &failure{Currency, "the record names no currency in " + f.currencyFrom + ", and none is declared"}
	}
	if _, known := format.MinorUnits(code); !known {
		return "", &failure{Currency, "the record's currency is no ISO 4217 code"}
	}
	return code, nil
}
