package sql_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

const plainYAML = "page_size: 2\ntables: {people: {id: id, modified: [updated_at], write: true}}\n"

func (d database) plain() string {
	return d.script("CREATE TABLE people (id INTEGER PRIMARY KEY, city TEXT, updated_at DATETIME)",
		"CREATE TABLE people (id bigint PRIMARY KEY, city text, updated_at timestamptz)",
		"CREATE TABLE people (id bigint PRIMARY KEY, city text, updated_at datetime(6))")
}

func TestTiesAndLateCommitsAreDelivered(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		t.Helper()
		db := d.open(t)
		run(t, db, d.plain())
		c := d.build(t, connectors.Env{}, plainYAML)
		at := func(ago time.Duration) string { return stamp(time.Now().Add(-ago)) }
		tie := at(time.Hour)
		for i := range 5 {
			run(t, db, fmt.Sprintf("INSERT INTO people VALUES (%d, 'a', '%s')", i, tie))
		}
		q := ask("city")
		if got := pull(t, c, q); got != "0=a 1=a 2=a 3=a 4=a" {
			t.Errorf("the first pass brought %q", got)
		}
		late, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		begun := at(30 * time.Second)
		if d.driver != "sqlite" { // which lets nobody else write meanwhile
			if _, err := late.ExecContext(t.Context(), "INSERT INTO people VALUES (10, 'late', '"+begun+"')"); err != nil {
				t.Fatal(err)
			}
			run(t, db, "INSERT INTO people VALUES (11, 'soon', '"+at(0)+"')")
		} else if _, err := late.ExecContext(t.Context(), "INSERT INTO people VALUES (11, 'soon', '"+at(0)+"')"); err != nil {
			t.Fatal(err)
		}
		if d.driver == "sqlite" {
			if err := late.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		if got := pull(t, c, q); !strings.HasSuffix(got, "11=soon") || strings.Contains(got, "late") {
			t.Errorf("before the commit came %q", got)
		}
		if d.driver == "sqlite" {
			run(t, db, "INSERT INTO people VALUES (10, 'late', '"+begun+"')")
		} else if err := late.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := pull(t, c, q); !strings.Contains(got, "10=late") {
			t.Errorf("after the commit came %q", got)
		}
	})
}

// A stretch is read again until nothing can appear in it, and then no more.
func TestPassesSettle(t *testing.T) {
	d := database{"sqlite", sqliteFile(t)}
	synctest.Test(t, func(t *testing.T) {
		db := d.open(t)
		run(t, db, d.plain())
		c := d.build(t, connectors.Env{}, plainYAML)
		insert := func(id int, ago time.Duration) {
			run(t, db, fmt.Sprintf("INSERT INTO people VALUES (%d, 'a', '%s')", id, stamp(time.Now().Add(-ago))))
		}
		q := ask()
		want := func(want string) {
			t.Helper()
			if got := pull(t, c, q); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		insert(1, time.Hour)
		insert(2, time.Second)
		want("1 2")
		<-time.After(30 * time.Second)
		want("2") // something earlier might still be committed
		<-time.After(30 * time.Second)
		insert(3, 70*time.Second)
		want("3 2")
		<-time.After(30 * time.Second)
		want("3 2") // this pass began late enough: it is the last to look back
		want("")
		insert(4, 0)
		want("4")
		want("4")
	})
}

// A walk may take longer than the overlap: what commits behind it is not lost
// though it ends at rows that are much newer.
func TestALongWalkLosesNothingBehindIt(t *testing.T) {
	d := database{"sqlite", sqliteFile(t)}
	synctest.Test(t, func(t *testing.T) {
		db := d.open(t)
		run(t, db, d.plain())
		c := d.build(t, connectors.Env{}, plainYAML)
		insert := func(id int, ago time.Duration) {
			run(t, db, fmt.Sprintf("INSERT INTO people VALUES (%d, 'a', '%s')", id, stamp(time.Now().Add(-ago))))
		}
		insert(1, 70*time.Second)
		insert(2, 40*time.Second)
		insert(3, 0)
		q := ask()
		page, err := c.Changes(t.Context(), *q)
		if err != nil || !page.More || page.Records[1].ID != "2" {
			t.Fatal(page, err)
		}
		insert(9, 50*time.Second) // committed behind the walk
		<-time.After(10 * time.Minute)
		insert(4, 0)
		insert(5, 0)
		q.Cursor = page.Next
		if got := pull(t, c, q); got != "3 4 5" {
			t.Errorf("the rest of the walk is %q", got)
		}
		if got := pull(t, c, q); !strings.HasPrefix(got, "9 ") {
			t.Errorf("the next one brought %q", got)
		}
	})
}

func TestATimeInTheFutureHidesNothing(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		t.Helper()
		db := d.open(t)
		run(t, db, d.plain())
		run(t, db, "INSERT INTO people VALUES (1, 'a', '9999-01-01 00:00:00'), (2, 'a', '2020-01-01 00:00:00')")
		if d.driver == "postgres" {
			run(t, db, "INSERT INTO people VALUES (3, 'a', 'infinity')")
		}
		c := d.build(t, connectors.Env{}, plainYAML)
		q := ask("city")
		pull(t, c, q)
		pull(t, c, q)
		run(t, db, "INSERT INTO people VALUES (4, 'new', '"+stamp(time.Now())+"')")
		if got := pull(t, c, q); !strings.Contains(got, "4=new") || strings.Contains(got, "2=") {
			t.Errorf("got %q", got)
		}
	})
}

