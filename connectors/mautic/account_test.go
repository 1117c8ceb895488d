package mautic_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/mautic"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Refusals of the way to log in say what to do.
func TestRefusedLogin(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	if a, err := connect(t, twin).Check(t.Context()); err != nil || a.ID == "" || a.Actor != "" {
		t.Errorf("the account is %+v: %v", a, err)
	}
	cred := twin.Credentials()
	cred.Password = "refused-0123456789"
	c := build(t, connectors.Env{Name: "mautic", HTTP: httpapi.Env{AllowLoopback: true}}, twin.URL(), cred, basic)
	if _, err := c.Check(t.Context()); !fault.Is(err, fault.Auth) || fault.As(err).Next == "" {
		t.Errorf("a wrong password is %v", err)
	}
	for kind, next := range map[string]string{"api_disabled": "turn the API on", "basic_disabled": "turn HTTP basic auth on"} {
		twin.AddFault(simkit.Fault{Kind: kind, Times: 1})
		if _, err := connect(t, twin).Check(t.Context()); !fault.Is(err, fault.Auth) || !strings.HasPrefix(fault.As(err).Next, next) {
			t.Errorf("%s is %v", kind, err)
		}
	}
}

func TestBadConfiguration(t *testing.T) {
	for text, want := range map[string]string{
		"auth: {username: a}":               "both username and password",
		"auth: {client_id: a}":              "both client_id and client_secret",
		"auth: {}":                          "give username and password",
		"auth: {username: a, client_id: b}": "not both",
		"auth: {username: a, password: '${env:P}'}\noverlap: 0s":    "overlap must be 1s",
		"auth: {username: a, password: '${env:P}'}\npage_size: 999": "page_size must be",
		"auth: {username: a, password: '${env:P}'}\npage: 9":        "page",
	} {
		node, _ := diag.Parse("mautic.yaml", []byte("base_url: https://mautic.example.com\n"+text+"\n"))
		_, problems := mautic.Factory().New(connectors.Env{}, node)
		if !problems.HasErrors() || !strings.Contains(problems.Err().Error(), want) {
			t.Errorf("%s: %v, want %q", text, problems, want)
		}
	}
}

func TestCreateFields(t *testing.T) {
	c := connect(t, start(t, mauticsim.Options{}))
	fields := []schema.Field{
		{Name: "tandem_id", Label: "Tandem id", Kind: record.String, Unique: true}, {Name: "vip", Kind: record.Boolean}, {Name: "city", Kind: record.String},
	}
	for range 2 { // what is there is left alone
		if err := c.CreateFields(t.Context(), "contacts", fields); err != nil {
			t.Fatal(err)
		}
	}
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o, _ := cat.Object("contacts")
	vip, _ := o.Field("vip")
	if !slices.Contains(o.Keys, "tandem_id") || vip.Kind != record.Boolean {
		t.Errorf("the keys are %v, the field is %+v", o.Keys, vip)
	}
	if err := c.CreateFields(t.Context(), "emails", fields); !fault.Is(err, fault.Unsupported) {
		t.Errorf("fields of e-mails: %v", err)
	}
}
