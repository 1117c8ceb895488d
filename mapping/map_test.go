package mapping_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
)

// TestIn maps one raw value through one entry.
func TestIn(t *testing.T) {
	for name, tt := range map[string]struct {
		entry string
		raw   record.Fields
		want  string
	}{
		"mirror":               {`{field: company_name, remote: company}`, record.Fields{"company": record.OfString("ACME")}, "company_name=string:ACME"},
		"absent":               {`{field: company_name, remote: company}`, nil, ""},
		"null":                 {`{field: company_name, remote: company}`, record.Fields{"company": record.NullOf(record.String)}, "company_name=null"},
		"empty text":           {`{field: company_name, remote: company}`, record.Fields{"company": record.OfString("")}, "company_name=null"},
		"declared empty":       {`{field: score, remote: score}`, record.Fields{"score": text(record.Decimal, "0")}, "score=null"},
		"declared empty phone": {`{field: mobile, remote: mobile, format: DE}`, record.Fields{"mobile": record.OfString("n/a")}, "mobile=null"},
		"e-mail trimmed":       {`{field: email, remote: email}`, record.Fields{"email": text(record.Email, " Ada@Example.com ")}, "email=email:Ada@Example.com"},
		"e-mail wrong":         {`{field: email, remote: email}`, record.Fields{"email": text(record.Email, "ada")}, "!email/email:invalid"},
		"wrong but dropped":    {`{field: email, remote: email, invalid: drop}`, record.Fields{"email": text(record.Email, "ada")}, ""},
		"phone":                {`{field: phone, remote: phone, format: {region: DE}}`, record.Fields{"phone": text(record.Phone, "030/901820")}, "phone=phone:+4930901820"},
		"phone no region":      {`{field: phone, remote: phone}`, record.Fields{"phone": text(record.Phone, "030/901820")}, "!phone/phone:invalid"},
		"country":              {`{field: country, remote: country}`, record.Fields{"country": record.OfString("Brasil")}, "country=country:BR"},
		"website":              {`{field: website, remote: company}`, record.Fields{"company": record.OfString("www.acme.de")}, "website=url:https://www.acme.de"},
		"values":               {`{field: lead_status, remote: status, values: {NEW: new, Open: working}}`, record.Fields{"status": text(record.Enum, "OPEN")}, "lead_status=enum:working"},
		"values hold":          {`{field: lead_status, remote: status, values: {NEW: new}}`, record.Fields{"status": text(record.Enum, "OPEN")}, "!lead_status/status:unmapped"},
		"values pass":          {`{field: lead_status, remote: status, values: {NEW: new}, unmapped: pass}`, record.Fields{"status": text(record.Enum, "OPEN")}, "lead_status=enum:OPEN"},
		"values drop":          {`{field: lead_status, remote: status, values: {NEW: new}, unmapped: drop}`, record.Fields{"status": text(record.Enum, "OPEN")}, ""},
		"values default":       {`{field: lead_status, remote: status, values: {NEW: new}, unmapped: other}`, record.Fields{"status": text(record.Enum, "OPEN")}, "lead_status=enum:other"},
		"labels":               {`{field: deal_stage, remote: stage, labels: true}`, record.Fields{"stage": text(record.Enum, "100")}, "deal_stage=string:Won"},
		"money":                {`{field: deal_amount, remote: amount, currency: EUR}`, record.Fields{"amount": text(record.Decimal, "1234.5")}, "deal_amount=money:EUR 123450"},
		"money yen":            {`{field: deal_amount, remote: amount, currency_from: code}`, record.Fields{"amount": text(record.Decimal, "500"), "code": record.OfString("jpy")}, "deal_amount=money:JPY 500"},
		"money no code":        {`{field: deal_amount, remote: amount, currency_from: code}`, record.Fields{"amount": text(record.Decimal, "500")}, "!deal_amount/amount:currency"},
		"money fallback":       {`{field: deal_amount, remote: amount, currency_from: code, currency: USD}`, record.Fields{"amount": text(record.Decimal, "5"), "code": record.NullOf(record.String)}, "deal_amount=money:USD 500"},
		"money half a cent":    {`{field: deal_amount, remote: amount, currency: EUR}`, record.Fields{"amount": text(record.Decimal, "0.005")}, "!deal_amount/amount:invalid"},
		"money as text":        {`{field: deal_amount, remote: amount_text, format: "€ 3.500,00"}`, record.Fields{"amount_text": record.OfString("€ 1.234,56")}, "deal_amount=money:EUR 123456"},
		"number as text":       {`{field: score, remote: score_text, format: "1.234,56"}`, record.Fields{"score_text": record.OfString("1.234,50")}, "score=decimal:1234.5"},
		"number plain text":    {`{field: score, remote: score_text}`, record.Fields{"score_text": record.OfString("12.50")}, "score=decimal:12.5"},
		"number wrong":         {`{field: score, remote: score_text}`, record.Fields{"score_text": record.OfString("many")}, "!score/score_text:invalid"},
		"date":                 {`{field: won_at, remote: closed_on}`, record.Fields{"closed_on": text(record.Date, "2026-03-31")}, "won_at=date:2026-03-31"},
		"date midnight UTC":    {`{field: won_at, remote: closed_ms, format: unix_ms}`, record.Fields{"closed_ms": record.OfInt(1774915200000)}, "won_at=date:2026-03-31"},
		"date not midnight":    {`{field: won_at, remote: closed_ms, format: unix_ms}`, record.Fields{"closed_ms": record.OfInt(1774915200001)}, "!won_at/closed_ms:invalid"},
		"date in zone":         {`{field: won_at, remote: closed_at, zone: America/New_York}`, record.Fields{"closed_at": text(record.Instant, "2026-04-01T02:00:00Z")}, "won_at=date:2026-03-31"},
		"date text":            {`{field: won_at, remote: closed_text, format: {date: dd.mm.yyyy}}`, record.Fields{"closed_text": record.OfString("31.03.2026")}, "won_at=date:2026-03-31"},
		"date no such day":     {`{field: won_at, remote: closed_text, format: dd.mm.yyyy}`, record.Fields{"closed_text": record.OfString("31.02.2026")}, "!won_at/closed_text:invalid"},
		"instant text":         {`{field: created_at, remote: created_text, format: "dd.mm.yyyy hh:mm", zone: Europe/Berlin}`, record.Fields{"created_text": record.OfString("24.12.2026 10:00")}, "created_at=instant:2026-12-24T09:00:00Z"},
		"instant ms":           {`{field: created_at, remote: created_ms, format: unix_ms}`, record.Fields{"created_ms": record.OfInt(1774915200001)}, "created_at=instant:2026-03-31T00:00:00.001Z"},
		"instant from date":    {`{field: created_at, remote: closed_on, zone: Europe/Berlin, direction: in}`, record.Fields{"closed_on": text(record.Date, "2026-07-01")}, "created_at=instant:2026-06-30T22:00:00Z"},
		"boolean text":         {`{field: email_opt_out, remote: optout_text}`, record.Fields{"optout_text": record.OfString("true")}, "email_opt_out=boolean:true"},
		"boolean words":        {`{field: email_opt_out, remote: optout_text, format: {true: [Ja, J], false: Nein}}`, record.Fields{"optout_text": record.OfString("j")}, "email_opt_out=boolean:true"},
		"boolean other word":   {`{field: email_opt_out, remote: optout_text, format: {true: Ja, false: Nein}}`, record.Fields{"optout_text": record.OfString("true")}, "!email_opt_out/optout_text:invalid"},
		"boolean int":          {`{field: email_opt_out, remote: optout_int}`, record.Fields{"optout_int": record.OfInt(1)}, "email_opt_out=boolean:true"},
		"set":                  {`{field: other_emails, remote: mails}`, record.Fields{"mails": record.OfString("b@x.de; a@x.de;")}, "other_emails=set:a@x.de,b@x.de"},
		"set separator":        {`{field: other_emails, remote: mails, separator: "|"}`, record.Fields{"mails": record.OfString("b|a")}, "other_emails=set:a,b"},
		"reference":            {`{field: owner, remote: owner_id, direction: in}`, record.Fields{"owner_id": record.OfInt(77)}, "owner=reference:77"},
		"placeholder":          {`{field: last_name, remote: LastName, placeholder: "[unknown]"}`, record.Fields{"LastName": record.OfString("[unknown]")}, ""},
		"raw placeholder":      {`{field: last_name, remote: LastName}`, record.Fields{"LastName": record.PlaceholderOf(record.String, "x")}, ""},
		"expression":           {`{field: company_name, in: 'trim(company)', direction: in}`, record.Fields{"company": record.OfString(" A ")}, "company_name=string:A"},
		"expression null":      {`{field: company_name, in: 'trim(company)'}`, record.Fields{"company": record.NullOf(record.String)}, "company_name=null"},
		"expression absent":    {`{field: phone, in: 'coalesce(phone, mobile)'}`, record.Fields{"phone": text(record.Phone, "+4930901820")}, ""},
		"expression blank":     {`{field: phone, in: 'coalesce(phone, mobile)', absent: blank}`, record.Fields{"phone": text(record.Phone, "+4930901820")}, "phone=phone:+4930901820"},
		"expression all gone":  {`{field: phone, in: 'coalesce(phone, mobile)', absent: blank}`, nil, ""},
		"expression empties":   {`{field: job_title, in: 'coalesce(mobile, "none")'}`, record.Fields{"mobile": record.OfString("n/a")}, "job_title=string:none"},
		"expression fails":     {`{field: score, in: '1 / score'}`, record.Fields{"score": text(record.Decimal, "0.0")}, "!score/:failed"},
		"expression negation":  {`{field: email_opt_out, in: '!optin'}`, record.Fields{"optin": record.NullOf(record.Boolean)}, "email_opt_out=null"},
		"expression values":    {`{field: lead_status, in: 'upper(company)', values: {A: new}}`, record.Fields{"company": record.OfString("a")}, "lead_status=enum:new"},
		"odd name":             {`{field: first_name, in: '$env["First Name"]'}`, record.Fields{"First Name": record.OfString("Ada")}, "first_name=string:Ada"},
	} {
		t.Run(name, func(t *testing.T) {
			m := compiled(t, "- "+tt.entry)
			got, problems := m.In(tt.raw)
			told := told(got)
			if len(problems) > 0 {
				told = "!" + failures(problems)
			}
			if told != tt.want {
				t.Errorf("got %s, want %s", told, tt.want)
			}
		})
	}
}