func TestRowsWithoutATime(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		t.Helper()
		db := d.open(t)
		run(t, db, d.plain())
		run(t, db, "ALTER TABLE people ADD made "+d.script("TEXT", "timestamptz", "datetime(6)"))
		for i := range 5 {
			run(t, db, fmt.Sprintf("INSERT INTO people VALUES (%d, 'a', NULL, NULL)", i))
		}
		run(t, db, "INSERT INTO people VALUES (7, 'a', '2020-01-01 00:00:00', NULL), (8, 'a', NULL, '2021-01-01 00:00:00')")
		c := d.build(t, connectors.Env{}, plainYAML)
		q := ask()
		if got := pull(t, c, q); got != "0 1 2 3 4 8 7" {
			t.Errorf("the first pass brought %q", got)
		}
		run(t, db, "INSERT INTO people VALUES (5, 'a', NULL, NULL)")
		if got := pull(t, c, q); got != "0 1 2 3 4 5 8" && got != "0 1 2 3 4 5 8 7" {
			t.Errorf("the second pass brought %q", got)
		}
		coalesced := d.build(t, connectors.Env{}, strings.Replace(plainYAML, "[updated_at]", "[updated_at, made]", 1))
		if got := pull(t, coalesced, ask()); got != "0 1 2 3 4 5 7 8" {
			t.Errorf("with another time in its place: %q", got)
		}
		whole := d.build(t, connectors.Env{}, "page_size: 3\ntables: {people: {id: id}}\n")
		q = ask()
		for range 2 {
			if got := pull(t, whole, q); got != "0 1 2 3 4 5 7 8" {
				t.Errorf("without a column for the time: %q", got)
			}
		}
	})
}

func TestVersionsDifferWithinASecond(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		t.Helper()
		db := d.open(t)
		run(t, db, d.script("CREATE TABLE people (id INTEGER PRIMARY KEY, city TEXT, updated_at TEXT)",
			"CREATE TABLE people (id bigint PRIMARY KEY, city text, updated_at timestamp(0))",
			"CREATE TABLE people (id bigint PRIMARY KEY, city text, updated_at datetime)"))
		run(t, db, "INSERT INTO people VALUES (1, 'a', '2026-01-01 10:00:00')")
		c := d.build(t, connectors.Env{}, plainYAML)
		read := func(fields ...string) connectors.Record {
			t.Helper()
			got, err := c.Read(t.Context(), "people", []string{"1"}, fields)
			if err != nil || len(got) != 1 {
				t.Fatal(got, err)
			}
			return got[0]
		}
		before := read("city")
		if other := read(); other.Version != before.Version {
			t.Error("the version goes by what is asked for")
		}
		run(t, db, "UPDATE people SET city = 'b' WHERE id = 1")
		if after := read("city"); after.Version == before.Version || !after.Modified.Equal(before.Modified) {
			t.Errorf("%s at %s, then %s at %s", before.Version, before.Modified, after.Version, after.Modified)
		}
		op := update("1", text("city", "c"))
		op.Version = before.Version
		if r := write(t, c, op)[0]; !fault.Is(r.Err, fault.Stale) {
			t.Errorf("an update upon the version before is %q: %v", r.Status, r.Err)
		}
	})
}

// The second hour between two and three on the night when summer time ends
// comes after the first one and reads the same.
func TestClocksThatAreSetBackLoseNothing(t *testing.T) {
	d := database{"sqlite", sqliteFile(t)}
	db := d.open(t)
	run(t, db, d.plain())
	c := d.build(t, connectors.Env{}, "zone: Europe/Berlin\n"+plainYAML)
	run(t, db, "INSERT INTO people VALUES (1, 'a', '2026-10-25 02:59:50')")
	q := ask()
	pull(t, c, q)
	run(t, db, "INSERT INTO people VALUES (2, 'a', '2026-10-25 02:00:10')")
	if got := pull(t, c, q); got != "2 1" {
		t.Errorf("got %q", got)
	}
	page, err := c.Changes(t.Context(), *ask())
	if err != nil || !page.Records[1].Modified.Equal(time.Date(2026, 10, 25, 1, 59, 50, 0, time.UTC)) && !page.Records[1].Modified.Equal(time.Date(2026, 10, 25, 0, 59, 50, 0, time.UTC)) {
		t.Errorf("the time is read as %v, %v", page.Records, err)
	}
}

