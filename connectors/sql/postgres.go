package sql

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tandem-sync/tandem/connectors/fault"
)

func postgres() *dialect {
	q := quoted(`"`)
	return &dialect{
		quote: q,
		mark: func(n int, c *column) string {
			place := "$" + strconv.Itoa(n)
			if c != nil && c.typ != "" {
				place += "::" + c.typ
			}
			return place
		},
		read: func(c *column) string {
			if c.store == asList {
				return "array_to_json(" + q(c.name) + ")::text"
			}
			return q(c.name) + "::text"
		},
		digest:   func(*dialect, []column) string { return "md5(" + q(rowAlias) + "::text)" },
		stamp:    func(expr string, _ *column) string { return expr },
		text:     func(expr string) string { return "(" + expr + ")::text" },
		timeless: isNull, timed: isNotNull,
		clock: "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint",
		order: func(expr string, c *column) string {
			if c.textual() && !c.unique {
				return expr + ` COLLATE "C"`
			}
			return expr
		},
		live: func(expr string, c *column) string {
			switch c.store {
			case asBoolean:
				return expr + " IS NOT TRUE"
			case asInteger, asDecimal:
				return "COALESCE(" + expr + ", 0) = 0"
			default:
				return expr + " IS NULL"
			}
		},
		ignore: func(key, _ string) string { return " ON CONFLICT (" + key + ") DO NOTHING" },
		now: func(c *column) string {
			if c.store == asZoneStamp {
				return "clock_timestamp()"
			}
			return ""
		},
		lock: " FOR UPDATE", returning: true, texts: true, describe: describePostgres, typed: typedPostgres, classify: classifyPostgres,
		reading: &stdsql.TxOptions{ReadOnly: true}, writing: &stdsql.TxOptions{Isolation: stdsql.LevelReadCommitted},
	}
}

const postgresColumns = `SELECT column_name, data_type, udt_schema, udt_name, COALESCE(character_maximum_length, 0),
  COALESCE(numeric_scale, datetime_precision, -1), is_nullable, column_default IS NOT NULL OR is_identity = 'YES',
  is_generated = 'ALWAYS' OR COALESCE(identity_generation, '') = 'ALWAYS',
  (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
    JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = udt_name AND n.nspname = udt_schema),
  (SELECT json_agg(x.relname)::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = format('%I.%I', table_schema, table_name)::regclass AND a.attname = column_name AND i.indisunique
      AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = 1)
FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF($1, ''), current_schema()) AND table_name = $2 ORDER BY ordinal_position`

func describePostgres(ctx context.Context, q querier, schema, name string) ([]found, error) {
	var out []found
	err := ask(ctx, q, postgresColumns, []any{schema, name}, func(row []any) error {
		t := texts(row)
		f := found{
			name: t[0], store: postgresStore(t[1], t[3]), typ: `"` + t[2] + `"."` + t[3] + `"`,
			notNull: t[6] == "NO", hasDefault: t[7] == "true", computed: t[8] == "true", unique: t[10] != "", indexes: labels(t[10]),
		}
		f.maxLen, _ = strconv.Atoi(t[4]) // 0 where it is not limited
		if f.scale, _ = strconv.Atoi(t[5]); f.store == asDecimal && t[1] != "numeric" {
			f.scale = -1
		}
		if f.options = labels(t[9]); f.options != nil {
			f.store = asEnum
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

// labels are a JSON array of texts; "" is none.
func labels(text string) []string {
	if text == "" {
		return nil
	}
	var out []string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return nil
	}
	return out
}

func postgresStore(data, udt string) store {
	switch data {
	case "smallint", "integer", "bigint":
		return asInteger
	case "numeric", "real", "double precision":
		return asDecimal
	case "boolean":
		return asBoolean
	case "date":
		return asDate
	case "timestamp without time zone":
		return asStamp
	case "timestamp with time zone":
		return asZoneStamp
	case "uuid":
		return asUUID
	case "character varying", "character", "name", "inet", "cidr", "time without time zone", "time with time zone", "interval", "money":
		return asText
	case "text", "json", "jsonb", "xml":
		return asLongText
	case "ARRAY":
		if udt == "_text" || udt == "_varchar" || udt == "_bpchar" {
			return asList
		}
	case "USER-DEFINED":
		if udt == "citext" {
			return asText
		}
	}
	return asOther
}

func typedPostgres(t *stdsql.ColumnType) found {
	names := map[string]string{
		"INT2": "smallint", "INT4": "integer", "INT8": "bigint", "NUMERIC": "numeric", "FLOAT4": "real", "FLOAT8": "double precision",
		"BOOL": "boolean", "DATE": "date", "TIMESTAMP": "timestamp without time zone", "TIMESTAMPTZ": "timestamp with time zone",
		"UUID": "uuid", "VARCHAR": "character varying", "BPCHAR": "character", "NAME": "name", "TEXT": "text", "JSON": "json", "JSONB": "jsonb",
		"_TEXT": "ARRAY", "_VARCHAR": "ARRAY", "CITEXT": "character varying",
	}
	udt := strings.ToLower(t.DatabaseTypeName())
	f := found{name: t.Name(), store: postgresStore(names[t.DatabaseTypeName()], udt), scale: -1}
	if names[t.DatabaseTypeName()] != "" {
		f.typ = `"` + udt + `"`
	}
	return f
}

// classifyPostgres tells what a SQLSTATE means.
func classifyPostgres(err error) *verdict {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return nil
	}
	v := &verdict{code: e.Code, field: e.ColumnName, index: e.ConstraintName}
	switch e.Code {
	case "23505", "23P01":
		v.class = fault.Conflict
	case "40001", "40P01", "55P03", "55006":
		v.class, v.lost = fault.Locked, true
	case "28P01", "28000":
		v.class, v.scope, v.next = fault.Auth, fault.ScopeSystem, "check user and password in the address, and pg_hba.conf"
	case "42501":
		v.class, v.scope, v.next = fault.Permission, fault.ScopeObject, "grant the user SELECT, and for writing INSERT and UPDATE, on the table and USAGE on its schema and sequences"
	case "25006":
		v.class, v.scope, v.next = fault.Permission, fault.ScopeObject, "give the address of the primary: this server, or this query, only reads"
	case "3D000":
		v.class, v.scope, v.next = fault.Missing, fault.ScopeSystem, "correct the name of the database in the address"
	case "42P01", "42703", "3F000":
		v.class, v.scope, v.next = fault.Missing, fault.ScopeObject, "correct `table`, `query` or the names of columns"
	case "57014":
		v.class, v.scope, v.next = fault.Transient, fault.ScopeObject, "raise timeout, or add an index on the time of the change and the id"
	default:
		v.class, v.scope = stateClass(e.Code)
	}
	return v
}

// stateClass tells what the first two letters of a SQLSTATE mean.
func stateClass(code string) (fault.Class, fault.Scope) {
	switch code[:min(2, len(code))] {
	case "22", "23", "44", "P0":
		return fault.Invalid, fault.ScopeRow
	case "42":
		return fault.Invalid, fault.ScopeObject
	case "08", "53", "54", "57", "58", "0A":
		return fault.Transient, fault.ScopeSystem
	default:
		return fault.Unclassified, fault.ScopeObject
	}
}
