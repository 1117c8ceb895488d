package connectortest_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/record/schema"
)

func TestApplicable(t *testing.T) {
	readOnly := schema.Catalog{Objects: []schema.Object{{Name: "rows", Caps: schema.Capabilities{Changes: true, PageSize: 10}}}}
	seen := map[string]string{}
	for _, c := range connectortest.Applicable(readOnly, connectortest.File) {
		if c.Name == "" || c.About == "" {
			t.Errorf("case %q says nothing about itself", c.Name)
		}
		if _, twice := seen[c.Name]; twice {
			t.Errorf("case %q is there twice", c.Name)
		}
		seen[c.Name] = c.NotApplicable
	}
	want := map[string]string{
		"first read":        "",
		"cursor ties":       "",
		"foreign next link": "needs the transport http",
		"update":            "needs the capability update",
		"late-visible rows": "changes are visible at once",
	}
	for name, reason := range want {
		if got, ok := seen[name]; !ok || got != reason {
			t.Errorf("%s: %q, want %q", name, got, reason)
		}
	}
	if len(seen) < 50 {
		t.Errorf("the suite has %d cases", len(seen))
	}
}
