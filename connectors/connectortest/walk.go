package connectortest

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors"
)

// Drain reads pages to the end and returns the records by id, the last version
// of each, with the cursor after them. An issue fails the test.
func Drain(t *testing.T, c connectors.Connector, q connectors.Query) (records map[string]connectors.Record, next connectors.Cursor) {
	t.Helper()
	records = map[string]connectors.Record{}
	for range mostPages {
		p, err := c.Changes(t.Context(), q)
		if err != nil {
			t.Fatalf("Changes of %s: %v", q.Object, err)
		}
		for _, i := range p.Issues {
			t.Errorf("issue: %v", i.Err)
		}
		for _, r := range p.Records {
			records[r.ID] = r
		}
		if q.Cursor = p.Next; !p.More {
			return records, p.Next
		}
	}
	t.Fatal("no end of pages")
	return nil, ""
}

// Write sends ops and returns their results by op. An error fails the test.
func Write(t *testing.T, w connectors.Writer, ops ...connectors.Op) map[string]connectors.Result {
	t.Helper()
	results, err := w.Write(t.Context(), ops)
	if err != nil {
		t.Fatal(err)
	}
	byOp := map[string]connectors.Result{}
	for _, r := range results {
		byOp[r.Op] = r
	}
	return byOp
}
