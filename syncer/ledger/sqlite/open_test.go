package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

func put(t *testing.T, l ledger.Ledger, key, value string) error {
	t.Helper()
	return l.Update(t.Context(), func(tx ledger.Tx) error { return tx.Meta.Set(t.Context(), key, []byte(value)) })
}

func get(t *testing.T, l ledger.Ledger, key string) string {
	t.Helper()
	var got []byte
	err := l.View(t.Context(), func(r ledger.Reader) (err error) {
		got, err = r.Meta.Get(t.Context(), key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// raw changes the file behind the ledger's back.
func raw(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTwoDaemonsCannotShareALedger(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, sqlite.Options{})
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if !errors.Is(err, ledger.ErrLocked) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())+" on ") {
		t.Fatalf("got %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path, sqlite.Options{})
}

func TestReadingWhileADaemonWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a ledger?x=1#y%20.db") // a path is not a URL
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true}); err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("reading a ledger that is not there: %v", err)
	}
	daemon := open(t, path, sqlite.Options{})
	reader := open(t, path, sqlite.Options{ReadOnly: true})
	if err := put(t, daemon, "a", "1"); err != nil {
		t.Fatal(err)
	}
	if got := get(t, reader, "a"); got != "1" {
		t.Errorf("got %q", got)
	}
	if err := put(t, reader, "a", "2"); err == nil {
		t.Error("a reader wrote")
	}
	if err := daemon.Close(); err != nil {
		t.Fatal(err)
	}
	if got := get(t, reader, "a"); got != "1" {
		t.Errorf("after the daemon ended: got %q", got)
	}
}

func TestNewerLedgerIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := open(t, path, sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, path, "UPDATE schema SET version = version + 998")
	for _, o := range []sqlite.Options{{}, {ReadOnly: true}} {
		if _, err := sqlite.Open(t.Context(), path, o); !errors.Is(err, ledger.ErrNewer) {
			t.Errorf("%+v: got %v", o, err)
		}
	}
	raw(t, path, "UPDATE schema SET version = version - 998")
	open(t, path, sqlite.Options{})
}

func TestAnOlderLedgerIsNotReadWithoutBringingItUpToDate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	raw(t, path, "CREATE TABLE schema (version INTEGER NOT NULL)", "INSERT INTO schema VALUES (0)")
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "run a sync") {
		t.Errorf("got %v", err)
	}
}

func TestAStepThatFailsIsTakenBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	raw(t, path, "CREATE TABLE schema (version INTEGER NOT NULL)", "INSERT INTO schema VALUES (0)", "CREATE TABLE history (x)")
	if _, err := sqlite.Open(t.Context(), path, sqlite.Options{}); err == nil {
		t.Fatal("a ledger of an unknown layout was opened")
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var tables int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE type = 'table'").Scan(&tables); err != nil || tables != 2 {
		t.Errorf("%d tables are left, want the 2 from before: %v", tables, err)
	}
}

func TestWhatIsNoLedgerIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other, text, short := filepath.Join(dir, "other.db"), filepath.Join(dir, "text.db"), filepath.Join(dir, "short.db")
	raw(t, other, "CREATE TABLE customers (name TEXT)")
	for path, content := range map[string]string{text: strings.Repeat("name;email\n", 500), short: "SQLite format 3\x00"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{other: "something else", text: "damaged", short: ""} {
		_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if _, err := sqlite.Open(t.Context(), filepath.Join(dir, "none", "ledger.db"), sqlite.Options{}); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestDamageIsToldAsSuch(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, sqlite.Options{})
	err := l.Update(t.Context(), func(tx ledger.Tx) error {
		for i := range 2000 {
			id := record.NewEntityID(record.Person, "s", "o", string(rune('a'+i)), i)
			e := ledger.Entity{ID: id, Object: record.Person, Golden: record.Fields{"a": record.OfString(strings.Repeat("x", 900))}}
			if err := tx.Entities.Put(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 40 * 4096; i < len(b); i++ {
		b[i] = 0xa5
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil {
		err = l.View(t.Context(), func(r ledger.Reader) error {
			_, err := r.Entities.Scan(t.Context(), ledger.EntityScan{})
			return err
		})
		if err := l.Close(); err != nil {
			t.Log(err)
		}
	}
	if !errors.Is(err, ledger.ErrDamaged) || !strings.Contains(err.Error(), "restore") {
		t.Errorf("got %v", err)
	}
}

func TestOldSQLiteIsRefused(t *testing.T) {
	t.Parallel()
	for version, ok := range map[string]bool{
		"3.51.3": true, "3.51.10": true, "3.54.1": true, "4.0.0": true, "3.51.2": false, "3.51": false, "3.9.0": false, "": false,
	} {
		if err := sqlite.CheckVersion(version); (err == nil) != ok {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func TestAFullDiskKeepsNothingOfTheStep(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, sqlite.Options{MaxPages: 80})
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		err = put(t, l, "key", strings.Repeat("x", n*1000))
	}
	if !errors.Is(err, ledger.ErrFull) {
		t.Fatalf("after %d: got %v", n, err)
	}
	if got := len(get(t, l, "key")); got != (n-2)*1000 {
		t.Errorf("%d bytes are there, want those of the step before: %d", got, (n-2)*1000)
	}
	if err := put(t, l, "key", "small"); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := get(t, open(t, path, sqlite.Options{}), "key"); got != "small" {
		t.Errorf("got %q", got)
	}
}

func TestAWaitingWriterCanGiveUp(t *testing.T) {
	t.Parallel()
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{Readers: 1})
	err := l.Update(t.Context(), func(ledger.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error)
		go func() { got <- l.Update(ctx, func(ledger.Tx) error { return nil }) }()
		cancel()
		return <-got
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReadersDoNotStarveTheWriter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, sqlite.Options{Readers: 1})
	// More than a reader may keep, so that it is opened anew.
	for i := range 6 {
		if err := put(t, l, string(rune('a'+i)), strings.Repeat("x", 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		for i := range 6 {
			if n := len(get(t, l, string(rune('a'+i)))); n != 1<<20 {
				t.Fatalf("%d bytes", n)
			}
		}
	}
}
