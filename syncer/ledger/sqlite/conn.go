package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"modernc.org/sqlite"
)

// conn is one connection with its prepared statements. It speaks to the driver
// directly: database/sql would check and copy every argument once more. It is
// used by one goroutine at a time.
type conn struct {
	// The driver starts a watcher for every call whose context can end.
	// Statements here are short, so that this one never ends, and transactions
	// look at theirs between statements.
	ctx   context.Context //nolint:containedctx // lives as long as the connection
	raw   driver.Conn
	stmts map[stmtKey]driver.Stmt
	named []driver.NamedValue
}

// stmtKey names a statement: its text, in which "%in" or "%rows" stands for n
// places of width w.
type stmtKey struct {
	text string
	n, w int
}

func (c *conn) stmt(k stmtKey) (driver.Stmt, error) {
	if s, ok := c.stmts[k]; ok {
		return s, nil
	}
	text := k.text
	if k.n > 0 {
		row := "(" + strings.TrimSuffix(strings.Repeat("?,", k.w), ",") + ")"
		text = strings.Replace(text, "%rows", strings.TrimSuffix(strings.Repeat(row+",", k.n), ","), 1)
		text = strings.Replace(text, "%in", strings.TrimSuffix(strings.Repeat("?,", k.n), ","), 1)
	}
	s, err := c.raw.Prepare(text)
	if err != nil {
		return nil, classify(err)
	}
	c.stmts[k] = s
	return s, nil
}

func (c *conn) arguments(args []driver.Value) []driver.NamedValue {
	for len(c.named) < len(args) {
		c.named = append(c.named, driver.NamedValue{Ordinal: len(c.named) + 1})
	}
	named := c.named[:len(args)]
	for i, a := range args {
		named[i].Value = a
	}
	return named
}

// release forgets the arguments, which may be large.
func (c *conn) release(named []driver.NamedValue) {
	for i := range named {
		named[i].Value = nil
	}
}

func (c *conn) run(k stmtKey, args []driver.Value) error {
	s, err := c.stmt(k)
	if err != nil {
		return err
	}
	x, ok := s.(driver.StmtExecContext)
	if !ok {
		return errors.New("the SQLite driver cannot execute statements: this build is broken")
	}
	named := c.arguments(args)
	_, err = x.ExecContext(c.ctx, named)
	c.release(named)
	return classify(err)
}

func (c *conn) exec(text string, args ...driver.Value) error {
	return c.run(stmtKey{text: text}, args)
}

// query calls each for every row; the slice is used again for the next one.
func (c *conn) query(k stmtKey, args []driver.Value, each func(row []driver.Value) error) error {
	s, err := c.stmt(k)
	if err != nil {
		return err
	}
	x, ok := s.(driver.StmtQueryContext)
	if !ok {
		return errors.New("the SQLite driver cannot query: this build is broken")
	}
	named := c.arguments(args)
	rows, err := x.QueryContext(c.ctx, named)
	if err != nil {
		c.release(named)
		return classify(err)
	}
	err = drain(rows, each)
	c.release(named)
	return classify(errors.Join(err, rows.Close()))
}

func drain(rows driver.Rows, each func(row []driver.Value) error) error {
	row := make([]driver.Value, len(rows.Columns()))
	for {
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

// cached is how many bytes of pages the connection keeps.
func (c *conn) cached() int {
	s, ok := c.raw.(interface {
		Status(op sqlite.DBStatusOp, reset bool) (current, high int, err error)
	})
	if !ok {
		return 0
	}
	n, _, err := s.Status(sqlite.DBStatusCacheUsed, false)
	if err != nil {
		return 0
	}
	return n
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// The driver answers with int64, []byte and string. Anything else is damage
// that the schema should have kept out.
func asText(v driver.Value) string {
	switch x := v.(type) {
	case string:
		return x
	case []byte:
		return string(x)
	default:
		return ""
	}
}

func asBlob(v driver.Value) []byte {
	switch x := v.(type) {
	case []byte:
		return x
	case string:
		return []byte(x)
	default:
		return nil
	}
}

func asInt(v driver.Value) int64 {
	n, _ := v.(int64)
	return n
}

// one runs a query that answers with at most one row.
func (c *conn) one(text string) (row []driver.Value, err error) {
	err = c.query(stmtKey{text: text}, nil, func(r []driver.Value) error {
		row = append([]driver.Value(nil), r...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	return row, nil
}
