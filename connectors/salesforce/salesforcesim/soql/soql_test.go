package soql_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

type row map[string]string

func kindOf(field string) soql.Kind {
	switch field {
	case "Id", "OwnerId":
		return soql.ID
	case "Amount":
		return soql.Number
	case "IsClosed":
		return soql.Boolean
	case "CloseDate":
		return soql.Date
	case "SystemModstamp":
		return soql.DateTime
	case "Tags__c":
		return soql.Multi
	}
	return soql.String
}

func matches(t *testing.T, where string, r row) bool {
	t.Helper()
	q, err := soql.Parse("SELECT Id FROM X WHERE " + where)
	if err != nil {
		t.Fatalf("parse %s: %v", where, err)
	}
	test, err := soql.Compile(q.Where, soql.Env[row]{
		Text: q.Text, Now: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC),
		Resolve: func(n soql.Name) (soql.Column[row], error) {
			return soql.Column[row]{Kind: kindOf(n.Path), TypeName: "x", Get: func(r row) (string, bool) { s, ok := r[n.Path]; return s, ok }}, nil
		},
		Sub: func(*soql.Query) (map[string]bool, error) { return map[string]bool{"in the set": true}, nil },
	})
	if err != nil {
		t.Fatalf("compile %s: %v", where, err)
	}
	return test(r)
}

func TestFilters(t *testing.T) {
	t.Parallel()
	r := row{
		"Id": "00Qak00000696HFEAY", "Name": "O'Brien 100%", "Amount": "50000.50", "IsClosed": "false", "CloseDate": "2026-11-20",
		"SystemModstamp": "2026-11-23T10:00:00.000+0000", "Tags__c": "a;b",
	}
	cases := map[string]bool{
		`Name = 'o\'brien 100%'`: true, `Name != 'x'`: true, `Name LIKE 'O_BRIEN%'`: true, `Name LIKE '%100\%'`: true, `Name LIKE '%50\%'`: false,
		`Id = '00Qak00000696HF'`: true, `Id > '00Qak00000696HE'`: true, `Id IN ('00Qak00000696HFEAY')`: true, `Id NOT IN ('00Qak00000696HFEAY')`: false,
		`Amount >= 50000.5`: true, `Amount > 50000.5`: false, `Amount IN (50000.50, 1)`: true, `Amount = -1`: false,
		`IsClosed = false`: true, `IsClosed = TRUE`: false,
		`CloseDate = LAST_N_DAYS:3`: true, `CloseDate = LAST_N_DAYS:2`: false, `CloseDate < TODAY`: true, `CloseDate = THIS_MONTH`: true, `CloseDate = N_DAYS_AGO:3`: true,
		`CloseDate > 2026-11-19`: true, `SystemModstamp = TODAY`: true, `SystemModstamp >= 2026-11-23T12:00:00+02:00`: true, `SystemModstamp > 2026-11-23T10:00:00Z`: false,
		`Phone = null`: true, `Phone != null`: false, `Phone = ''`: true, `Phone != 'x'`: true, `Phone < 'x'`: false,
		`Tags__c INCLUDES ('c','a;b')`: true, `Tags__c INCLUDES ('a;c')`: false, `Tags__c EXCLUDES ('c')`: true,
		`Name IN (SELECT Name FROM Y)`: false, `(Name = 'x' OR Amount > 1) AND NOT IsClosed = true`: true, `NOT (Name = 'x') AND (NOT Amount < 1)`: true,
	}
	for where, want := range cases {
		if got := matches(t, where, r); got != want {
			t.Errorf("%s: got %v", where, got)
		}
	}
}

func TestParseWholeQueries(t *testing.T) {
	t.Parallel()
	q, err := soql.Parse("select Id, Account.Name, count(Id) n, (SELECT Id, Role FROM OpportunityContactRoles WHERE IsPrimary = true), TYPEOF Who WHEN Contact THEN LastName, Email ELSE Id END " +
		"from Opportunity o where Amount > 1 group by Id order by Amount desc nulls last, Id limit 10 offset 5 for update all rows")
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Select) != 5 || q.Select[2].Func != "COUNT" || q.Select[2].Alias != "n" || q.Select[3].Child.From.Path != "OpportunityContactRoles" || !q.Select[4].TypeOf {
		t.Errorf("columns: %+v", q.Select)
	}
	if q.Limit != 10 || q.Offset != 5 || !q.OrderBy[0].Desc || !q.OrderBy[0].NullsLast || q.Alias != "o" {
		t.Errorf("tail: %+v", q)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "SELECT", "SELECT Id", "SELECT Id FORM Lead", "SELECT Id FROM Lead WHERE", "SELECT Id FROM Lead WHERE Name = 'x", "SELECT Id FROM Lead WHERE Name = x",
		"SELECT Id FROM Lead WHERE (Name = 'x'", "SELECT Id FROM Lead LIMIT x", "SELECT Id FROM Lead; DROP", `SELECT Id FROM Lead WHERE Name = '\q'`, "SELECT Id FROM Lead WHERE Id IN ()",
	} {
		_, err := soql.Parse(text)
		var refused *soql.Error
		if !errors.As(err, &refused) || refused.Code != "MALFORMED_QUERY" {
			t.Errorf("%q: %v", text, err)
		}
	}
	if got := soql.NoObject("select count() from XYZZY", 20, "XYZZY").Message; !strings.HasPrefix(got, "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported.") {
		t.Errorf("wording: %q", got)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"001ak00000OQTieAAH": "001ak00000OQTieAAH", "001ak00000OQTie": "001ak00000OQTieAAH", "001ak00000OQTieAAX": "", "x": "", "00Qak00000696HF": "00Qak00000696HFEAY"} {
		if got, _ := soql.ID18(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestRangeOf(t *testing.T) {
	t.Parallel()
	text := func(v soql.Value) (string, bool) { return v.Text, v.Kind == soql.DateTime }
	a, b := "2026-01-01T00:00:00.000+0000", "2026-01-02T00:00:00.000+0000"
	for where, want := range map[string]soql.Bounds{
		"S >= 2026-01-01T00:00:00Z AND S < 2026-01-02T00:00:00Z":                {Low: a, High: b},
		"(S > 2026-01-01T00:00:00Z OR (S = 2026-01-01T00:00:00Z AND Id > 'x'))": {Low: a},
		"S > 2026-01-01T00:00:00Z OR Name = 'x'":                                {},
		"NOT S > 2026-01-01T00:00:00Z":                                          {},
	} {
		q, err := soql.Parse("SELECT Id FROM X WHERE " + where)
		if err != nil {
			t.Fatal(err)
		}
		if got := soql.RangeOf(q.Where, "S", text); got != want {
			t.Errorf("%s: %+v", where, got)
		}
	}
}
