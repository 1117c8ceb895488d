package acme_test

import (
	"testing"
	"time"

	"github.com/tandem-sync/tandem/cmd/tandem/scaffold/acme/acmesim"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

func start(t *testing.T) (connectors.Connector, *acmesim.Twin) {
	t.Helper()
	twin := acmesim.New(acmesim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	return build(t, connectors.Env{Name: "acme", HTTP: httpapi.Env{AllowLoopback: true}}, twin.URL(), twin.Key()), twin
}

// TestTakenAddress: each trap of the vendor has a test like this one.
func TestTakenAddress(t *testing.T) {
	c, _ := start(t)
	w, ok := c.(connectors.Writer)
	if !ok {
		t.Fatal("the connector does not write")
	}
	var first string
	for i, op := range []string{"op-1", "op-2"} {
		results, err := w.Write(t.Context(), []connectors.Op{{
			ID: op, Kind: connectors.Create, Object: "contacts", Fields: record.Fields{"email": record.Of(record.Email, "Ann@example.com")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = results[0].RemoteID
			continue
		}
		if f := fault.As(results[0].Err); !fault.Is(results[0].Err, fault.Conflict) || f.Existing != first {
			t.Errorf("a second contact with the address: %v", results[0].Err)
		}
	}
}

// TestEconomy: 1,000 changed rows cost ten pages.
func TestEconomy(t *testing.T) {
	c, twin := start(t)
	twin.Seed(1000, time.Now())
	q := connectors.Query{Object: "contacts", Fields: []string{"email", "city"}}
	rows := 0
	for more := true; more; {
		p, err := c.Changes(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		rows, q.Cursor, more = rows+len(p.Records), p.Next, p.More
	}
	if calls := twin.Counts().Total; rows != 1000 || calls > 12 {
		t.Errorf("%d rows in %d calls", rows, calls)
	}
}
