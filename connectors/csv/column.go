package csv

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
	"github.com/tandem-sync/tandem/record/schema"
)

// column reads and writes the values of one column.
type column struct {
	Column
	kind   record.Kind
	number *format.Number
	money  *format.Money
	layout *format.Layout
}

type mistake struct {
	key, text  string
	candidates []string
}

func compile(c Column, zone string) (column, mistake) {
	out := column{Column: c}
	if c.Kind == "" {
		out.Kind = record.String.String()
	}
	kind, ok := record.ParseKind(out.Kind)
	if !ok {
		return out, mistake{key: "kind", text: "there is no kind " + c.Kind, candidates: record.KindNames()}
	}
	out.kind = kind
	if c.Zone != "" {
		zone = c.Zone
	}
	if out.Separator == "" {
		out.Separator = ";"
	}
	if err := out.compileFormat(zone); err != nil {
		return out, mistake{key: "format", text: err.Error()}
	}
	return out, mistake{}
}

func (c *column) compileFormat(zone string) error {
	switch c.kind {
	case record.Money:
		if c.Format == "" {
			c.Format = "1234.56"
		}
		m, err := format.ParseMoney(c.Format, c.Currency)
		c.money = &m
		return err
	case record.Integer, record.Decimal:
		if c.Format == "" {
			return nil
		}
		n, err := format.ParseNumber(c.Format)
		c.number = &n
		return err
	case record.Date, record.Instant:
		if c.Format == "" {
			c.Format = "iso"
		}
		l, err := format.ParseLayout(c.Format, zone)
		c.layout = &l
		return err
	default:
		if c.Format != "" {
			return errors.New("a column of this kind has no format")
		}
		return nil
	}
}

var (
	floatRE    = regexp.MustCompile(`^[+-]?\d(?:[.,]\d+)?[eE]\+?\d+$`)
	errSheet   = errors.New("a spreadsheet's error stands in the cell; correct it where the file is made")
	errRounded = errors.New("a spreadsheet rounded this id; export it again with the column as text")
	errOption  = errors.New("the value is none of the column's options")
)

func sheetError(text string) bool {
	switch text {
	case "#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!":
		return true
	}
	return false
}

// read turns a cell into a value. No error repeats the text.
func (c *column) read(text string) (record.Value, error) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || slices.Contains(c.Empty, trimmed) {
		return record.NullOf(c.kind), nil
	}
	if sheetError(trimmed) {
		return record.Value{}, errSheet
	}
	switch c.kind {
	case record.String, record.Text:
		return record.Of(c.kind, text), nil
	case record.Reference:
		if floatRE.MatchString(trimmed) {
			return record.Value{}, errRounded
		}
		return record.Of(c.kind, trimmed), nil
	case record.Enum:
		if len(c.Options) > 0 && !slices.Contains(c.Options, trimmed) {
			return record.Value{}, errOption
		}
		return record.Of(c.kind, trimmed), nil
	case record.Set:
		return record.OfSet(c.members(text)...), nil
	case record.Boolean:
		return c.boolean(trimmed)
	default:
		return c.formatted(trimmed)
	}
}

func (c *column) members(text string) []string {
	var out []string
	for m := range strings.SplitSeq(text, c.Separator) {
		out = append(out, strings.TrimSpace(m))
	}
	return out
}

func (c *column) boolean(text string) (record.Value, error) {
	fold := func(word string) bool { return strings.EqualFold(word, text) }
	switch {
	case len(c.True) == 0 && len(c.False) == 0:
		return record.Parse(record.Boolean, text)
	case slices.ContainsFunc(c.True, fold):
		return record.OfBool(true), nil
	case slices.ContainsFunc(c.False, fold):
		return record.OfBool(false), nil
	}
	return record.Value{}, errors.New("none of the column's words for true and false")
}

func (c *column) formatted(text string) (record.Value, error) {
	switch {
	case c.money != nil:
		a, err := c.money.Parse(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.OfMoney(a.Minor, a.Currency), nil
	case c.number != nil:
		d, err := c.number.Parse(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.Parse(c.kind, d.String())
	case c.kind == record.Date:
		d, err := c.layout.ParseDate(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.Of(record.Date, d.String()), nil
	case c.kind == record.Instant:
		t, err := c.layout.ParseInstant(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.OfInstant(t), nil
	}
	return record.Parse(c.kind, text)
}

// write turns a value into the text of a cell.
func (c *column) write(v record.Value) (string, error) {
	if !v.IsPresent() && v.State() != record.Placeholder {
		return "", nil
	}
	switch {
	case c.kind == record.Set:
		return strings.Join(v.Members(), c.Separator), nil
	case c.kind == record.Boolean:
		if yes, ok := v.Bool(); ok && yes && len(c.True) > 0 {
			return c.True[0], nil
		} else if ok && !yes && len(c.False) > 0 {
			return c.False[0], nil
		}
	case c.money != nil:
		minor, currency, ok := v.Money()
		if !ok {
			return "", errors.New("not an amount of money")
		}
		return c.money.Format(format.Amount{Minor: minor, Currency: currency})
	case c.number != nil:
		d, ok := v.Decimal()
		if !ok {
			return "", errors.New("not a number")
		}
		return c.number.Format(d)
	case c.layout != nil:
		return c.writeTime(v)
	}
	return v.Text(), nil
}

func (c *column) writeTime(v record.Value) (string, error) {
	t, ok := v.WithKind(c.kind).Time()
	if !ok {
		return "", errors.New("not a date or time of the column's kind")
	}
	if c.kind == record.Date {
		return c.layout.FormatDate(format.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()})
	}
	return c.layout.FormatInstant(t)
}

// plain tells whether a text of this column can never be a formula, whatever
// it begins with.
func (c *column) plain() bool {
	switch c.kind {
	case record.Integer, record.Decimal, record.Money, record.Boolean, record.Date, record.Instant, record.Phone:
		return true
	default:
		return false
	}
}

func (c *column) field() schema.Field {
	f := schema.Field{Name: c.Name, Label: c.Name, Kind: c.kind, RefersTo: c.RefersTo, Empty: c.Empty, Closed: len(c.Options) > 0}
	for _, o := range c.Options {
		f.Options = append(f.Options, schema.Option{Value: o, Label: o})
	}
	return f
}
