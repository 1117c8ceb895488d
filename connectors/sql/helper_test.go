package sql_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/sql"
	"github.com/tandem-sync/tandem/record"
)

// pull reads to the end of a pass: one word a record, id=value, and one for each
// issue, id!field.
func pull(t *testing.T, c *sql.Connector, q *connectors.Query) string {
	t.Helper()
	var out []string
	for range 1000 {
		page, err := c.Changes(t.Context(), *q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			word := []string{r.ID}
			for _, name := range q.Fields {
				if v, ok := r.Fields[name]; ok {
					word = append(word, v.Text())
				}
			}
			out = append(out, strings.Join(word, "="))
		}
		for _, i := range page.Issues {
			if !fault.Is(i.Err, fault.Malformed) {
				t.Errorf("the issue is %v", i.Err)
			}
			out = append(out, i.Ref+"!"+i.Field)
		}
		if q.Cursor = page.Next; !page.More {
			return strings.Join(out, " ")
		}
	}
	t.Fatal("no end")
	return ""
}

func ask(fields ...string) *connectors.Query {
	return &connectors.Query{Object: "people", Fields: fields}
}

func update(id string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: "op-" + id, Kind: connectors.Update, Object: "people", RemoteID: id, Fields: fields}
}

func create(op string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Create, Object: "people", Fields: fields}
}

func text(field, value string) record.Fields { return record.Fields{field: record.OfString(value)} }

// write carries out ops and wants a result for each, in order.
func write(t *testing.T, c *sql.Connector, ops ...connectors.Op) []connectors.Result {
	t.Helper()
	results, err := c.Write(t.Context(), ops)
	if err != nil || len(results) != len(ops) {
		t.Fatalf("%d results: %v", len(results), err)
	}
	byOp := map[string]connectors.Result{}
	for _, r := range results {
		byOp[r.Op] = r
		if r.Err != nil && strings.Contains(r.Err.Error(), "canary") {
			t.Errorf("an error shows what was written: %v", r.Err)
		}
	}
	out := make([]connectors.Result, len(ops))
	for i, o := range ops {
		out[i] = byOp[o.ID]
	}
	return out
}

func applied(t *testing.T, results []connectors.Result) {
	t.Helper()
	for i, r := range results {
		if r.Status != connectors.Applied {
			t.Fatalf("row %d is %q: %v", i, r.Status, r.Err)
		}
	}
}
