// Package servers installs, starts and stops real servers for tests: databases
// and the systems that Tandem connects. They run on this machine, bound to
// 127.0.0.1, each on a port and a database of its own, and are gone when the
// test ends.
//
// They take minutes to install and root to do so, so every function skips its
// test unless TANDEM_E2E=servers is set:
//
//	TANDEM_E2E=servers go test ./internal/harness/... ./connectors/...
//
// Once that is set, a server that cannot be had is a failure that says what to
// install, not a skip.
package servers

import (
	"os"
	"testing"
)

// need skips the test unless real servers are wanted.
func need(t *testing.T) {
	t.Helper()
	if os.Getenv("TANDEM_E2E") != "servers" { //nolint:forbidigo // tests are told so by their caller
		t.Skip("needs real servers; run it with TANDEM_E2E=servers")
	}
}
