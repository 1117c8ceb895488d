package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/csv"
	"github.com/tandem-sync/tandem/connectors/mautic"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/internal/app"
)

// mauticConfig is a Mautic whose people end up in a file, once an hour.
func mauticConfig(t *testing.T, twin *mauticsim.Twin) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tandem.yaml": fmt.Sprintf("state: {dir: %q}\nfirst_run: apply\nnetwork: {loopback: true}\nschedule: {default: '@hourly', jitter: 0s}\n", filepath.Join(dir, "state")),
		"connectors/mautic.yaml": `
type: mautic
base_url: ` + twin.URL() + `
auth: {username: ` + twin.Credentials().User + `, password: "${env:PASSWORD}"}
webhook_secret: "${env:FORM_SECRET}"
objects:
  contacts:
    as: person
    match: [email]
    fields: [{field: email, remote: email, direction: in}, {field: city, remote: city, direction: in}]
`,
		"connectors/list.yaml": fmt.Sprintf(`
type: csv
folder: %q
files:
  people: {file: people.csv, id: [id], write: true, columns: [{name: id}, {name: email, kind: email}, {name: city}]}
objects:
  people:
    as: person
    create: true
    match: [email]
    fields: [{field: email, remote: email}, {field: city, remote: city}]
`, dir),
		"people.csv": "id,email,city\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestANoticeStartsACycle(t *testing.T) {
	twin := mauticsim.New(mauticsim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	id := twin.Create("contacts", map[string]string{"email": "ada@x.example", "city": "Graz"})
	dir := mauticConfig(t, twin)
	_, url := formDaemon(t, app.Options{
		Dir: dir, Registry: connectors.Registry{csv.Factory(), mautic.Factory()}, Log: zerolog.Nop(), Metrics: prometheus.NewRegistry(),
		Secrets: secret.Resolver{Env: func(name string) (string, bool) {
			return map[string]string{"FORM_SECRET": formSecret, "PASSWORD": twin.Credentials().Password}[name], true
		}},
	})
	body := `{"mautic.lead_post_save_update":[{"contact":{"id":` + id + `}}]}`
	mac := hmac.New(sha256.New, []byte(formSecret))
	_, _ = mac.Write([]byte(body))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if code, err := submit(t, url+"/hooks/mautic", "1", body, "Webhook-Signature", "AAAA"); err != nil || code != http.StatusUnauthorized {
		t.Errorf("a forged notice is answered %d: %v", code, err)
	}
	if code, err := submit(t, url+"/hooks/mautic", "1", body, "Webhook-Signature", signature); err != nil || code != http.StatusOK {
		t.Fatalf("a notice is answered %d: %v", code, err)
	}
	deadline := time.After(30 * time.Second)
	for {
		raw, err := os.ReadFile(filepath.Join(dir, "people.csv"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "ada@x.example,Graz") {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			t.Fatal("no cycle ran")
		}
	}
}
