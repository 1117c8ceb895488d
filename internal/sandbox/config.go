package sandbox

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed templates/*.yaml
var templates embed.FS

// settings fill the templates of the demo configuration.
type settings struct {
	Dir, HubSpotURL, SalesforceURL string
	ClientID, Username             string
	// DealPerson is the field of an opportunity that names its main person.
	DealPerson string
	SearchRate int
}

// WriteConfig writes a configuration for the twins into a folder: tandem.yaml,
// a file for each connector, and the secrets they refer to.
func (s *Sandbox) WriteConfig(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("the folder for the configuration: %w", err)
	}
	for _, d := range []string{"connectors", "secrets"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return fmt.Errorf("the folder for the configuration cannot be made: %w; name one that can be written", err)
		}
	}
	secrets := map[string]string{"hubspot.token": s.hub.Credentials().AccessToken, "salesforce.key": string(s.sales.PrivateKeyPEM)}
	for name, value := range secrets {
		if err := os.WriteFile(filepath.Join(dir, "secrets", name), []byte(value), 0o600); err != nil {
			return fmt.Errorf("a secret of the configuration cannot be written: %w", err)
		}
	}
	with := settings{
		Dir: filepath.ToSlash(dir), HubSpotURL: s.hub.URL(), SalesforceURL: s.sales.URL(),
		ClientID: s.sales.ClientID, Username: s.sales.Username, DealPerson: "ContactId",
	}
	if s.live.dealsByLead {
		with.DealPerson = "Lead__c"
	}
	if s.opt.RateLimits {
		with.SearchRate = 4
	}
	for from, to := range map[string]string{
		"tandem.yaml": "tandem.yaml", "hubspot.yaml": "connectors/hubspot.yaml", "salesforce.yaml": "connectors/salesforce.yaml",
	} {
		if err := render(from, filepath.Join(dir, filepath.FromSlash(to)), with); err != nil {
			return err
		}
	}
	return nil
}

func render(name, path string, with settings) error {
	t, err := template.New(name).Delims("[[", "]]").ParseFS(templates, "templates/"+name)
	if err != nil {
		return fmt.Errorf("the built-in %s: %w", name, err)
	}
	var text strings.Builder
	if err := t.Execute(&text, with); err != nil {
		return fmt.Errorf("the built-in %s: %w", name, err)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("%s of the configuration cannot be written: %w", name, err)
	}
	return nil
}