// TestOut maps one canonical value through one entry.
func TestOut(t *testing.T) {
	null := record.Fields{"last_name": record.NullOf(record.String)}
	for name, tt := range map[string]struct {
		entry  string
		golden record.Fields
		want   string
	}{
		"mirror":             {`{field: company_name, remote: company}`, record.Fields{"company_name": record.OfString("ACME")}, "company=string:ACME"},
		"clear":              {`{field: company_name, remote: company}`, record.Fields{"company_name": record.NullOf(record.String)}, "company=null"},
		"in only":            {`{field: company_name, remote: company, direction: in}`, record.Fields{"company_name": record.OfString("ACME")}, ""},
		"values reversed":    {`{field: lead_status, remote: status, values: {NEW: new, OPEN: working}}`, record.Fields{"lead_status": text(record.Enum, "working")}, "status=enum:OPEN"},
		"values first wins":  {`{field: lead_status, remote: status, values: {NEW: new, OPEN: working, CONNECTED: working}}`, record.Fields{"lead_status": text(record.Enum, "working")}, "status=enum:OPEN"},
		"values out_values":  {`{field: lead_status, remote: status, values: {OPEN: working, CONNECTED: working}, out_values: {working: Connected}}`, record.Fields{"lead_status": text(record.Enum, "working")}, "status=enum:CONNECTED"},
		"values hold":        {`{field: lead_status, remote: status, values: {NEW: new}}`, record.Fields{"lead_status": text(record.Enum, "working")}, "!lead_status/status:unmapped"},
		"not offered":        {`{field: lead_status, remote: status}`, record.Fields{"lead_status": text(record.Enum, "new")}, "!lead_status/status:not_offered"},
		"no longer offered":  {`{field: lead_status, remote: status}`, record.Fields{"lead_status": text(record.Enum, "OLD")}, "!lead_status/status:not_offered"},
		"labels":             {`{field: deal_stage, remote: stage, labels: true}`, record.Fields{"deal_stage": record.OfString("Won")}, "stage=enum:100"},
		"money":              {`{field: deal_amount, remote: amount, currency: EUR}`, record.Fields{"deal_amount": record.OfMoney(123450, "EUR")}, "amount=decimal:1234.5"},
		"money other":        {`{field: deal_amount, remote: amount, currency: EUR}`, record.Fields{"deal_amount": record.OfMoney(123450, "USD")}, "!deal_amount/amount:currency"},
		"money and code":     {`{field: deal_amount, remote: amount, currency_from: code}`, record.Fields{"deal_amount": record.OfMoney(500, "JPY")}, "amount=decimal:500 code=string:JPY"},
		"money and list":     {`{field: deal_amount, remote: amount, currency_from: iso_code}`, record.Fields{"deal_amount": record.OfMoney(500, "EUR")}, "amount=decimal:5 iso_code=enum:EUR"},
		"money as text":      {`{field: deal_amount, remote: amount_text, currency: EUR, format: "€ 3.500,00"}`, record.Fields{"deal_amount": record.OfMoney(123456, "EUR")}, "amount_text=string:€ 1.234,56"},
		"date":               {`{field: won_at, remote: closed_on}`, record.Fields{"won_at": text(record.Date, "2026-03-31")}, "closed_on=date:2026-03-31"},
		"date ms":            {`{field: won_at, remote: closed_ms, format: unix_ms}`, record.Fields{"won_at": text(record.Date, "2026-03-31")}, "closed_ms=integer:1774915200000"},
		"date text":          {`{field: won_at, remote: closed_text, format: dd.mm.yyyy}`, record.Fields{"won_at": text(record.Date, "2026-03-31")}, "closed_text=string:31.03.2026"},
		"date to instant":    {`{field: won_at, remote: closed_at, zone: Europe/Berlin}`, record.Fields{"won_at": text(record.Date, "2026-03-31")}, "closed_at=instant:2026-03-30T22:00:00Z"},
		"boolean words":      {`{field: email_opt_out, remote: optout_text, format: {true: [Ja, J], false: Nein}}`, record.Fields{"email_opt_out": record.OfBool(false)}, "optout_text=string:Nein"},
		"boolean":            {`{field: email_opt_out, remote: optout_text}`, record.Fields{"email_opt_out": record.OfBool(true)}, "optout_text=string:true"},
		"set":                {`{field: other_emails, remote: mails}`, record.Fields{"other_emails": record.OfSet("b", "a")}, "mails=string:a;b"},
		"country name":       {`{field: country, remote: country, format: {country: name}}`, record.Fields{"country": text(record.Country, "DE")}, "country=string:Germany"},
		"too long":           {`{field: first_name, remote: firstname}`, record.Fields{"first_name": record.OfString("Maximiliane")}, "!first_name/firstname:too_long"},
		"length in letters":  {`{field: first_name, remote: firstname}`, record.Fields{"first_name": record.OfString("ÄÖÜÄÖÜÄÖÜÄ")}, "firstname=string:ÄÖÜÄÖÜÄÖÜÄ"},
		"truncated":          {`{field: first_name, remote: firstname, truncate: true}`, record.Fields{"first_name": record.OfString("Maximiliane")}, "firstname=string:Maximilian"},
		"placeholder absent": {`{field: last_name, remote: LastName, placeholder: "[unknown]"}`, nil, "LastName=placeholder:[unknown]"},
		"placeholder null":   {`{field: last_name, remote: LastName, placeholder: "[unknown]"}`, null, "LastName=placeholder:[unknown]"},
		"placeholder value":  {`{field: last_name, remote: LastName, placeholder: "[unknown]"}`, record.Fields{"last_name": record.OfString("X")}, "LastName=string:X"},
		"expression":         {`{remote: LastName, out: 'coalesce(last_name, domain(email), "[unknown]")', placeholder: "[unknown]"}`, record.Fields{"email": text(record.Email, "a@b.acme.de")}, "LastName=string:acme.de"},
		"expression holder":  {`{remote: LastName, out: 'coalesce(last_name, domain(email), "[unknown]")', placeholder: "[unknown]"}`, nil, "LastName=placeholder:[unknown]"},
		"expression absent":  {`{remote: company, out: 'upper(company_name)'}`, nil, ""},
		"expression null":    {`{remote: LastName, out: 'upper(last_name)'}`, null, "LastName=null"},
		"expression consent": {`{remote: optin, out: '!email_opt_out'}`, record.Fields{"email_opt_out": record.OfBool(true)}, "optin=boolean:false"},
		"expression amount":  {`{remote: score, out: 'deal_amount * 1.19'}`, record.Fields{"deal_amount": record.OfMoney(1010, "EUR")}, "score=decimal:12.019"},
		"constant":           {`{remote: company, out: '"Tandem"'}`, nil, "company=string:Tandem"},
	} {
		t.Run(name, func(t *testing.T) {
			m := compiled(t, "- "+tt.entry)
			got, problems := m.Out(tt.golden)
			told := told(got)
			if len(problems) > 0 {
				told = "!" + failures(problems)
			}
			if told != tt.want {
				t.Errorf("got %s, want %s", told, tt.want)
			}
		})
	}
}

