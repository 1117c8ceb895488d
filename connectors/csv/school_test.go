package csv_test

import (
	stdcsv "encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/connectors"
)

const schoolYAML = `
zone: Europe/Berlin
page_size: 2000
files:
  Deals:
    file: Deals.csv
    id: [Id]
    columns:
      - {name: Created Time, kind: instant, format: "dd.mm.yyyy hh:mm"}
      - {name: Closing Date, kind: date, format: "dd.mm.yyyy"}
      - {name: Contact Name, kind: reference, refers_to: Contacts}
      - {name: Initial Amount Paid, kind: money, currency: EUR, format: "3500.00 | € 3.500,00"}
      - {name: Offer Total Amount, kind: money, currency: EUR, format: "3500.00 | € 3.500,00"}
  Contacts:
    file: Contacts.csv
    id: [Id]
    modified: Modified Time
    columns:
      - {name: Modified Time, kind: instant, format: "dd.mm.yyyy hh:mm"}
      - {name: Created Time, kind: instant, format: "dd.mm.yyyy hh:mm"}
  Calls:
    file: Calls.csv
    id: [Id]
    columns:
      - {name: Call Start Time, kind: instant, format: iso}
      - {name: CONTACTID, kind: reference, refers_to: Contacts}
      - {name: "Call Duration (in seconds)", kind: integer}
  Spend:
    file: Spend.csv
    id: [Date, Source, Campaign, AdGroup, Ad, Impressions, Spend, Clicks]
    repeated: keep
    columns:
      - {name: Spend, kind: money, currency: EUR}
`

// school returns the folder of real exports.
func school(t *testing.T) string {
	t.Helper()
	data := os.Getenv("TANDEM_TESTDATA") //nolint:forbidigo // where the real exports are, if anywhere
	dir := filepath.Join(data, "school_crm")
	if _, err := os.Stat(dir); err != nil || data == "" {
		t.Skip("TANDEM_TESTDATA/school_crm is not there: the real exports are not read")
	}
	return dir
}

func readAll(t *testing.T, c connectors.Connector, q connectors.Query) (records []connectors.Record, issues []connectors.Issue) {
	t.Helper()
	for range 1000 {
		page, err := c.Changes(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		records, issues = append(records, page.Records...), append(issues, page.Issues...)
		if q.Cursor = page.Next; !page.More {
			return records, issues
		}
	}
	t.Fatal("no end of pages")
	return nil, nil
}

func TestSchoolEveryRowIsARecordOrAnIssue(t *testing.T) {
	dir := school(t)
	c := build(t, connectors.Env{Name: "school"}, "folder: "+dir+schoolYAML)
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]int{"Deals": {21591, 3}, "Contacts": {18548, 0}, "Calls": {95874, 0}, "Spend": {20779, 0}}
	for name, counts := range want {
		o, _ := cat.Object(name)
		records, issues := readAll(t, c, connectors.Query{Object: name, Fields: o.FieldNames()})
		whole := slices.DeleteFunc(slices.Clone(issues), func(i connectors.Issue) bool { return i.Field != "" })
		if len(records) != counts[0] || len(whole) != counts[1] {
			t.Errorf("%s: %d records and %d rows in doubt, want %v", name, len(records), len(whole), counts)
		}
		ids := map[string]bool{}
		for _, r := range records {
			ids[r.ID] = true
		}
		if len(ids) != len(records) {
			t.Errorf("%s: %d records share an id", name, len(records)-len(ids))
		}
		for _, i := range issues {
			if i.Field != "" {
				t.Errorf("%s: %s column %s: %v", name, i.Ref, i.Field, i.Err)
			}
			if !strings.HasPrefix(i.Ref, name+".csv:") {
				t.Errorf("%s: the issue is at %q", name, i.Ref)
			}
		}
	}
}

// The amounts are added up a second time, in another way, from the file.
func TestSchoolAmountsAreExact(t *testing.T) {
	dir := school(t)
	c := build(t, connectors.Env{Name: "school"}, "folder: "+dir+schoolYAML)
	records, _ := readAll(t, c, connectors.Query{Object: "Deals", Fields: []string{"Offer Total Amount"}})
	var minor int64
	for _, r := range records {
		m, currency, ok := r.Fields["Offer Total Amount"].Money()
		if ok && currency != "EUR" {
			t.Fatalf("an amount in %s", currency)
		}
		minor += m
	}
	file, err := os.Open(filepath.Join(dir, "Deals.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read from
	rows, err := stdcsv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], "Offer Total Amount")
	sum := decimal.Zero
	for _, row := range rows[1:] {
		text := row[at]
		if strings.ContainsAny(row[0], "E") || row[0] == "" || text == "" {
			continue
		}
		if euro, ok := strings.CutPrefix(text, "€ "); ok {
			text = strings.ReplaceAll(strings.ReplaceAll(euro, ".", ""), ",", ".")
		}
		sum = sum.Add(decimal.RequireFromString(text))
	}
	if want := sum.Shift(2).IntPart(); minor != want || want == 0 {
		t.Errorf("the amounts add up to %d cents, want %d", minor, want)
	}
}
