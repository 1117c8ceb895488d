package app_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rs/zerolog"
	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

const schoolSettings = `
state: {dir: %q}
first_run: apply
fields:
  deal:
    - {name: paid, kind: money, label: Paid at first}
`

const schoolFile = `
type: csv
role: sales
folder: %s
zone: Europe/Berlin
state: %s
files:
  Contacts:
    file: Contacts.csv
    id: [Id]
    modified: Modified Time
    columns:
      - {name: Modified Time, kind: instant, format: "dd.mm.yyyy hh:mm"}
      - {name: Created Time, kind: instant, format: "dd.mm.yyyy hh:mm"}
  Deals:
    file: Deals.csv
    id: [Id]
    columns:
      - {name: Created Time, kind: instant, format: "dd.mm.yyyy hh:mm"}
      - {name: Closing Date, kind: date, format: "dd.mm.yyyy"}
      - {name: Contact Name, kind: reference, refers_to: Contacts}
      - {name: Initial Amount Paid, kind: money, currency: EUR, format: "3500.00 | € 3.500,00"}
      - {name: Offer Total Amount, kind: money, currency: EUR, format: "3500.00 | € 3.500,00"}
  Calls:
    file: Calls.csv
    id: [Id]
    columns:
      - {name: Call Start Time, kind: instant, format: iso}
      - {name: CONTACTID, kind: reference, refers_to: Contacts}
      - {name: "Call Duration (in seconds)", kind: integer}
objects:
  Contacts:
    as: person
    fields:
      - {field: external_id, remote: Id, direction: in}
      - {field: created_at, remote: Created Time, direction: in}
  Deals:
    as: deal
    fields:
      - {field: external_id, remote: Id, direction: in}
      - {field: person, remote: Contact Name, direction: in}
      - {field: stage, remote: Stage, direction: in}
      - {field: lost_reason, remote: Lost Reason, direction: in}
      - {field: close_date, remote: Closing Date, direction: in}
      - {field: amount, remote: Offer Total Amount, direction: in}
      - {field: paid, remote: Initial Amount Paid, direction: in}
      - {field: created_at, remote: Created Time, direction: in}
  Calls:
    as: activity
    fields:
      - {field: external_id, remote: Id, direction: in}
      - {field: person, remote: CONTACTID, direction: in}
      - {field: at, remote: Call Start Time, direction: in}
      - {field: seconds, remote: Call Duration (in seconds), direction: in}
`

// export reads a file of the school in a way of the test's own.
func export(t *testing.T, dir, name string) (header []string, rows [][]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read from
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// whole tells whether an id is one that a spreadsheet has not destroyed.
func whole(id string) bool { return len(id) == 19 && strings.Trim(id, "0123456789") == "" }

func TestEveryRowOfTheSchoolIsInTheLedgerOnce(t *testing.T) {
	data := os.Getenv("TANDEM_TESTDATA") //nolint:forbidigo // this is how tests find the real data
	dir := filepath.Join(data, "school_crm")
	if _, err := os.Stat(dir); err != nil || data == "" {
		t.Skip("TANDEM_TESTDATA/school_crm is not there: the loop is not run on real exports")
	}
	state := t.TempDir()
	a, err := app.Open(t.Context(), app.Options{Dir: "school", Registry: all.Registry(), Log: zerolog.Nop(), Files: fstest.MapFS{
		"tandem.yaml":            {Data: fmt.Appendf(nil, schoolSettings, state)},
		"connectors/school.yaml": {Data: fmt.Appendf(nil, schoolFile, dir, t.TempDir())},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // the test has read what it wanted
	c, err := a.Engine.NewCycle(t.Context(), "sync", syncer.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.Run(t.Context()); err != nil || len(out.Failures) > 0 {
		t.Fatal(err, out.Failures)
	}
	tallies, err := a.Engine.Summarise(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for object, name := range map[record.Object]string{record.Person: "Contacts.csv", record.Deal: "Deals.csv", record.Activity: "Calls.csv"} {
		header, rows := export(t, dir, name)
		at := slices.Index(header, "Id")
		good := map[string]bool{}
		for _, r := range rows {
			if whole(r[at]) {
				good[r[at]] = true
			}
		}
		ids := externalIDs(t, a.Ledger, object)
		tally := tallies[object]
		if len(ids) != len(good) || tally.N != len(rows) || tally.Quarantined != len(rows)-len(good) {
			t.Errorf("%s: %d rows, of them %d good; the ledger has %d ids and counts %+v", name, len(rows), len(good), len(ids), tally)
		}
		for id, n := range ids {
			if !good[id] || n != 1 {
				t.Fatalf("%s: an id is in the ledger %d times and in the file: %v", name, n, good[id])
			}
		}
	}
	for column, field := range map[string]string{"Offer Total Amount": "amount", "Initial Amount Paid": "paid"} {
		if inFile, inLedger := fileSum(t, dir, column), ledgerSum(t, a.Ledger, field); inFile != inLedger {
			t.Errorf("%s: %d cents in the file, %d in the ledger", column, inFile, inLedger)
		}
	}
}

func each(t *testing.T, l ledger.Ledger, object record.Object, f func(ledger.Entity)) {
	t.Helper()
	err := l.View(t.Context(), func(r ledger.Reader) error {
		return walk(t.Context(), r, object, f)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func walk(ctx context.Context, r ledger.Reader, object record.Object, f func(ledger.Entity)) error {
	scan := ledger.EntityScan{Object: object, Limit: 1000}
	for {
		page, err := r.Entities.Scan(ctx, scan)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, e := range page {
			f(e)
		}
		scan.After = page[len(page)-1].ID
	}
}

func externalIDs(t *testing.T, l ledger.Ledger, object record.Object) map[string]int {
	t.Helper()
	ids := map[string]int{}
	each(t, l, object, func(e ledger.Entity) { ids[e.Golden["external_id"].Text()]++ })
	return ids
}

func ledgerSum(t *testing.T, l ledger.Ledger, field string) int64 {
	t.Helper()
	var sum int64
	each(t, l, record.Deal, func(e ledger.Entity) {
		minor, _, _ := e.Golden[field].Money()
		sum += minor
	})
	return sum
}

// fileSum adds the amounts of whole rows, read by the test's own rules: euro
// signs and spaces away, and where there is a comma the points group.
func fileSum(t *testing.T, dir, column string) int64 {
	t.Helper()
	header, rows := export(t, dir, "Deals.csv")
	at, id := slices.Index(header, column), slices.Index(header, "Id")
	sum := decimal.Zero
	for _, r := range rows {
		text := strings.Trim(r[at], "€ \u00a0")
		if text == "" || !whole(r[id]) {
			continue
		}
		if strings.Contains(text, ",") {
			text = strings.ReplaceAll(strings.ReplaceAll(text, ".", ""), ",", ".")
		}
		d, err := decimal.NewFromString(text)
		if err != nil {
			t.Fatalf("column %s: %v", column, err)
		}
		sum = sum.Add(d)
	}
	return sum.Shift(2).IntPart()
}
