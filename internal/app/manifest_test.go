package app_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

const byManifest = `
type: rest
role: marketing
manifest: %s
base_url: %s
auth: {token: "${env:HUB_KEY}"}
objects:
  contacts:
    as: person
    match: [email]
    fields:
      - {field: email, remote: email}
`

func TestAChangedManifestIsAnotherRevision(t *testing.T) {
	tw := newTwins(t)
	manifest, err := os.ReadFile("../../docs/manifests/hubspot.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "crm.yaml")
	tw.files["connectors/hubspot.yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, byManifest, file, tw.hub.URL())}
	revision := func(before, after string) string {
		t.Helper()
		content := bytes.Replace(manifest, []byte(before), []byte(after), 1)
		if bytes.Equal(content, manifest) != (before == after) {
			t.Fatalf("the manifest does not contain %q", before)
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		a := tw.open()
		defer tw.close(a)
		return a.Engine.Revision
	}
	was := revision("", "")
	if revision("title: HubSpot", "title: Ours # renamed") != was {
		t.Error("another title is another revision")
	}
	if revision("page_size: 100", "page_size: 50") == was {
		t.Error("a manifest that reads otherwise is the same revision")
	}
}
