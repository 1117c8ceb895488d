package mapping

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping/normal"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
)

const defaultSeparator = ";"

// forms is how an entry's texts, numbers and times are written over there.
type forms struct {
	region       string
	layout       *format.Layout
	number       *format.Number
	example      string // what number was learnt from
	zone         *time.Location
	yes, no      []string
	country      string
	separator    string
	currency     string
	currencyFrom string
}

func (c *entryConf) forms(kind record.Kind, problems *diag.List) *forms {
	f := &forms{separator: c.Separator, currency: c.Currency, currencyFrom: c.CurrencyFrom, country: "alpha2"}
	if f.separator == "" {
		f.separator = defaultSeparator
	}
	if _, known := format.MinorUnits(c.Currency); c.Currency != "" && !known {
		problems.Add(c.at("currency").Errorf("%q is not an ISO 4217 currency code", c.Currency).WithHint("write a code such as EUR, or use currency_from: FIELD"))
	}
	if c.Zone != "" {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			problems.Add(c.at("zone").Errorf("unknown time zone %q", c.Zone).WithHint("write an IANA name such as Europe/Berlin"))
		}
		f.zone = zone
	}
	f.declared(c, kind, problems)
	return f
}

// declared reads `format:`, a mapping, or a text where the kind tells what it
// is the format of.
func (f *forms) declared(c *entryConf, kind record.Kind, problems *diag.List) {
	if c.Format.IsNull() {
		return
	}
	if !c.Format.IsScalar() {
		f.mapped(c, problems)
		return
	}
	switch text := c.Format.String(); kind {
	case record.Date, record.Instant:
		f.setLayout(c, c.Format, text, problems)
	case record.Integer, record.Decimal, record.Money:
		f.setNumber(c.Format, text, problems)
	case record.Phone:
		f.setRegion(c.Format, text, problems)
	default:
		problems.Add(c.Format.Errorf("%s has no format that is one text", article(kind)).WithHint("write a mapping such as {number: \"1.234,56\"}"))
	}
}

func (f *forms) mapped(c *entryConf, problems *diag.List) {
	var fc formatConf
	found := diag.Decode(c.Format, &fc)
	problems.Add(found...)
	if found.HasErrors() {
		return
	}
	f.yes, f.no = words(fc.True, problems), words(fc.False, problems)
	if (len(f.yes) == 0) != (len(f.no) == 0) {
		problems.Add(c.Format.Errorf("write the words for both true and false"))
	}
	if fc.Country != "" {
		f.country = fc.Country
	}
	if fc.Region != "" {
		n, _ := c.Format.Get("region")
		f.setRegion(n, fc.Region, problems)
	}
	if fc.Date != "" {
		n, _ := c.Format.Get("date")
		f.setLayout(c, n, fc.Date, problems)
	}
	if fc.Number != "" {
		n, _ := c.Format.Get("number")
		f.setNumber(n, fc.Number, problems)
	}
}

func words(n diag.Node, problems *diag.List) []string {
	switch {
	case n.IsNull():
		return nil
	case n.IsList():
		return n.Strings(problems)
	default:
		return []string{n.Str(problems)}
	}
}

func (f *forms) setRegion(n diag.Node, region string, problems *diag.List) {
	if !normal.ValidRegion(region) {
		problems.Add(n.Errorf("%q is not a country whose phone numbers can be read", region).WithHint("write an ISO 3166 code such as DE"))
	}
	f.region = strings.ToUpper(region)
}

func (f *forms) setLayout(c *entryConf, n diag.Node, pattern string, problems *diag.List) {
	l, err := format.ParseLayout(pattern, "")
	if err == nil && f.zone != nil {
		l, err = format.ParseLayout(pattern, c.Zone)
	}
	if err != nil {
		problems.Add(n.Errorf("%v", err))
		return
	}
	f.layout = &l
}

func (f *forms) setNumber(n diag.Node, example string, problems *diag.List) {
	number, err := format.ParseNumber(example)
	if err != nil {
		problems.Add(n.Errorf("%v", err))
		return
	}
	f.number, f.example = &number, example
}
