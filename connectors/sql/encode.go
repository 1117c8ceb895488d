package sql

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
)

const (
	stampText = "2006-01-02 15:04:05.999999"
	micro     = 6
)

var (
	errAmount = errors.New("the amount is in another currency than the column")
	errKind   = errors.New("not a value of the column's kind")
)

// write turns a value into an argument of a statement.
func (c *column) write(v record.Value) (any, error) {
	if !v.IsPresent() && v.State() != record.Placeholder || v.Text() == "" {
		return c.none(), nil
	}
	switch c.kind {
	case record.Boolean:
		return c.writeBoolean(v)
	case record.Integer, record.Decimal:
		d, err := decimal.NewFromString(v.Text())
		if err != nil {
			return nil, errKind
		}
		return c.writeNumber(d)
	case record.Money:
		return c.writeMoney(v)
	case record.Date, record.Instant:
		t, ok := v.WithKind(c.kind).Time()
		if !ok {
			return nil, errKind
		}
		return c.writeTime(t)
	case record.Set:
		return c.writeSet(v.Members()), nil
	default:
		return v.Text(), nil
	}
}

// none is what clears the column.
func (c *column) none() any {
	if c.notNull && c.textual() {
		return ""
	}
	return nil
}

func (c *column) writeMoney(v record.Value) (any, error) {
	minor, currency, ok := v.Money()
	if !ok || currency != c.spec.Currency {
		return nil, errAmount
	}
	d, err := format.FromMinor(minor, currency)
	if err != nil {
		return nil, err
	}
	return c.writeNumber(d)
}

func (c *column) writeBoolean(v record.Value) (any, error) {
	yes, ok := v.Bool()
	switch {
	case !ok:
		return nil, errKind
	case c.store == asBit || c.store == asInteger:
		if yes {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return strconv.FormatBool(yes), nil
}

func (c *column) writeNumber(d decimal.Decimal) (any, error) {
	if c.number != nil {
		return c.number.Format(d)
	}
	if c.store == asInteger {
		if !d.IsInteger() {
			return nil, errKind
		}
		if d.BigInt().IsInt64() {
			return d.IntPart(), nil
		}
	}
	if c.scale >= 0 && c.store == asDecimal {
		d = d.Round(int32(c.scale)) //nolint:gosec // the database's own, at most 38
	}
	return d.String(), nil
}

// writeTime writes a time as the column keeps it, cut to its precision:
// databases round, and a time that is rounded up lies in the future.
func (c *column) writeTime(t time.Time) (any, error) {
	digits := micro
	if c.scale >= 0 && c.scale < micro && (c.store == asStamp || c.store == asZoneStamp) {
		digits = c.scale
	}
	unit := time.Second
	for range digits {
		unit /= 10
	}
	t = t.Truncate(unit)
	switch {
	case c.spec.Format != "" && c.spec.Format != "iso":
		return c.writeLayout(t)
	case c.store == asDate:
		if c.kind == record.Instant {
			t = t.In(c.zone)
		}
		return t.Format(time.DateOnly), nil
	case c.kind == record.Date && c.store != asStamp && c.store != asZoneStamp:
		return t.Format(time.DateOnly), nil
	case c.kind == record.Date:
		t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, c.zone)
	}
	if c.store == asZoneStamp {
		return t.UTC().Format(stampText), nil // the session's zone is UTC
	}
	return t.In(c.zone).Format(stampText), nil
}

func (c *column) writeLayout(t time.Time) (any, error) {
	if c.kind == record.Date {
		return c.layout.FormatDate(format.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()})
	}
	text, err := c.layout.FormatInstant(t)
	if n, bad := strconv.ParseInt(text, 10, 64); err == nil && bad == nil && c.counted() {
		return n, nil
	}
	return text, err
}

func (c *column) writeSet(members []string) string {
	if c.store != asList {
		return strings.Join(members, ",")
	}
	quoted := make([]string, len(members))
	for i, m := range members {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(m) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

// keyArg is a text as an argument to compare the column with; false if no row
// can hold it.
func (c *column) keyArg(text string) (any, bool) {
	switch c.store {
	case asInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			return n, true
		}
		u, err := strconv.ParseUint(text, 10, 64)
		return strconv.FormatUint(u, 10), err == nil
	case asUUID:
		return text, isUUID(text)
	case asDecimal:
		_, err := decimal.NewFromString(text)
		return text, err == nil
	case asText, asLongText, asEnum:
		return text, true
	default:
		return nil, false
	}
}

func isUUID(text string) bool {
	hex := strings.ReplaceAll(text, "-", "")
	return len(hex) == 32 && strings.Trim(strings.ToLower(hex), "0123456789abcdef") == ""
}
