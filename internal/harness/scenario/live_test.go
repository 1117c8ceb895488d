package scenario_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/internal/harness/scenario"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
)

// TestLive tells the story with the servers that the environment names, as in
// TANDEM_E2E_MAUTIC_URL. One whose other side is not named meets a twin.
func TestLive(t *testing.T) {
	t.Parallel()
	marketing, sales := map[string]func(*testing.T) scenario.End{}, map[string]func(*testing.T) scenario.Seller{}
	if v, ok := named(t, "MAUTIC", "URL", "USER", "PASSWORD"); ok {
		marketing["mautic"] = func(*testing.T) scenario.End { return ends.Mautic(v[0], v[1], v[2]) }
	}
	if v, ok := named(t, "LISTMONK", "URL", "USER", "PASSWORD"); ok {
		marketing["listmonk"] = func(*testing.T) scenario.End { return ends.Listmonk(v[0], v[1], v[2], nil) }
	}
	if v, ok := named(t, "TRYTON", "URL", "DB", "USER", "PASSWORD"); ok {
		u := ends.TrytonLogin{User: v[2], Password: v[3]}
		sales["tryton"] = func(*testing.T) scenario.Seller { return ends.Tryton(v[0], v[1], u, u) }
	}
	if v, ok := named(t, "ODOO", "URL", "DB", "USER", "KEY"); ok {
		sales["odoo"] = func(*testing.T) scenario.Seller { return ends.Odoo(v[0], v[1], v[2], v[3]) }
	}
	if v, ok := named(t, "ESPOCRM", "URL", "KEY"); ok {
		sales["espocrm"] = func(*testing.T) scenario.Seller { return ends.EspoCRM(v[0], v[1], v[1]) }
	}
	if v, ok := named(t, "SUITECRM", "URL", "CLIENT_ID", "CLIENT_SECRET"); ok {
		c := ends.SuiteClient{ID: v[1], Secret: v[2]}
		sales["suitecrm"] = func(*testing.T) scenario.Seller { return ends.SuiteCRM(v[0], c, c) }
	}
	if len(marketing)+len(sales) == 0 {
		t.Skip("no server is named by TANDEM_E2E_<SYSTEM>_URL: see docs/testing.md")
	}
	if len(marketing) == 0 {
		marketing["hubspot's twin"] = hubSpot
	}
	if len(sales) == 0 {
		sales["salesforce's twin"] = salesforce
	}
	everyPair(t, marketing, sales, func(pair *scenario.Pair) { pair.Patience = 5 * time.Minute })
}

// named reads what the environment tells of a system; all of it, or it is a mistake.
func named(t *testing.T, system string, what ...string) ([]string, bool) {
	t.Helper()
	var values, missing []string
	for _, w := range what {
		name := "TANDEM_E2E_" + system + "_" + w
		v := os.Getenv(name) //nolint:forbidigo // tests are told so by their caller
		if values = append(values, v); v == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 && len(missing) < len(what) {
		t.Fatalf("%s is named but for %s", system, strings.Join(missing, ", "))
	}
	return values, len(missing) == 0
}
