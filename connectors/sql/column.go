package sql

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
	"github.com/tandem-sync/tandem/record/schema"
)

// store is how a column keeps its values.
type store uint8

const (
	asText store = iota
	asLongText
	asInteger
	asDecimal
	asBoolean // a type of its own
	asBit     // a number that is 0 or 1
	asDate
	asStamp     // without a zone
	asZoneStamp // an instant
	asUUID
	asEnum
	asList  // a PostgreSQL array
	asWords // a MySQL set
	asOther // not read: binary, geometry
)

// found is a column as the database describes it.
type found struct {
	name       string
	store      store
	typ        string // what a parameter is cast to; "" for nothing
	maxLen     int    // in characters; 0 if not limited
	scale      int    // decimals of a number, of the seconds of a time; -1 if not limited
	options    []string
	notNull    bool
	hasDefault bool // or the database gives a number
	computed   bool
	unique     bool // by an index on it alone
	indexes    []string
}

// column reads and writes the values of one column.
type column struct {
	found
	spec   Column
	kind   record.Kind
	zone   *time.Location
	layout *format.Layout
	number *format.Number
}

var errFormat = errors.New("a column of this kind has no format")

func newColumn(f found, spec Column, zone string) (column, error) {
	c := column{found: f, spec: spec, kind: kindOf(f.store)}
	if spec.Name == "" {
		c.spec.Name = f.name
	}
	if kind, ok := record.ParseKind(spec.Kind); ok {
		c.kind = kind
	} else if spec.Format == "iso" || strings.HasPrefix(spec.Format, "unix") {
		c.kind = record.Instant
	}
	zone = orText(spec.Zone, zone)
	var err error
	if c.zone, err = time.LoadLocation(zone); err != nil {
		return c, errors.New("there is no such zone")
	}
	switch c.kind {
	case record.Date, record.Instant:
		l, err := format.ParseLayout(orText(spec.Format, "iso"), zone)
		c.layout = &l
		return c, err
	case record.Integer, record.Decimal:
		if spec.Format == "" {
			return c, nil
		}
		n, err := format.ParseNumber(spec.Format)
		c.number = &n
		return c, err
	case record.Money:
		if _, known := format.MinorUnits(spec.Currency); !known {
			return c, errors.New("an amount needs a currency, as an ISO 4217 code")
		}
	default:
	}
	if spec.Format != "" {
		return c, errFormat
	}
	return c, nil
}

func kindOf(s store) record.Kind {
	switch s {
	case asLongText:
		return record.Text
	case asInteger:
		return record.Integer
	case asDecimal:
		return record.Decimal
	case asBoolean, asBit:
		return record.Boolean
	case asDate:
		return record.Date
	case asStamp, asZoneStamp:
		return record.Instant
	case asEnum:
		return record.Enum
	case asList, asWords:
		return record.Set
	default:
		return record.String
	}
}

// counted tells whether the times of the column are numbers.
func (c *column) counted() bool {
	return c.store == asInteger || strings.HasPrefix(c.spec.Format, "unix")
}

func (c *column) textual() bool { return c.store == asText || c.store == asLongText }

func (c *column) describe(writable bool) schema.Field {
	f := schema.Field{
		Name: c.name, Label: c.name, Kind: c.kind, Empty: c.spec.Empty, RefersTo: c.spec.RefersTo, Custom: true,
		MaxLen: c.maxLen, Required: c.notNull && !c.hasDefault && !c.computed, Unique: c.unique || c.spec.Unique,
		ReadOnly: !writable || c.computed || c.spec.ReadOnly, Closed: len(c.options) > 0,
	}
	for _, o := range c.options {
		f.Options = append(f.Options, schema.Option{Value: o, Label: o})
	}
	return f
}

