package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/mapping"
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
			_ = problems.Render(c.ErrOrStderr())
			return reportTests(c.OutOrStdout(), g, results)
		},
	}
}

func reportTests(w io.Writer, g *globals, results []mapping.TestResult) error {
	failed := 0
	for _, r := range results {
		mark := "ok    "
		if !r.Passed {
			mark = "FAILED"
			failed++
		}
		if !g.json {
			fmt.Fprintf(w, "%s  %s\n", mark, r.Name)
		}
	}
	if g.json {
		if err := printJSON(w, map[string]any{"passed": len(results) - failed, "failed": failed, "tests": results}); err != nil {
			return err
		}
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %d tests failed", failed, len(results))
	case len(results) == 0 && !g.json:
		fmt.Fprintln(w, "There are no tests: add a tests: list beside the fields: of an object.")
	}
	return nil
}

// runMapTests compiles every map against the vendor's standard schema, or
// offline where the object is not in it, and runs its tests.
func runMapTests(g *globals) ([]mapping.TestResult, diag.List, error) {
	cfg, problems := app.Read(g.options(nil))
	if problems.HasErrors() {
		return nil, nil, &app.ConfigError{Problems: problems}
	}
	var results []mapping.TestResult
	var notes diag.List
	for _, k := range cfg.Enabled() {
		for _, o := range k.Objects {
			m, err := compileForTest(cfg, k, o)
			if err != nil {
				return nil, nil, err
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

func compileForTest(cfg *config.Config, k *config.Connector, o config.Object) (*mapping.Map, error) {
	canonical, _ := cfg.Canonical().Object(string(o.As))
	opts := mapping.Options{Degrade: true, Picklists: o.Picklists}
	m, problems := mapping.CompileOffline(o.Fields, canonical, opts)
	if f, _ := all.Registry().Lookup(k.Type); f.Catalog != nil {
		if remote, ok := f.Catalog().Object(o.Name); ok {
			if strict, against := mapping.Compile(o.Fields, canonical, remote, opts); !against.HasErrors() {
				return strict, nil
			}
		}
	}
	if problems.HasErrors() {
		return nil, &app.ConfigError{Problems: problems}
	}
	return m, nil
}
