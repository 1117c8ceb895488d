package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

func newCheck(g *globals) *cobra.Command {
	offline, create := false, false
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the configuration, the credentials and what the accounts allow; change nothing",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if offline {
				return checkOffline(c, g)
			}
			a, err := app.OpenToLook(c.Context(), g.options(nil))
			if create && isMissingKey(err) {
				if err = createFields(c, g); err == nil {
					a, err = app.OpenToLook(c.Context(), g.options(nil))
				}
			}
			if err != nil {
				return err
			}
			report, err := a.Check(c.Context())
			if err != nil {
				return errors.Join(err, a.Close())
			}
			if g.json {
				return errors.Join(printJSON(c.OutOrStdout(), report), a.Close())
			}
			printCheck(c.OutOrStdout(), report)
			return a.Close()
		},
	}
	c.Flags().BoolVar(&offline, "offline", false, "check what can be checked without a network")
	c.Flags().BoolVar(&create, "create-fields", false, "make the fields that Tandem needs where the API allows it")
	return c
}

func checkOffline(c *cobra.Command, g *globals) error {
	_, problems := app.Load(g.options(nil))
	if problems.HasErrors() {
		return &app.ConfigError{Problems: problems}
	}
	_ = problems.Render(c.ErrOrStderr())
	fmt.Fprintln(c.OutOrStdout(), "The configuration is well formed. Without --offline its maps are checked against the accounts too.")
	return nil
}

func printCheck(w io.Writer, r app.CheckReport) {
	for _, name := range slices.Sorted(maps.Keys(r.Systems)) {
		s := r.Systems[name]
		kind := ""
		if s.Sandbox {
			kind = ", a sandbox"
		}
		fmt.Fprintf(w, "%s: account %s%s; credentials work\n", name, s.Account, kind)
		for _, gap := range s.Gaps {
			fmt.Fprintf(w, "  missing: %s %s -> %s\n", gap.Object, gap.What, gap.Effect)
		}
		for _, f := range s.Written {
			fmt.Fprintf(w, "  also written by others: %s\n", f)
		}
	}
	fmt.Fprintf(w, "Configuration revision %s: ", r.Revision)
	if r.Applied {
		fmt.Fprintln(w, "applied.")
	} else {
		fmt.Fprintln(w, "not applied yet. Next: `tandem plan --out plan.jsonl`.")
	}
}

// isMissingKey tells whether the configuration cannot be used, which may be
// because the fields that Tandem needs are not there yet.
func isMissingKey(err error) bool {
	_, ok := errors.AsType[*app.ConfigError](err)
	return ok
}

// createFields makes the key fields that the configuration names and the
// accounts lack.
func createFields(c *cobra.Command, g *globals) error {
	systems, closeAll, err := app.Connectors(c.Context(), g.options(nil))
	if err != nil {
		return err
	}
	defer func() { _ = closeAll() }()
	for _, s := range systems {
		catalog, err := s.Conn.Describe(c.Context())
		if err != nil {
			return &app.EnvironmentError{Err: err}
		}
		for _, o := range s.Config.Objects {
			remote, ok := catalog.Object(o.Name)
			if _, has := remote.Field(o.Key); !ok || o.Key == "" || has {
				continue
			}
			if err := createKey(c, s, o); err != nil {
				return err
			}
		}
	}
	return nil
}

func createKey(c *cobra.Command, s app.System, o config.Object) error {
	creator, ok := s.Conn.(connectors.FieldCreator)
	if !ok {
		return usagef("%s cannot make fields by its API: make a unique text field %q on %s by hand", s.Config.Name, o.Key, o.Name)
	}
	field := schema.Field{Name: o.Key, Label: "Tandem id", Kind: record.String, Unique: true, MaxLen: 64, Custom: true}
	if err := creator.CreateFields(c.Context(), o.Name, []schema.Field{field}); err != nil {
		return &app.EnvironmentError{Err: err}
	}
	fmt.Fprintf(c.OutOrStdout(), "made %s %s.%s\n", s.Config.Name, o.Name, o.Key)
	return nil
}