func TestSharedCurrency(t *testing.T) {
	m := compiled(t, "- {field: deal_amount, remote: amount, currency_from: code}\n- {remote: company, out: lead_status}")
	if got := m.OutFields(); !cmp.Equal(got, []string{"amount", "code", "company"}) {
		t.Error(got)
	}
	m = compiled(t, "- {field: deal_amount, remote: amount, currency_from: code}\n- {remote: code, out: '\"EUR\"'}")
	got, _ := m.Out(record.Fields{"deal_amount": record.OfMoney(100, "USD")})
	if told(got) != "amount=decimal:1 code=string:EUR" {
		t.Error("an entry of its own does not keep the currency:", told(got))
	}
}

func TestOneBadFieldSparesTheOthers(t *testing.T) {
	m := compiled(t, "- {field: email, remote: email}\n- {field: score, remote: score_text}\n- {field: company_name, remote: company}")
	got, problems := m.In(record.Fields{"email": text(record.Email, "canary"), "score_text": record.OfString("canary"), "company": record.OfString("ACME")})
	if told(got) != "company_name=string:ACME" || failures(problems) != "email/email:invalid score/score_text:invalid" {
		t.Errorf("%s; %s", told(got), failures(problems))
	}
	for _, p := range problems {
		if strings.Contains(p.Error(), "canary") {
			t.Errorf("a value is in the message: %v", p)
		}
	}
}

