package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	blockRE = regexp.MustCompile("(?s)```diff\n--- a/(\\S+)\n\\+\\+\\+ b/\\S+\n(.*?)```")
	hunkRE  = regexp.MustCompile(`(?m)^@@ .* @@\n`)
)

// TestAfternoon follows docs/write-a-connector.md to the letter: it begins a
// connector, makes every change that the page shows, and runs its tests.
func TestAfternoon(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and tests another module")
	}
	page, err := os.ReadFile("../../docs/write-a-connector.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := module(t)
	t.Chdir(dir)
	if _, code, err := tandem(t, "connectors", "new", "larkspur", "--title", "Larkspur CRM", "--dir", "connectors/larkspur"); code != exitOK {
		t.Fatal(err)
	}
	blocks := blockRE.FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 10 || len(blocks) != strings.Count(string(page), "```diff") {
		t.Fatalf("the page shows %d changes that can be read", len(blocks))
	}
	for _, b := range blocks {
		patch(t, filepath.FromSlash(b[1]), b[2])
	}
	golang(t, dir, "vet", "./connectors/...")
	golang(t, dir, "test", "./connectors/...")
}

// patch makes the changes of a unified diff, each where its lines stand.
func patch(t *testing.T, file, diff string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for _, hunk := range hunkRE.Split(diff, -1)[1:] {
		var before, after strings.Builder
		for line := range strings.Lines(hunk) {
			kind, rest := " ", "\n"
			if len(line) > 1 {
				kind, rest = line[:1], line[1:]
			}
			if kind != "+" {
				before.WriteString(rest)
			}
			if kind != "-" {
				after.WriteString(rest)
			}
		}
		if n := strings.Count(text, before.String()); n != 1 {
			t.Fatalf("%s: the lines that docs/write-a-connector.md changes are there %d times:\n%s", file, n, before.String())
		}
		text = strings.Replace(text, before.String(), after.String(), 1)
	}
	write(t, file, text)
}
