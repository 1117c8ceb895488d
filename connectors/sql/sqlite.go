package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/tandem-sync/tandem/connectors/fault"
)

func lite() *dialect {
	q := quoted(`"`)
	return &dialect{
		quote: q,
		mark:  func(int, *column) string { return "?" },
		// The plus takes the declared type away, by which the driver would turn
		// texts into times.
		read: func(c *column) string { return "+" + q(c.name) },
		digest: func(_ *dialect, columns []column) string {
			parts := make([]string, len(columns))
			for i := range columns {
				parts[i] = "quote(" + q(columns[i].name) + ")"
			}
			return strings.Join(parts, " || ',' || ")
		},
		// Texts of several forms, with T or a blank, with a zone or without, do
		// not sort as the times they mean.
		stamp: func(expr string, c *column) string {
			if c == nil || c.counted() {
				return "+" + expr
			}
			return "strftime('%Y-%m-%d %H:%M:%f', " + expr + ")"
		},
		text:     func(expr string) string { return expr },
		timeless: isNull, timed: isNotNull,
		order: func(expr string, _ *column) string { return expr + " COLLATE BINARY" },
		live: func(expr string, _ *column) string {
			return "(" + expr + " IS NULL OR " + expr + " = 0 OR " + expr + " = '')"
		},
		ignore:    func(key, _ string) string { return " ON CONFLICT (" + key + ") DO NOTHING" },
		now:       func(*column) string { return "" },
		returning: true, describe: describeSQLite, typed: typedSQLite, classify: classifySQLite,
	}
}

func describeSQLite(ctx context.Context, q querier, schema, name string) ([]found, error) {
	schema = orText(schema, "main")
	var out []found
	alone := 0 // columns of the primary key
	err := ask(ctx, q, "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?, ?)", []any{name, schema}, func(row []any) error {
		t := texts(row)
		f := found{name: t[0], store: sqliteStore(t[1]), scale: -1, notNull: t[2] == "1", hasDefault: t[3] == "1", computed: t[5] != "0"}
		if t[4] != "0" {
			alone++
			f.unique = true
			f.hasDefault = f.hasDefault || strings.EqualFold(t[1], "INTEGER") // the number of the row
		}
		out = append(out, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	unique := map[string]bool{}
	err = ask(ctx, q, `SELECT max(i.name) FROM pragma_index_list(?, ?) l JOIN pragma_index_info(l.name, ?) i WHERE l."unique" AND NOT l.partial
GROUP BY l.name HAVING count(*) = 1`, []any{name, schema, schema}, func(row []any) error {
		unique[texts(row)[0]] = true
		return nil
	})
	for i := range out {
		out[i].unique = unique[out[i].name] || out[i].unique && alone == 1
	}
	return out, err
}

// sqliteStore reads a declared type. SQLite itself keeps in any column what it
// is given; what a declared type promises and a row does not keep is an issue.
func sqliteStore(declared string) store {
	t := strings.ToUpper(declared)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(t, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("BOOL"):
		return asBit
	case has("TIMESTAMP", "DATETIME"):
		return asStamp
	case t == "DATE":
		return asDate
	case has("INT"):
		return asInteger
	case has("VARCHAR", "CHAR", "UUID"), t == "":
		return asText
	case has("TEXT", "CLOB", "JSON"):
		return asLongText
	case has("REAL", "FLOAT", "DOUBLE", "DEC", "NUM", "MONEY"):
		return asDecimal
	case has("BLOB"):
		return asOther
	}
	return asText
}

func typedSQLite(t *stdsql.ColumnType) found {
	return found{name: t.Name(), store: sqliteStore(t.DatabaseTypeName()), scale: -1}
}

// failedRE finds the column in SQLite's messages of constraints, which name
// columns and never values.
var failedRE = regexp.MustCompile(`constraint failed: [^.\s]+\.([^\s,(]+)`)

func classifySQLite(err error) *verdict {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return nil
	}
	v := &verdict{code: strconv.Itoa(e.Code()), class: fault.Invalid}
	if m := failedRE.FindStringSubmatch(e.Error()); m != nil {
		v.field = m[1]
	}
	switch e.Code() {
	case codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY, codes.SQLITE_CONSTRAINT_ROWID:
		v.class = fault.Conflict
		return v
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		v.class, v.lost = fault.Locked, true
	case codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_AUTH:
		v.class, v.scope, v.next = fault.Permission, fault.ScopeSystem, "give Tandem's user the right to write the file and its folder"
	case codes.SQLITE_CANTOPEN:
		v.class, v.scope, v.next = fault.Missing, fault.ScopeSystem, "correct `file`, and give Tandem's user the right to read it"
	case codes.SQLITE_NOTADB, codes.SQLITE_CORRUPT:
		v.class, v.scope, v.next = fault.Malformed, fault.ScopeSystem, "the file is damaged or no SQLite database: restore it"
	case codes.SQLITE_FULL, codes.SQLITE_IOERR, codes.SQLITE_NOMEM, codes.SQLITE_INTERRUPT:
		v.class, v.scope = fault.Transient, fault.ScopeSystem
	case codes.SQLITE_ERROR:
		v.scope = fault.ScopeObject
		if strings.Contains(e.Error(), "no such table") || strings.Contains(e.Error(), "no such column") || strings.Contains(e.Error(), "no column named") {
			v.class, v.next = fault.Missing, "correct `table`, `query` or the names of columns"
		}
	}
	return v
}