func TestSQLiteTimesOfSeveralForms(t *testing.T) {
	d := database{"sqlite", sqliteFile(t)}
	db := d.open(t)
	run(t, db, "CREATE TABLE people (id INTEGER PRIMARY KEY, updated_at TEXT); CREATE TABLE counted (id INTEGER PRIMARY KEY, updated_at INTEGER)")
	c := d.build(t, connectors.Env{}, "tables: {people: {id: id, modified: [updated_at]}, counted: {id: id, modified: [updated_at], columns: [{name: updated_at, format: unix_ms}]}}")
	day := time.Now().UTC().Format(time.DateOnly)
	run(t, db, "INSERT INTO people VALUES (1, '"+day+"T00:00:01.500Z'), (2, '"+day+" 00:00:01'), (3, '"+day+"T02:00:02+02:00'), (4, '"+day+"T00:00:01')")
	q := ask()
	if got := pull(t, c, q); got != "2 4 1 3" {
		t.Errorf("they are sorted as %q", got)
	}
	run(t, db, "INSERT INTO people VALUES (5, '"+day+" 00:00:03')") // sorts before those with T as a text
	if got := pull(t, c, q); !strings.HasSuffix(got, "5") {
		t.Errorf("then came %q", got)
	}
	now := time.Now().UnixMilli()
	run(t, db, fmt.Sprintf("INSERT INTO counted VALUES (1, %d), (2, %d)", now-5, now-4))
	counted := &connectors.Query{Object: "counted", Fields: []string{"updated_at"}}
	page, err := c.Changes(t.Context(), *counted)
	if err != nil || len(page.Records) != 2 || page.Records[1].Modified.UnixMilli() != now-4 || page.Records[1].Fields["updated_at"].Kind() != record.Instant {
		t.Fatal(page, err)
	}
	counted.Cursor = page.Next
	run(t, db, fmt.Sprintf("INSERT INTO counted VALUES (3, %d)", now-3))
	if page, err = c.Changes(t.Context(), *counted); err != nil || len(page.Records) != 3 {
		t.Errorf("then came %d: %v", len(page.Records), err)
	}
}

