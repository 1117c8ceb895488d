package rest_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/connectors/rest"
)

var update = flag.Bool("update", false, "write the reference of manifests into docs/manifests.md")

// TestReference holds docs/manifests.md to the struct that manifests are
// decoded into.
func TestReference(t *testing.T) {
	const file, begin, end = "../../docs/manifests.md", "<!-- reference:begin -->\n", "<!-- reference:end -->"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, remainder, ok := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(remainder, end)
	if !ok || !closed {
		t.Fatal("the page has no place for the reference")
	}
	want := before + begin + reference(t) + end + after
	if want == string(page) {
		return
	}
	if !*update {
		t.Fatal("docs/manifests.md is out of date; run: go test ./connectors/rest -run TestReference -update")
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// reference is a table for each part of a manifest. What a part shares with
// another stands with that one.
func reference(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, part := range []struct {
		title      string
		own, other any
	}{
		{"The manifest", rest.Manifest{}, nil},
		{"`objects.<name>`: an object", rest.Object{}, nil},
		{"`fields.<name>`: a field", rest.Field{}, nil},
		{"A call: what `check`, `list`, `changes`, `gone`, `get`, `lookup`, `create`, `update` and `archive` share", rest.Request{}, nil},
		{"`list` and `changes`, beside the keys of a call", rest.Walk{}, rest.Request{}},
		{"`paging`", rest.Paging{}, nil},
		{"`gone`, beside the keys of `list`", rest.Tombs{}, rest.Walk{}},
		{"`get`, beside the keys of a call", rest.Find{}, rest.Request{}},
		{"`lookup`, beside the keys of `get`", rest.Lookup{}, rest.Find{}},
		{"`create`, `update` and `archive`, beside the keys of a call", rest.Write{}, rest.Request{}},
		{"`answer`", rest.Answer{}, nil},
	} {
		b.WriteString("### " + part.title + "\n\n")
		_, whole := part.own.(rest.Manifest)
		shared := map[string]bool{}
		for _, line := range rows(t, part.other) {
			shared[line] = true
		}
		for _, line := range rows(t, part.own) {
			key, _, _ := strings.Cut(strings.TrimPrefix(line, "| `"), "`")
			nested := strings.Contains(key, ".")
			if shared[line] && strings.HasPrefix(line, "| `") || nested && (!whole || strings.HasPrefix(key, "objects.") || strings.HasPrefix(key, "check.")) && key != "check.account" && key != "check.name" {
				continue
			}
			b.WriteString(line + "\n")
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String()) + "\n\n"
}

// rows are the lines of the table of a struct's keys.
func rows(t *testing.T, of any) []string {
	t.Helper()
	if of == nil {
		return nil
	}
	var table bytes.Buffer
	if err := config.ConnectorReference(&table, of); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(table.String()), "\n")
}
