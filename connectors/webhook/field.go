package webhook

import (
	"errors"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
	"github.com/tandem-sync/tandem/record/schema"
)

// field reads one value of a body.
type field struct {
	Field
	kind   record.Kind
	at     path
	number *format.Number
	money  *format.Money
	layout *format.Layout
}

func newField(f Field, zone string) (field, error) {
	out := field{Field: f}
	kind, ok := record.ParseKind(f.Kind)
	if !ok && f.Kind != "" {
		return out, errors.New("there is no such kind")
	}
	if out.kind = kind; f.Zone != "" {
		zone = f.Zone
	}
	if out.Path == "" {
		out.Path = f.Name
	}
	if out.Separator == "" {
		out.Separator = ";"
	}
	if len(f.True) == 0 && len(f.False) == 0 {
		out.True, out.False = []string{"true", "yes", "on", "1"}, []string{"false", "no", "off", "0"}
	}
	at, err := parsePath(out.Path)
	if err != nil {
		at = path{text: out.Path} // a name such as a[, which is told as a mistake
	}
	out.at = at
	return out, out.compile(zone)
}

func (f *field) compile(zone string) error {
	switch f.kind {
	case record.Money:
		m, err := format.ParseMoney(or(f.Format, "1234.56"), f.Currency)
		f.money = &m
		return err
	case record.Integer, record.Decimal:
		if f.Format == "" {
			return nil
		}
		n, err := format.ParseNumber(f.Format)
		f.number = &n
		return err
	case record.Date, record.Instant:
		l, err := format.ParseLayout(or(f.Format, "iso"), zone)
		f.layout = &l
		return err
	default:
		if f.Format != "" {
			return errors.New("a field of this kind has no format")
		}
		return nil
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

var errWord = errors.New("none of the field's words for true and false")

// value turns what stands in the body into a value. No error repeats it.
func (f *field) value(raw any) (record.Value, error) {
	if list, ok := raw.([]any); ok && f.kind == record.Set {
		return record.OfSet(plains(list)...), nil
	}
	text := plain(raw)
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || slices.Contains(f.Empty, trimmed) {
		return record.NullOf(f.kind), nil
	}
	switch f.kind {
	case record.String, record.Text:
		return record.Of(f.kind, text), nil
	case record.Enum, record.Reference, record.Email, record.Phone, record.URL, record.Country:
		return record.Of(f.kind, trimmed), nil // in the sender's words
	case record.Set:
		var members []string
		for m := range strings.SplitSeq(text, f.Separator) {
			members = append(members, strings.TrimSpace(m))
		}
		return record.OfSet(members...), nil
	case record.Boolean:
		fold := func(word string) bool { return strings.EqualFold(word, trimmed) }
		if slices.ContainsFunc(f.True, fold) {
			return record.OfBool(true), nil
		}
		if slices.ContainsFunc(f.False, fold) {
			return record.OfBool(false), nil
		}
		return record.Value{}, errWord
	default:
		return f.formatted(trimmed)
	}
}

func (f *field) formatted(text string) (record.Value, error) {
	switch {
	case f.money != nil:
		a, err := f.money.Parse(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.OfMoney(a.Minor, a.Currency), nil
	case f.number != nil:
		d, err := f.number.Parse(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.Parse(f.kind, d.String())
	case f.kind == record.Date:
		d, err := f.layout.ParseDate(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.Of(record.Date, d.String()), nil
	case f.kind == record.Instant:
		t, err := f.layout.ParseInstant(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.OfInstant(t), nil
	}
	return record.Parse(f.kind, text)
}

func (f *field) describe() schema.Field {
	return schema.Field{Name: f.Name, Label: f.Name, Kind: f.kind, RefersTo: f.RefersTo, Empty: f.Empty, ReadOnly: true, Custom: true}
}
