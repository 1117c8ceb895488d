package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/web"
)

func newStatus(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Tell how the installation stands: who has the ledger, how far each system is read, what is held back",
		Long:  "Reads the ledger only; it needs no network and works while the daemon runs.",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o, err := app.Look(c.Context(), g.options(nil))
			if err != nil {
				return err
			}
			if g.json {
				return printJSON(c.OutOrStdout(), o)
			}
			printOverview(c.OutOrStdout(), o)
			return nil
		},
	}
}

func printOverview(w io.Writer, o app.Overview) {
	if o.Running {
		fmt.Fprintln(w, "Running:", cmp.Or(o.Owner, "a process that did not say which"))
	} else {
		fmt.Fprintln(w, "Not running: nobody has the ledger.")
	}
	if o.Revision == "" {
		fmt.Fprintln(w, "Nothing was applied yet. Next: `tandem plan --out plan.jsonl`.")
	} else {
		fmt.Fprintln(w, "Applied configuration revision:", o.Revision)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nSYSTEM\tOBJECT\tLINKED\tREAD UP TO\tLAST SUCCESS")
	for _, s := range o.Systems {
		for _, object := range s.Objects {
			fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\n", s.Name, object.Name, object.Links, day(object.CompleteTo), day(s.LastSuccess))
		}
	}
	_ = t.Flush()
	if len(o.Holds) > 0 {
		fmt.Fprintln(w, "\nHeld back (`tandem quarantine` shows each and what to do):")
	}
	for _, h := range o.Holds {
		fmt.Fprintf(w, "  %d %s\n", h.N, h.Reason)
	}
	printRuns(w, o.Runs)
}

func printRuns(w io.Writer, runs []web.Run) {
	if len(runs) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nRUN\tKIND\tENDED\tOUTCOME\tCREATED\tUPDATED\tNOT WRITTEN")
	for _, r := range runs {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%d\n", r.ID, r.Kind, day(r.Ended), r.Outcome, r.Created, r.Updated, r.Unsent)
	}
	_ = t.Flush()
}
