package connectortest_test

import (
	"flag"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
)

// mutant is a fault built into a sound connector, which a case must find.
type mutant struct {
	finds, says string // the case, a part of what it says
	sabotage    func(*broken)
}

// unproved lists the cases against which no fault is held yet.
func unproved() []string {
	return []string{"rate limit secondly"} // HubSpot limits searches by the second, which the case does not make
}

func TestTheSuitePassesASoundConnector(t *testing.T) {
	for name, found := range connectortest.Findings(t, setup(func(*broken) {})) {
		t.Errorf("%s: %q", name, found)
	}
}

func TestEachFaultIsFoundByItsCase(t *testing.T) {
	missing := map[string]bool{}
	for _, c := range connectortest.Applicable(setup(nil).Catalog, connectortest.HTTP) {
		missing[c.Name] = c.NotApplicable == "" && !slices.Contains(unproved(), c.Name)
	}
	for _, m := range slices.Concat(metaMutants(), readMutants(), pageMutants(), failMutants(), writeMutants(), lossMutants()) {
		delete(missing, m.finds)
		t.Run(strings.ReplaceAll(m.finds, " ", "_"), func(t *testing.T) {
			found := connectortest.Findings(t, setup(m.sabotage), m.finds)[m.finds]
			if !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, m.says) }) {
				t.Errorf("it finds %q, not %q", found, m.says)
			}
		})
	}
	for name, yes := range missing {
		if yes {
			t.Errorf("no fault shows what the case %q is for", name)
		}
	}
}

// A goroutine left behind ends the test binary, so it is left behind in
// another one.
func TestAGoroutineLeftBehindIsFound(t *testing.T) {
	const itself = "^TestAGoroutineLeftBehindIsFound$/^check_names_the_account$"
	if flag.Lookup("test.run").Value.String() == itself {
		connectortest.Run(t, leaky())
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+itself)
	out, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "blocked goroutines remain") {
		t.Errorf("it ends with %v:\n%s", err, out)
	}
}

func leaky() connectortest.Setup {
	return setup(func(b *broken) {
		b.check = func(a connectors.Account, err error) (connectors.Account, error) {
			go func() { <-make(chan int) }()
			return a, err
		}
	})
}
