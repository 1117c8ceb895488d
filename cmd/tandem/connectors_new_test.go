package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// module makes a Go module of someone else's, which uses this source tree, and
// returns its folder.
func module(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, change := range map[string]func(string) string{
		"go.sum": func(s string) string { return s },
		"go.mod": func(s string) string {
			return strings.Replace(s, "module "+ourModule, "module example.com/ours", 1) +
				"\nrequire " + ourModule + " v0.0.0\n\nreplace " + ourModule + " => " + root + "\n"
		},
	} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), change(string(content)))
	}
	return dir
}

// golang runs the go command in a folder, without a network.
func golang(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestConnectorsNew makes a connector in another module; it compiles and passes
// its tests, the suite among them.
func TestConnectorsNew(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and tests another module")
	}
	dir := module(t)
	t.Chdir(dir)
	out, code, err := tandem(t, "connectors", "new", "larkspur", "--title", "Larkspur CRM")
	if code != exitOK || !strings.Contains(out, "go test ./larkspur/...") || !strings.Contains(out, "go get "+ourModule) {
		t.Fatalf("exit %d, %v:\n%s", code, err, out)
	}
	err = filepath.WalkDir("larkspur", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(strings.ToLower(path+string(content)), "acme") {
			t.Errorf("%s still speaks of acme", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	golang(t, dir, "vet", "./...")
	golang(t, dir, "test", "./...")
	if _, code, err = tandem(t, "connectors", "new", "larkspur"); code != exitConfig || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a second time: exit %d, %v", code, err)
	}
}