func TestFieldsAndEntries(t *testing.T) {
	m := compiled(t, `
- {field: email, remote: email, rewrite_form: true}
- {field: phone, in: 'coalesce(phone, mobile)'}
- {field: deal_amount, remote: amount, currency_from: code, direction: in}
- {remote: LastName, out: 'coalesce(last_name, "?")', placeholder: "?"}
- {field: won_at, remote: closed_at, zone: UTC}
`)
	if got := m.RemoteFields(); !cmp.Equal(got, []string{"LastName", "amount", "closed_at", "code", "email", "mobile", "phone"}) {
		t.Error(got)
	}
	if got := m.CanonicalFields(); !cmp.Equal(got, []string{"deal_amount", "email", "phone", "won_at"}) {
		t.Error(got)
	}
	want := []mapping.Entry{
		{Field: "email", Remote: "email", In: true, Out: true, InReads: []string{"email"}, OutReads: []string{"email"}, RewriteForm: true, InRule: "mirror", OutRule: "mirror"},
		{Field: "phone", In: true, InReads: []string{"mobile", "phone"}, InRule: "coalesce(phone, mobile)"},
		{Field: "deal_amount", Remote: "amount", In: true, InReads: []string{"amount"}, InRule: "decimal to money"},
		{Remote: "LastName", Out: true, OutReads: []string{"last_name"}, Placeholder: true, OutRule: `coalesce(last_name, "?")`},
		{Field: "won_at", Remote: "closed_at", In: true, Out: true, InReads: []string{"closed_at"}, OutReads: []string{"won_at"}, InRule: "instant to date", OutRule: "date to instant"},
	}
	if diff := cmp.Diff(want, m.Entries()); diff != "" {
		t.Error(diff)
	}
}

