package sql

import (
	"context"
	stdsql "database/sql"
	"strings"
)

// dialect is what differs between databases.
type dialect struct {
	quote func(name string) string
	// mark is the place of the nth argument, for a comparison or an assignment
	// with the column.
	mark func(n int, c *column) string
	// read is what is selected of a column, so that the driver changes nothing.
	read func(c *column) string
	// digest is an expression over a row that changes with its content.
	digest func(d *dialect, columns []column) string
	// stamp makes an expression over times one that sorts as the times do; with
	// no column, one that the driver leaves as it is written.
	stamp func(expr string, c *column) string
	// timeless and timed tell whether an expression over times has one.
	timeless, timed func(expr string) string
	// text makes an expression one that the driver gives as a text or number.
	text func(expr string) string
	// clock asks for the milliseconds since 1970; "" for a database that runs
	// on this machine.
	clock string
	// order makes an id one that sorts the same way it is compared.
	order func(expr string, c *column) string
	// live tells whether a row is not removed.
	live func(expr string, c *column) string
	// ignore ends an INSERT that leaves a row alone whose key is there.
	ignore func(key, id string) string
	// now is the database's clock as the column keeps it; "" if Tandem's is to
	// be used.
	now       func(c *column) string
	lock      string // ends a SELECT of rows that will be written
	returning bool   // an INSERT can return the id
	texts     bool   // every value is bound as a text, and its place says its type
	describe  func(ctx context.Context, q querier, schema, name string) ([]found, error)
	// typed tells what a column of a query is.
	typed    func(t *stdsql.ColumnType) found
	classify func(err error) *verdict
	reading  *stdsql.TxOptions // nil: reads need no transaction
	writing  *stdsql.TxOptions
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error)
}

func dialectOf(driver string) *dialect {
	switch driver {
	case driverPostgres:
		return postgres()
	case driverMySQL:
		return mariadb()
	default:
		return lite()
	}
}

func isNull(expr string) string    { return expr + " IS NULL" }
func isNotNull(expr string) string { return expr + " IS NOT NULL" }

func quoted(mark string) func(string) string {
	return func(name string) string { return mark + strings.ReplaceAll(name, mark, mark+mark) + mark }
}

// rowAlias is the name of the row in every SELECT.
const rowAlias = "tandem_row"

// statement is one under construction: its text and the values it binds.
type statement struct {
	strings.Builder
	d    *dialect
	args []any
}

func (s *statement) add(texts ...string) {
	for _, t := range texts {
		_, _ = s.WriteString(t) // memory takes everything
	}
}

// bind writes a place for a value.
func (s *statement) bind(v any, c *column) {
	if text, null := plain(v); s.d.texts && !null {
		v = text
	}
	s.args = append(s.args, v)
	s.add(s.d.mark(len(s.args), c))
}

// list writes places with commas between.
func (s *statement) list(values []any, c *column) {
	for i, v := range values {
		if i > 0 {
			s.add(", ")
		}
		s.bind(v, c)
	}
}

// rows runs a query and hands each row on; the slice is used again.
func (s *statement) rows(ctx context.Context, q querier, each func(row []any) error) error {
	rows, err := q.QueryContext(ctx, s.String(), s.args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err tells what matters
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	row, into := make([]any, len(names)), make([]any, len(names))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *statement) exec(ctx context.Context, q querier) (int64, error) {
	res, err := q.ExecContext(ctx, s.String(), s.args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ask runs a query of a dialect's own.
func ask(ctx context.Context, q querier, text string, args []any, each func(row []any) error) error {
	s := statement{args: args}
	s.add(text)
	return s.rows(ctx, q, each)
}

func texts(row []any) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i], _ = plain(v)
	}
	return out
}
