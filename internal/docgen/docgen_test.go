package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckNamesWhatDrifted writes every page to an empty folder, spoils one,
// removes one and adds one, and expects each to be named with the command that
// mends it.
func TestCheckNamesWhatDrifted(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program, out := filepath.Join(t.TempDir(), "docgen"), t.TempDir()
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	docgen := func(args ...string) (string, error) {
		text, err := exec.CommandContext(t.Context(), program, append(args, "-root", "../..", "-out", out)...).CombinedOutput()
		return string(text), err
	}
	if text, err := docgen(); err != nil {
		t.Fatalf("writing: %v\n%s", err, text)
	}
	if text, err := docgen("-check"); err != nil {
		t.Fatalf("checking what was just written: %v\n%s", err, text)
	}
	spoiled, missing, extra := filepath.Join(out, "configuration.md"), filepath.Join(out, "schema", "tandem.json"), filepath.Join(out, "connectors", "old.md")
	for _, path := range []string{spoiled, extra} {
		if err := os.WriteFile(path, []byte("edited by hand\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	text, err := docgen("-check")
	if err == nil {
		t.Fatal("the check passes on pages that are out of date")
	}
	for _, want := range []string{spoiled + " is out of date", missing + " is missing", extra + " is generated no more", "run: go run ./internal/docgen"} {
		if !strings.Contains(text, want) {
			t.Errorf("the check does not say %q:\n%s", want, text)
		}
	}
}