func TestRevision(t *testing.T) {
	base := compiled(t, "- {field: email, remote: email}\n- {field: phone, remote: phone}").Revision()
	for name, tt := range map[string]struct {
		text string
		same bool
	}{
		"layout and order": {"# moved\n-   remote: phone\n    field: phone\n- {remote: email, field: email}", true},
		"direction":        {"- {field: email, remote: email, direction: in}\n- {field: phone, remote: phone}", false},
		"one less":         {"- {field: email, remote: email}", false},
	} {
		if got := compiled(t, tt.text).Revision(); (got == base) != tt.same {
			t.Errorf("%s: %s against %s", name, got, base)
		}
	}
	lists := func(s string) string {
		m, _ := mapping.Compile(node(t, "- {field: lead_status, remote: status, values: st}"), person(), remote(), mapping.Options{Picklists: node(t, s)})
		return m.Revision()
	}
	if lists("st: {NEW: new}") == lists("st: {NEW: fresh}") {
		t.Error("a picklist does not count")
	}
}

func TestNormal(t *testing.T) {
	for _, tt := range []struct {
		kind     record.Kind
		in, want string
	}{
		{record.Email, " Ada@Example.COM", "ada@example.com"},
		{record.Phone, "+49 30 901820", "+4930901820"},
		{record.URL, "https://www.acme.co.uk/x", "acme.co.uk"},
		{record.Country, "Germany", "DE"},
		{record.Reference, " 0031t00000AbCdE ", "0031t00000AbCdE"},
		{record.String, "José  GARCÍA", "jose garcia"},
		{record.Email, "no", ""},
	} {
		if got, ok := mapping.Normal(tt.kind, tt.in); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %q: got %q, %v", tt.kind, tt.in, got, ok)
		}
	}
}
