package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record/schema"
)

func newTest(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "test",
		Short: "Run the tests: blocks of the field maps, without a network",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			results, problems, err := runMapTests(g)
			if err != nil {
				return err
			}
			failed := 0
			for _, r := range results {
				if !r.Passed {
					failed++
				}
			}
			if g.json {
				if err := printJSON(c.OutOrStdout(), map[string]any{"passed": len(results) - failed, "failed": failed, "tests": results}); err != nil {
					return err
				}
			} else {
				for _, r := range results {
					fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", map[bool]string{true: "ok    ", false: "FAILED"}[r.Passed], r.Name)
				}
			}
			_ = problems.Render(c.ErrOrStderr())
			switch {
			case failed > 0:
				return fmt.Errorf("%d of %d tests failed", failed, len(results))
			case len(results) == 0 && !g.json:
				fmt.Fprintln(c.OutOrStdout(), "There are no tests: add a tests: list beside the fields: of an object.")
			}
			return nil
		},
	}
}

// runMapTests compiles every map against the vendor's standard schema, or
// offline where the object is not in it, and runs its tests.
func runMapTests(g *globals) ([]mapping.TestResult, diag.List, error) {
	cfg, problems := app.Load(g.options(nil))
	if problems.HasErrors() {
		return nil, nil, &app.ConfigError{Problems: problems}
	}
	var results []mapping.TestResult
	var notes diag.List
	for _, k := range cfg.Enabled() {
		f, _ := all.Registry().Lookup(k.Type)
		var standard schema.Catalog
		if f.Catalog != nil {
			standard = f.Catalog()
		}
		for _, o := range k.Objects {
			canonical, _ := cfg.Canonical().Object(string(o.As))
			opts := mapping.Options{Degrade: true, Picklists: o.Picklists}
			m, more := mapping.CompileOffline(o.Fields, canonical, opts)
			if remote, ok := standard.Object(o.Name); ok {
				if strict, against := mapping.Compile(o.Fields, canonical, remote, opts); !against.HasErrors() {
					m, more = strict, against
				}
			}
			if more.HasErrors() {
				return nil, nil, &app.ConfigError{Problems: more}
			}
			if o.Tests.IsZero() {
				continue
			}
			got, differences := mapping.RunTests(o.Tests, m)
			for i := range got {
				got[i].Name = k.Name + " " + o.Name + ": " + got[i].Name
			}
			results = append(results, got...)
			notes.Add(differences...)
		}
	}
	return results, notes, nil
}
