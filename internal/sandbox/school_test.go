package sandbox_test

import (
	"encoding/csv"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/internal/sandbox"
)

// TestSchool seeds from the real exports and compares with counts and sums
// made from the files in another way.
func TestSchool(t *testing.T) {
	root := os.Getenv("TANDEM_TESTDATA") //nolint:forbidigo // real data lies outside the repository, where only the environment can say
	if root == "" {
		t.Skip("skipped: TANDEM_TESTDATA does not name the folder of real data")
	}
	dir := filepath.Join(root, "school_crm")
	s := start(t, sandbox.Options{Data: dir})
	refused := map[string]int{}
	for _, b := range s.Quarantine() {
		refused[b.File]++
	}
	for file, object := range map[string]string{"Contacts.csv": "Lead", "Deals.csv": "Opportunity", "Calls.csv": "Task"} {
		rows := readAll(t, filepath.Join(dir, file))
		seeded := records(s, object)
		sound := 0
		for _, row := range rows {
			if _, ok := seeded[row["Id"]]; ok {
				sound++
			}
		}
		if n := s.Salesforce().Len(object); n != sound || len(seeded) != n || n+refused[file] != len(rows) {
			t.Errorf("%s: %d rows, but %d seeded (%d ids found) and %d refused", file, len(rows), n, sound, refused[file])
		}
		if file == "Deals.csv" {
			checkDeals(t, rows, seeded)
		}
	}
	if n := s.HubSpot().Count("contacts"); n+refused["Contacts.csv"] != 18548 {
		t.Errorf("%d contacts in HubSpot", n)
	}
	t.Logf("refused: %v", s.Quarantine())
}

// checkDeals compares the sums of both amounts, in exact fractions, and who
// the deals belong to.
func checkDeals(t *testing.T, rows []map[string]string, seeded map[string]map[string]string) {
	t.Helper()
	for column, field := range map[string]string{"Offer Total Amount": "Amount", "Initial Amount Paid": "Initial_Amount__c"} {
		want, got := new(big.Rat), new(big.Rat)
		for _, row := range rows {
			if d, ok := seeded[row["Id"]]; ok {
				want.Add(want, amount(t, row[column]))
				got.Add(got, amount(t, d[field]))
			}
		}
		if want.Cmp(got) != 0 {
			t.Errorf("%s: the files sum up to %s, the seeded deals to %s", column, want.FloatString(2), got.FloatString(2))
		}
	}
	unattributed := 0
	for _, row := range rows {
		if d, ok := seeded[row["Id"]]; ok && d["Lead__c"] == "" {
			unattributed++
			if row["Stage"] == "Lost" && d["IsClosed"] != "true" {
				t.Error("a lost deal is not closed")
			}
		}
	}
	if unattributed < 60 || unattributed > 63 {
		t.Errorf("%d deals belong to no one; the file has 62 without a contact and one whose contact is not there", unattributed)
	}
}

var european = regexp.MustCompile(`^€ ([0-9.]+),([0-9]{2})$`)

func amount(t *testing.T, text string) *big.Rat {
	t.Helper()
	if m := european.FindStringSubmatch(text); m != nil {
		text = strings.ReplaceAll(m[1], ".", "") + "." + m[2]
	}
	if text == "" {
		text = "0"
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatal("an amount in a form the test does not know")
	}
	return r
}

func readAll(t *testing.T, path string) []map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, cell := range row {
			m[rows[0][i]] = cell
		}
		out = append(out, m)
	}
	return out
}