// What a driver gives, as text.
func plain(raw any) (text string, null bool) {
	switch x := raw.(type) {
	case nil:
		return "", true
	case string:
		return x, false
	case []byte:
		return string(x), false
	case int64:
		return strconv.FormatInt(x, 10), false
	case uint64:
		return strconv.FormatUint(x, 10), false
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), false
	case float32:
		return strconv.FormatFloat(float64(x), 'f', -1, 32), false
	case bool:
		return strconv.FormatBool(x), false
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano), false
	}
	return "", true
}

var (
	errUTF8  = errors.New("the text is not valid UTF-8")
	errBit   = errors.New("a number other than 0 and 1 stands for true or false; give the column `kind: integer`")
	errBound = errors.New("the time has no end or lies beyond the year 9999")
)

// read turns what the database holds into a value. No error repeats it.
func (c *column) read(raw any) (record.Value, error) {
	text, null := plain(raw)
	trimmed := strings.TrimSpace(text)
	if null || trimmed == "" || slices.Contains(c.spec.Empty, trimmed) {
		return record.NullOf(c.kind), nil
	}
	if !utf8.ValidString(text) {
		return record.Value{}, errUTF8
	}
	switch c.kind {
	case record.String, record.Text:
		return record.Of(c.kind, text), nil
	case record.Enum, record.Reference, record.Email, record.Phone, record.URL, record.Country:
		return record.Of(c.kind, trimmed), nil
	case record.Set:
		return c.readSet(text)
	case record.Boolean:
		return c.readBoolean(trimmed)
	case record.Date, record.Instant:
		return c.readTime(trimmed)
	case record.Money:
		d, err := decimal.NewFromString(trimmed)
		if err != nil {
			return record.Value{}, &record.ParseError{Kind: record.Money, Want: "a number"}
		}
		minor, err := format.ToMinor(d, c.spec.Currency)
		return record.OfMoney(minor, c.spec.Currency), err
	default:
		if c.number == nil {
			return record.Parse(c.kind, trimmed)
		}
		d, err := c.number.Parse(trimmed)
		if err != nil {
			return record.Value{}, err
		}
		return record.Parse(c.kind, d.String())
	}
}

func (c *column) readSet(text string) (record.Value, error) {
	if c.store != asList {
		return record.OfSet(strings.Split(text, ",")...), nil
	}
	var members []*string
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return record.Value{}, errors.New("the array is not one of texts")
	}
	var out []string
	for _, m := range members {
		if m != nil {
			out = append(out, *m)
		}
	}
	return record.OfSet(out...), nil
}

func (c *column) readBoolean(text string) (record.Value, error) {
	switch strings.ToLower(text) {
	case "t":
		return record.OfBool(true), nil
	case "f":
		return record.OfBool(false), nil
	}
	v, err := record.Parse(record.Boolean, text)
	if err != nil && !c.textual() {
		err = errBit
	}
	return v, err
}

func (c *column) readTime(text string) (record.Value, error) {
	if strings.HasPrefix(text, "0000-00-00") { // what MySQL writes for none
		return record.NullOf(c.kind), nil
	}
	if strings.HasSuffix(text, "infinity") || strings.HasSuffix(text, " BC") {
		return record.Value{}, errBound
	}
	if c.kind == record.Date && c.store != asStamp && c.store != asZoneStamp {
		d, err := c.layout.ParseDate(text)
		if err != nil {
			return record.Value{}, err
		}
		return record.Of(record.Date, d.String()), nil
	}
	t, err := c.instant(text)
	if err != nil {
		return record.Value{}, err
	}
	if c.kind == record.Date {
		return record.OfDate(t.In(c.zone)), nil
	}
	return record.OfInstant(t), nil
}

func (c *column) instant(text string) (time.Time, error) {
	if c.store == asZoneStamp && !strings.HasSuffix(text, "+00") { // MySQL tells its session's zone nowhere, and that is UTC
		text += "+00"
	}
	if head, utc := strings.CutSuffix(text, "+00"); utc {
		text = head + "Z"
	}
	return c.layout.ParseInstant(text)
}
