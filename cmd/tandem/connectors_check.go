package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/rest"
	"github.com/tandem-sync/tandem/internal/app"
)

// trial is what a manifest is tried with where no connector's file names it.
type trial struct {
	base       string
	auth, vars []string
	loopback   bool
}

func newConnectorsCheck(g *globals) *cobra.Command {
	o := &trial{}
	c := &cobra.Command{
		Use:   "check MANIFEST",
		Short: "Try a manifest for type: rest against the live system, reading only",
		Long: "MANIFEST is a connector's file of type rest, or a manifest itself with --base-url and --auth. Nothing is written:\n" +
			"the account is asked for, and of each object the first two pages, what changed since a moment, and one record\n" +
			"by its id and keys. Calls that a manifest makes by POST to read are made. No content of any record is shown.",
		Example: "  tandem connectors check connectors/crm.yaml\n" +
			"  tandem connectors check manifests/crm.yaml --base-url https://crm.example.com --auth 'token=${env:CRM_TOKEN}'",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("say which manifest: %s FILE", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return checkManifest(c, g, o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.base, "base-url", "", "address of the API")
	f.StringArrayVar(&o.auth, "auth", nil, "a credential, as in 'token=${env:NAME}' or username=ann; may be repeated")
	f.StringArrayVar(&o.vars, "var", nil, "a value that the manifest asks for, as in region=eu; may be repeated")
	f.BoolVar(&o.loopback, "loopback", false, "allow a system on this machine, by plain HTTP too")
	return c
}

func checkManifest(c *cobra.Command, g *globals, o *trial, file string) error {
	node, err := o.node(file)
	if err != nil {
		return err
	}
	env := connectors.Env{
		Name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), Secrets: resolver(),
		HTTP: httpapi.Env{Log: g.logger(zerolog.Disabled), AllowLoopback: o.loopback || loopbackAllowed(file), Version: versionText()},
	}
	found, problems := rest.Probe(c.Context(), env, node)
	if problems.HasErrors() {
		return &app.ConfigError{Problems: problems}
	}
	_ = problems.Render(c.ErrOrStderr())
	if g.json {
		err = printJSON(c.OutOrStdout(), found)
	} else {
		err = printFindings(c.OutOrStdout(), found)
	}
	return errors.Join(err, verdict(c.Context(), file, found))
}

// node is what the file says as a connector's own keys.
func (o *trial) node(file string) (diag.Node, error) {
	content, err := os.ReadFile(file) //nolint:gosec // the user says which file
	if err != nil {
		return diag.Node{}, usagef("the file %s cannot be read: name a manifest, or a connector's file of type rest", file)
	}
	node, problems := diag.Parse(file, content)
	if problems.HasErrors() {
		return node, &app.ConfigError{Problems: problems}
	}
	if typ, ok := node.Get("type"); ok || node.Has("manifest") {
		if ok && typ.String() != "rest" {
			return node, usagef("%s is of type %s; only manifests of type rest are tried like this. `tandem check` checks the others", file, typ)
		}
		if o.base != "" || len(o.auth) > 0 || len(o.vars) > 0 {
			return node, usagef("%s is a connector's file, which says itself where the system is and how to sign: --base-url, --auth and --var are for a manifest alone", file)
		}
		common := []string{"type", "role", "enabled", "schedule", "read_only", "objects"}
		return node.Without(common...), nil
	}
	return o.compose(file)
}

// compose writes the connector's keys that the flags stand for.
func (o *trial) compose(file string) (diag.Node, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return diag.Node{}, err
	}
	keys := map[string]any{"manifest": path}
	if o.base != "" {
		keys["base_url"] = o.base
	}
	for name, pairs := range map[string][]string{"auth": o.auth, "vars": o.vars} {
		values := map[string]string{}
		for _, pair := range pairs {
			key, value, ok := strings.Cut(pair, "=")
			if !ok {
				return diag.Node{}, usagef("--%s takes NAME=VALUE", strings.TrimSuffix(name, "s"))
			}
			values[key] = value
		}
		if len(values) > 0 {
			keys[name] = values
		}
	}
	text, err := json.Marshal(keys) // JSON is YAML
	if err != nil {
		return diag.Node{}, err
	}
	node, problems := diag.Parse("the command line", text)
	if problems.HasErrors() {
		return node, &app.ConfigError{Problems: problems}
	}
	return node, nil
}

// loopbackAllowed tells whether the configuration that a connector's file is
// part of allows systems on this machine.
func loopbackAllowed(file string) bool {
	dir := filepath.Dir(filepath.Dir(file))
	if _, err := os.Stat(filepath.Join(dir, "tandem.yaml")); err != nil || filepath.Base(filepath.Dir(file)) != "connectors" {
		return false
	}
	cfg, _ := config.Load(dir, os.DirFS(dir))
	return cfg.Network.Loopback
}

func printFindings(w io.Writer, found []rest.Finding) error {
	object := ""
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range found {
		if f.Object != object {
			object = f.Object
			fmt.Fprintf(t, "%s\n", object)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", f.Verdict, f.What, f.Detail)
	}
	return t.Flush()
}

// verdict is the error that findings amount to; nil if none is bad.
func verdict(ctx context.Context, file string, found []rest.Finding) error {
	bad := 0
	var environment error
	for _, f := range found {
		if f.Verdict == rest.Bad {
			bad++
		}
		switch fault.ClassOf(f.Err) {
		case fault.Auth, fault.Transient, fault.RateLimited, fault.Exhausted, fault.Forbidden, fault.Canceled:
			environment = f.Err
		default:
		}
	}
	switch {
	case ctx.Err() != nil:
		return &app.EnvironmentError{Err: ctx.Err()}
	case environment != nil:
		return &app.EnvironmentError{Err: environment}
	case bad > 0:
		return fmt.Errorf("%s: %d of %d trials failed; correct what they name and try again", file, bad, len(found))
	}
	return nil
}
