package rest_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors"
)

const defined = `
title: Rows
base_url: https://rows.example.com
limits: [{name: all, calls: 10, per: 1s}]
check: {path: /me}
objects:
  rows:
    as: person
    list: {path: /rows, query: {page: "{page}", limit: "{size}"}, records: rows, paging: {by: page}}
    id: id
    fields:
      name: {kind: string}
`

func TestADefinitionIsWhatAManifestSaysOfTheData(t *testing.T) {
	definition := func(before, after string) string {
		if !strings.Contains(defined, before) {
			t.Fatalf("the manifest does not contain %q", before)
		}
		manifest := strings.ReplaceAll(strings.Replace(defined, before, after, 1), "\n", "\n  ")
		c, ok := build(t, connectors.Env{Name: "rows"}, "manifest:"+manifest+"\nauth: {token: '${env:KEY}'}\n", "KEY", "0123456789").(connectors.Definer)
		if !ok {
			t.Fatal("the connector defines nothing")
		}
		return c.Definition()
	}
	was := definition("", "")
	for _, tt := range []struct{ before, after string }{
		{"title: Rows", "title: Others # renamed"},
		{"rows.example.com", "rows.example.org"},
		{"calls: 10", "calls: 20"},
		{"    id: id\n    fields:\n      name: {kind: string}", "    fields: {name: {kind: string}}\n    id: id"},
	} {
		if definition(tt.before, tt.after) != was {
			t.Errorf("%q instead of %q is another definition", tt.after, tt.before)
		}
	}
	for _, tt := range []struct{ before, after string }{
		{"id: id", "id: uid"},
		{"path: /rows", "path: /others"},
		{"kind: string", "kind: email"},
	} {
		if definition(tt.before, tt.after) == was {
			t.Errorf("%q instead of %q is the same definition", tt.after, tt.before)
		}
	}
}
