package servers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// toolsModule requires the servers that are Go programs, so that the program
// itself does not.
const toolsModule = "internal/tools/servers"

// buildTool builds a package that the tools' module can see. The compiler's
// cache makes it once.
func buildTool(t *testing.T, pkg string) string {
	t.Helper()
	find := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/tandem-sync/tandem")
	root, err := find.Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	binary := filepath.Join(t.TempDir(), "server")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, pkg)
	build.Dir = filepath.Join(strings.TrimSpace(string(root)), filepath.FromSlash(toolsModule))
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build %s in %s: %v\n%s", pkg, toolsModule, err, out)
	}
	return binary
}
