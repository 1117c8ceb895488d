package sql

import (
	"context"
	stdsql "database/sql"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/tandem-sync/tandem/connectors/fault"
)

func mariadb() *dialect {
	q := quoted("`")
	return &dialect{
		quote: q,
		mark:  func(int, *column) string { return "?" },
		read: func(c *column) string {
			if c.typ == "bit" {
				return q(c.name) + " + 0"
			}
			return q(c.name)
		},
		digest: func(d *dialect, columns []column) string {
			parts := make([]string, len(columns))
			for i := range columns {
				parts[i] = "QUOTE(" + d.read(&columns[i]) + ")"
			}
			return "MD5(CONCAT_WS(',', " + strings.Join(parts, ", ") + "))"
		},
		stamp: func(expr string, _ *column) string { return expr },
		text:  func(expr string) string { return expr },
		// A zero date is none.
		timeless: func(expr string) string { return "(" + expr + " IS NULL OR " + expr + " = 0)" },
		timed:    func(expr string) string { return expr + " > 0" },
		clock:    "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
		order: func(expr string, c *column) string {
			if c.textual() && !c.unique { // without an index to say so, a and A may be two
				return "BINARY " + expr
			}
			return expr
		},
		live:   func(expr string, _ *column) string { return "(" + expr + " IS NULL OR " + expr + " = 0)" },
		ignore: func(_, id string) string { return " ON DUPLICATE KEY UPDATE " + id + " = " + id },
		now: func(c *column) string {
			if c.store == asZoneStamp || c.store == asStamp && c.zone.String() == "UTC" {
				return "UTC_TIMESTAMP(" + strconv.Itoa(max(c.scale, 0)) + ")"
			}
			return ""
		},
		lock: " FOR UPDATE", describe: describeMySQL, typed: typedMySQL, classify: classifyMySQL,
		reading: &stdsql.TxOptions{ReadOnly: true}, writing: &stdsql.TxOptions{Isolation: stdsql.LevelReadCommitted},
	}
}

const mysqlColumns = `SELECT c.column_name, c.data_type, c.column_type, COALESCE(c.character_maximum_length, 0),
  COALESCE(c.numeric_scale, c.datetime_precision, -1), c.is_nullable, c.column_default IS NOT NULL OR c.extra LIKE '%auto_increment%',
  c.extra LIKE '%GENERATED%' AND c.extra NOT LIKE '%DEFAULT_GENERATED%',
  (SELECT GROUP_CONCAT(s.index_name SEPARATOR '\n') FROM information_schema.statistics s WHERE s.table_schema = c.table_schema
    AND s.table_name = c.table_name AND s.column_name = c.column_name AND s.non_unique = 0 AND s.sub_part IS NULL AND NOT EXISTS
      (SELECT 1 FROM information_schema.statistics m WHERE m.table_schema = s.table_schema AND m.table_name = s.table_name
        AND m.index_name = s.index_name AND m.seq_in_index > 1))
FROM information_schema.columns c WHERE c.table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND c.table_name = ? ORDER BY c.ordinal_position`

