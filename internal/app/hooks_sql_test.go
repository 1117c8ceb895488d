package app_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlconnector "github.com/tandem-sync/tandem/connectors/sql"
)

// A form tool and a database: what people enter ends up in its table, once, and
// what they enter later changes the row.
func TestAPostEndsUpInATable(t *testing.T) {
	dir := formConfig(t)
	path := filepath.Join(dir, "crm.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE people (id INTEGER PRIMARY KEY, tandem_id TEXT UNIQUE, email TEXT, city TEXT,
updated_at DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')));
INSERT INTO people (email, city) VALUES ('bo@x.example', 'Bonn')`); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "connectors", "list.yaml"), fmt.Appendf(nil, `
type: sql
driver: sqlite
file: %q
tables:
  people: {id: id, modified: [updated_at], write: true, touch: true, columns: [{name: email, kind: email}]}
objects:
  people:
    as: person
    create: true
    key: tandem_id
    match: [email]
    fields: [{field: email, remote: email}, {field: city, remote: city}]
`, path), 0o600); err != nil {
		t.Fatal(err)
	}
	o := formOptions(dir)
	o.Registry = append(o.Registry, sqlconnector.Factory())
	d, url := formDaemon(t, o)
	entered := func(id, body, want string) {
		t.Helper()
		if code, err := submit(t, url+"/hooks/forms", id, body); err != nil || code != http.StatusOK {
			t.Fatalf("answered %d: %v", code, err)
		}
		tick, end := time.NewTicker(50*time.Millisecond), time.After(30*time.Second)
		defer tick.Stop()
		for got := ""; got != want; got = rowsOf(t, db) {
			d.Trigger("sync forms+list")
			select {
			case <-tick.C:
			case <-end:
				t.Fatalf("stored is %q, want %q", got, want)
			}
		}
	}
	entered("1", `{"id":"a","email":"ada@x.example","city":"Graz"}`, "bo@x.example=Bonn ada@x.example=Graz")
	entered("2", `{"id":"b","email":"bo@x.example","city":"Linz"}`, "bo@x.example=Linz ada@x.example=Graz")
	entered("3", `{"id":"a","city":"Wels"}`, "bo@x.example=Linz ada@x.example=Wels")
}

func rowsOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT email, city FROM people ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells what matters
	var out []string
	for rows.Next() {
		var email, city string
		if err := rows.Scan(&email, &city); err != nil {
			t.Fatal(err)
		}
		out = append(out, email+"="+city)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}
