package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

// childPath tells a child process which ledger to write into until it is
// killed; TestMain runs the child instead of the tests.
const childPath = "TANDEM_TEST_LEDGER"

func TestMain(m *testing.M) {
	//nolint:forbidigo // the child is told by its environment and ends as a main does
	if path := os.Getenv(childPath); path != "" {
		if err := writeUntilKilled(context.Background(), path, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run()) //nolint:forbidigo // as above
}

// writeUntilKilled says after each transaction that it is durable. Each writes
// an entity, its link and the cursor of their page.
func writeUntilKilled(ctx context.Context, path string, out io.Writer) error {
	l, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		err := l.Update(ctx, func(tx ledger.Tx) error {
			for i := range 20 {
				id := record.NewEntityID(record.Person, "s", "o", strconv.Itoa(n), i)
				if err := tx.Entities.Put(ctx, ledger.Entity{ID: id, Object: record.Person, Dirty: true}); err != nil {
					return err
				}
				ref := ledger.Ref{System: "s", Object: "o", ID: fmt.Sprintf("%08d-%d", n, i)}
				if err := tx.Links.Put(ctx, ledger.Link{Ref: ref, Entity: id, State: ledger.Live}); err != nil {
					return err
				}
			}
			return tx.Meta.PutCursors(ctx, ledger.Cursor{CursorKey: ledger.CursorKey{System: "s"}, Seq: int64(n)})
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
}

func TestAKilledProcessLosesNothingItWasToldIsDurable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	said := 0
	for round := 1; round <= 3; round++ {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childPath+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, err := fmt.Sscan(lines.Text(), &said); err != nil {
				t.Fatalf("the child said %q", lines.Text())
			}
			if said == 30*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()
		if said < 30*round {
			t.Fatalf("the child ended after %d", said)
		}
		checkWhole(t, path, said)
		// The next child begins again at one; what it puts is there already.
	}
}

// checkWhole wants every transaction up to n, and each of them whole.
func checkWhole(t *testing.T, path string, n int) {
	t.Helper()
	l, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	err = l.View(t.Context(), func(r ledger.Reader) error {
		count, err := r.Entities.Count(t.Context())
		if err != nil {
			return err
		}
		links, err := r.Links.Scan(t.Context(), "s", "o", "", 0)
		if err != nil {
			return err
		}
		dirty, err := r.Entities.Scan(t.Context(), ledger.EntityScan{Dirty: true})
		if err != nil {
			return err
		}
		have := count[record.Person]
		if have < 20*n || have%20 != 0 || len(links) != have || len(dirty) != have {
			return fmt.Errorf("%d entities, %d links, %d dirty after %d transactions", have, len(links), len(dirty), n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestCopiedMidWrite opens what a snapshot of the disk would hold while a
// transaction is under way: the file and its log, as they are.
func TestCopiedMidWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, sqlite.Options{})
	if err := put(t, l, "before", "1"); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), "ledger.db")
	err := l.Update(t.Context(), func(tx ledger.Tx) error {
		for i := range 200 {
			if err := tx.Meta.Set(t.Context(), fmt.Sprint("within", i), []byte(strings.Repeat("x", 100_000))); err != nil {
				return err
			}
		}
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(path + suffix)
			if err != nil {
				return err
			}
			if err := os.WriteFile(moved+suffix, b, 0o600); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, moved, sqlite.Options{})
	if got := get(t, c, "before"); got != "1" {
		t.Errorf("got %q", got)
	}
	for i := range 200 {
		if got := get(t, c, fmt.Sprint("within", i)); got != "" {
			t.Fatalf("part %d of an unfinished transaction is there", i)
		}
	}
}
