package sqlite

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Each file is one step, numbered from 0001 without a gap. A step that was
// released is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// steps returns the migrations in order; step i leads to version i+1.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s is out of order: this build is broken", name)
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, string(text))
	}
	return out, nil
}

// version is 0 for a new file.
func version(c *conn) (int, error) {
	row, err := c.one("SELECT (SELECT count(*) FROM sqlite_schema), (SELECT count(*) FROM sqlite_schema WHERE name = 'schema')")
	if err != nil {
		return 0, err
	}
	switch {
	case asInt(row[0]) == 0:
		return 0, nil
	case asInt(row[1]) == 0:
		return 0, errors.New("this is an SQLite file of something else: name another path for the ledger")
	}
	row, err = c.one("SELECT version FROM schema")
	if err != nil {
		return 0, err
	}
	if row == nil {
		return 0, fmt.Errorf("%w: its layout version is missing", ledger.ErrDamaged)
	}
	return int(asInt(row[0])), nil
}

func migrate(c *conn) error {
	all, err := steps()
	if err != nil {
		return err
	}
	have, err := version(c)
	if err != nil {
		return err
	}
	if have > len(all) {
		return fmt.Errorf("%w (its layout is %d, this version knows %d)", ledger.ErrNewer, have, len(all))
	}
	for v := have; v < len(all); v++ {
		if err := step(c, v, all[v]); err != nil {
			return fmt.Errorf("bringing the ledger to layout %d: %w", v+1, err)
		}
	}
	return nil
}

func step(c *conn, from int, text string) (err error) {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = c.exec("ROLLBACK")
		}
	}()
	if from == 0 {
		text = "CREATE TABLE schema (version INTEGER NOT NULL); INSERT INTO schema VALUES (0);" + text
	}
	if err := c.exec(text); err != nil {
		return err
	}
	if err := c.exec("UPDATE schema SET version = ?", int64(from+1)); err != nil {
		return err
	}
	return c.exec("COMMIT")
}

// checkCurrent is for readers, which cannot bring a file up to date.
func checkCurrent(c *conn) error {
	all, err := steps()
	if err != nil {
		return err
	}
	have, err := version(c)
	switch {
	case err != nil:
		return err
	case have > len(all):
		return fmt.Errorf("%w (its layout is %d, this version knows %d)", ledger.ErrNewer, have, len(all))
	case have < len(all):
		return fmt.Errorf("its layout %d is older than this version's %d: run a sync or a plan first, which brings it up to date", have, len(all))
	}
	return nil
}