func describeMySQL(ctx context.Context, q querier, schema, name string) ([]found, error) {
	var out []found
	err := ask(ctx, q, mysqlColumns, []any{schema, name}, func(row []any) error {
		t := texts(row)
		f := found{
			name: t[0], store: mysqlStore(t[1], t[2]), notNull: t[5] == "NO", hasDefault: t[6] == "1", computed: t[7] == "1", unique: t[8] != "", indexes: strings.Split(t[8], "\n"),
		}
		f.maxLen, _ = strconv.Atoi(t[3]) // 0 where it is not limited
		if f.scale, _ = strconv.Atoi(t[4]); t[1] == "float" || t[1] == "double" {
			f.scale = -1
		}
		switch f.store {
		case asEnum, asWords:
			f.options, f.maxLen = words(t[2]), 0
		case asBit, asInteger:
			f.scale = -1
			if t[1] == "bit" {
				f.typ = "bit"
			}
		case asLongText:
			f.maxLen = 0 // counted in bytes, and beyond what anybody writes
		default:
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

func mysqlStore(data, full string) store {
	switch strings.ToLower(data) {
	case "tinyint", "bit":
		if full = strings.ToLower(full); strings.HasPrefix(full, "tinyint(1)") || full == "bit(1)" {
			return asBit
		}
		return asInteger
	case "smallint", "mediumint", "int", "bigint", "year":
		return asInteger
	case "decimal", "float", "double":
		return asDecimal
	case "date":
		return asDate
	case "datetime":
		return asStamp
	case "timestamp":
		return asZoneStamp
	case "char", "varchar", "time", "inet4", "inet6":
		return asText
	case "tinytext", "text", "mediumtext", "longtext", "json":
		return asLongText
	case "uuid":
		return asUUID
	case "enum":
		return asEnum
	case "set":
		return asWords
	}
	return asOther
}

var wordRE = regexp.MustCompile(`'((?:[^']|'')*)'`)

func words(typ string) []string {
	var out []string
	for _, m := range wordRE.FindAllStringSubmatch(typ, -1) {
		if m[1] != "" {
			out = append(out, strings.ReplaceAll(m[1], "''", "'"))
		}
	}
	return out
}

func typedMySQL(t *stdsql.ColumnType) found {
	name := strings.TrimPrefix(strings.ToLower(t.DatabaseTypeName()), "unsigned ")
	f := found{name: t.Name(), store: mysqlStore(name, ""), scale: -1}
	if name == "bit" {
		f.typ = "bit"
	}
	if name == "blob" { // the driver's word for text without a character set
		f.store = asOther
	}
	return f
}

// MySQL's messages quote values; only names are taken from them.
var (
	indexRE  = regexp.MustCompile("for key '([^']*)'$")
	columnRE = regexp.MustCompile("(?i)^(?:Column|Field|Data too long for column|Out of range value for column|Data truncated for column|Incorrect [a-z]+ value: .* for column)[ `']+(?:[^`]+`\\.`)*([^'`]+)['`]")
)

func classifyMySQL(err error) *verdict {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	if errors.Is(err, mysql.ErrPktTooLarge) {
		return &verdict{class: fault.Invalid, code: "max_allowed_packet"}
	}
	if !ok {
		return nil
	}
	v := &verdict{code: strconv.Itoa(int(e.Number)), class: fault.Invalid}
	if m := columnRE.FindStringSubmatch(e.Message); m != nil {
		v.field = m[1]
	}
	switch e.Number {
	case 1062, 1586, 1169:
		v.class = fault.Conflict
		if m := indexRE.FindStringSubmatch(e.Message); m != nil {
			v.index = m[1][strings.LastIndexByte(m[1], '.')+1:]
		}
	case 1205, 1213, 3572, 1020:
		v.class, v.lost = fault.Locked, true
	case 1045, 1698, 1251, 1524:
		v.class, v.scope, v.next = fault.Auth, fault.ScopeSystem, "check user and password in the address, and from which hosts the user may come"
	case 1044, 1142, 1143, 1227, 1290, 1792, 1836, 3159:
		v.class, v.scope, v.next = fault.Permission, fault.ScopeObject, "grant the user SELECT, and for writing INSERT and UPDATE, on the table; a server that only reads cannot be written"
	case 1049:
		v.class, v.scope, v.next = fault.Missing, fault.ScopeSystem, "correct the name of the database in the address"
	case 1146, 1054, 1356:
		v.class, v.scope, v.next = fault.Missing, fault.ScopeObject, "correct `table`, `query` or the names of columns"
	case 1064, 1305, 1267, 1115, 1222:
		v.scope = fault.ScopeObject
	case 1969, 3024, 1317:
		v.class, v.scope, v.next = fault.Transient, fault.ScopeObject, "raise timeout, or add an index on the time of the change and the id"
	case 1040, 1041, 1053, 1152, 1153, 1158, 1159, 1160, 1161, 1203, 1226, 1021, 1114, 1129:
		v.class, v.scope = fault.Transient, fault.ScopeSystem
	}
	return v
}