func TestSQLiteKeepsAnythingAnywhere(t *testing.T) {
	d := database{"sqlite", sqliteFile(t)}
	db := d.open(t)
	run(t, db, "CREATE TABLE people (id INTEGER PRIMARY KEY, n INTEGER, d DECIMAL(10,2), b BOOLEAN, at DATETIME, day DATE, s VARCHAR(10))")
	for i, row := range []string{"5, 1.5, 1, '2026-01-02T03:04:05Z', '2026-01-02', 'x'", "'many', 'x', 7, 'soon', 'x', x'ff'", "NULL, '', NULL, '', NULL, ''", "5.0, 3, 'false', '2026-01-02 03:04', '2026-01-02', 12"} {
		run(t, db, "INSERT INTO people VALUES ("+strconv.Itoa(i+1)+", "+row+")")
	}
	c := d.build(t, connectors.Env{}, "tables: {people: {id: id}}")
	want := "1=5=1.5=true=2026-01-02T03:04:05Z=2026-01-02=x 2 3====== 4=5=3=false=2026-01-02T03:04:00Z=2026-01-02=12 2!n 2!d 2!b 2!at 2!day 2!s"
	if got := pull(t, c, ask("n", "d", "b", "at", "day", "s")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMySQLZeroDatesAndSmallNumbers(t *testing.T) {
	d := database{"mysql", mysqlDSN(t)}
	db := d.open(t)
	run(t, db, "CREATE TABLE people (id int PRIMARY KEY, on_off tinyint(1), b bit(1), few tinyint, day date, at datetime, big bigint unsigned, mood enum('so','it''s ok'), tags set('a','b'), stamp timestamp NULL)")
	run(t, db, "INSERT INTO people VALUES (1, 1, 1, 5, '2026-01-02', '2026-01-02 03:04:05', 18446744073709551615, 'it''s ok', 'b,a', '2026-01-02 03:04:05'), (2, 2, 0, 1, '0000-00-00', '0000-00-00 00:00:00', 0, NULL, '', NULL), (3, 0, 0, 0, '2026-00-00', NULL, 0, 'so', NULL, NULL)")
	c := d.build(t, connectors.Env{}, "zone: Europe/Berlin\ntables: {people: {id: id, modified: [at], write: true}}")
	fields := []string{"on_off", "b", "few", "day", "at", "big", "mood", "tags", "stamp"}
	want := "2=false=1===0=== 3=false=false=0==0=so== 1=true=true=5=2026-01-02=2026-01-02T02:04:05Z=18446744073709551615=it's ok=a\x1fb=2026-01-02T03:04:05Z 2!on_off 3!day"
	if got := pull(t, c, ask(fields...)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, f := range cat.Objects[0].Fields {
		kinds = append(kinds, f.Kind.String())
	}
	if got := strings.Join(kinds, " "); got != "integer boolean boolean integer date instant integer enum set instant" {
		t.Errorf("the kinds are %s", got)
	}
	results := write(t, c, update("2", record.Fields{"on_off": record.OfBool(true), "day": record.NullOf(record.Date), "at": record.OfInstant(time.Date(2026, 6, 1, 10, 0, 0, 900_000_000, time.UTC)), "tags": record.OfSet("a", "b")}))
	applied(t, results)
	if got := pull(t, c, ask("on_off", "at", "tags")); !strings.Contains(got, "2=true=2026-06-01T10:00:00Z=a\x1fb") {
		t.Errorf("after the write: %q", got)
	}
}

func TestMySQLRowsWithAZeroTime(t *testing.T) {
	d := database{"mysql", mysqlDSN(t)}
	db := d.open(t)
	run(t, db, "CREATE TABLE people (id int PRIMARY KEY, updated_at datetime NOT NULL)")
	run(t, db, "INSERT INTO people VALUES (1, 0), (2, '2020-01-01'), (3, 0), (4, '2020-01-02'), (5, 0)")
	c := d.build(t, connectors.Env{}, plainYAML)
	q := ask()
	if got := pull(t, c, q); got != "1 3 5 2 4" {
		t.Errorf("the first pass brought %q", got)
	}
	run(t, db, "INSERT INTO people VALUES (6, 0)")
	if got := pull(t, c, q); got != "1 3 5 6 4" && got != "1 3 5 6" {
		t.Errorf("the second pass brought %q", got)
	}
}

func TestDescribe(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		t.Helper()
		db := d.open(t)
		run(t, db, d.script(`CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(50) NOT NULL UNIQUE, a TEXT, b TEXT, note TEXT DEFAULT 'x' NOT NULL, n INTEGER, pic BLOB, twice INTEGER GENERATED ALWAYS AS (n * 2), UNIQUE (a, b));
CREATE UNIQUE INDEX partly ON people (n) WHERE n > 0`, `
CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar(50) NOT NULL UNIQUE, a text, b text, note text DEFAULT 'x' NOT NULL, n integer, pic bytea, twice integer GENERATED ALWAYS AS (n * 2) STORED, UNIQUE (a, b));
CREATE UNIQUE INDEX partly ON people (n) WHERE n > 0`, `
CREATE TABLE people (id bigint AUTO_INCREMENT PRIMARY KEY, email varchar(50) NOT NULL UNIQUE, a varchar(20), b varchar(20), note varchar(10) DEFAULT 'x' NOT NULL, n integer, pic blob, twice integer GENERATED ALWAYS AS (n * 2) STORED, UNIQUE (a, b))`))
		c := d.build(t, connectors.Env{}, "tables: {people: {id: id, write: true}, all: {query: 'SELECT id, email, n FROM people', id: id}, none: {table: people, id: id}}")
		cat, err := c.Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		o, _ := cat.Object("people")
		var words strings.Builder
		for _, f := range o.Fields {
			words.WriteString(f.Name + ":" + f.Kind.String())
			for mark, set := range map[string]bool{"!": f.Required, "~": f.ReadOnly} {
				if set {
					words.WriteString(mark)
				}
			}
			if f.Unique {
				words.WriteString("1")
			}
			words.WriteString(" ")
		}
		got := words.String()
		if want := d.script("id:integer~1 email:string!1 a:text b:text note:text n:integer twice:integer~ ", "id:integer~1 email:string!1 a:text b:text note:text n:integer twice:integer~ ", "id:integer~1 email:string!1 a:string b:string note:string n:integer twice:integer~ "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if f, _ := o.Field("email"); d.driver != "sqlite" && f.MaxLen != 50 {
			t.Errorf("the length is %d", f.MaxLen)
		}
		if len(o.Keys) != 1 || o.Keys[0] != "email" {
			t.Errorf("the keys are %v", o.Keys)
		}
		all, _ := cat.Object("all")
		if len(all.Fields) != 3 || all.Fields[2].Kind != record.Integer || all.Caps.Update || all.Caps.Lookup {
			t.Errorf("of a query: %+v", all)
		}
	})
}
