package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/audit"
)

func newAudit(g *globals) *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use:   "audit",
		Short: "Tell how well the systems agree today; read-only credentials are enough",
		Long:  "Reads every system into a scratch ledger, which is removed afterwards, and writes nothing to any of them.\n--out DIR writes one CSV per finding.",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			p := newProgress(c.ErrOrStderr())
			defer p.done()
			a, err := app.OpenEmpty(c.Context(), g.options(p.observe))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			plan, err := makePlan(c.Context(), a, "")
			p.done()
			if err != nil {
				return err
			}
			report, err := audit.Run(c.Context(), a.Engine)
			if err != nil {
				return err
			}
			if out != "" {
				if err := writeFindings(out, report); err != nil {
					return err
				}
			}
			if g.json {
				return printJSON(c.OutOrStdout(), auditJSON(report, plan))
			}
			printAudit(c.OutOrStdout(), report, plan, out)
			return nil
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "folder for one CSV per finding")
	return c
}

func auditJSON(r audit.Report, p *syncer.Plan) any {
	findings := map[string]int{}
	for _, f := range r.Findings {
		findings[f.Name] = f.N
	}
	return map[string]any{"people": r.People, "findings": findings, "first_sync": p.Totals}
}

func printAudit(w io.Writer, r audit.Report, p *syncer.Plan, out string) {
	fmt.Fprintf(w, "%d people were read.\n\n", r.People)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		example := ""
		if len(f.Rows) > 0 {
			example = "e.g. " + f.Rows[0][1]
		}
		fmt.Fprintf(t, "%d\t%s\t%s\n", f.N, f.Title, example)
	}
	_ = t.Flush()
	if p.Rows > 0 {
		fmt.Fprintf(w, "\nA first sync would write %d rows:\n", p.Rows)
		printTotals(w, p)
	}
	if out != "" {
		fmt.Fprintf(w, "\nEvery row is in the CSV files in %s.\n", out)
	} else {
		fmt.Fprintln(w, "\nNext: `tandem audit --out DIR` for every row as CSV, `tandem plan` for the first sync field by field.")
	}
}

func writeFindings(dir string, r audit.Report) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return usagef("the folder of --out cannot be made: %w", err)
	}
	for _, f := range r.Findings {
		file, err := os.OpenFile(filepath.Join(dir, f.Name+".csv"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the folder is the user's own
		if err != nil {
			return err
		}
		w := csv.NewWriter(file)
		err = errors.Join(w.Write(audit.Columns()), w.WriteAll(f.Rows), file.Close())
		if err != nil {
			return fmt.Errorf("writing %s.csv: %w", f.Name, err)
		}
	}
	return nil
}
