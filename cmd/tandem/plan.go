package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/plan"
)

func newPlan(g *globals) *cobra.Command {
	var out string
	show, diff := 10, false
	c := &cobra.Command{
		Use:   "plan [--config-diff OLD NEW]",
		Short: "Show what would be written, field by field, and write nothing",
		Long: "Reads every system and shows each write with the value before and after and the rule that won.\n" +
			"--config-diff compares two configuration folders instead, as Markdown for a pull request, without a network.",
		Args: func(c *cobra.Command, args []string) error {
			if diff && len(args) != 2 {
				return usagef("name both folders: tandem plan --config-diff OLD NEW")
			}
			if !diff {
				return noArgs(c, args)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if diff {
				return configDiff(c.OutOrStdout(), g, args[0], args[1])
			}
			return showPlan(c, g, out, show)
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "write the plan to this file, for `tandem apply`")
	c.Flags().IntVar(&show, "show", show, "rows to show; 0 for none, -1 for all")
	c.Flags().BoolVar(&diff, "config-diff", false, "compare two configuration folders as Markdown")
	return c
}

func showPlan(c *cobra.Command, g *globals, out string, show int) (err error) {
	p := newProgress(c.ErrOrStderr())
	defer p.done()
	a, err := app.OpenToLook(c.Context(), g.options(p.observe))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	made, err := makePlan(c.Context(), a, out)
	p.done()
	if err != nil {
		return err
	}
	if out == "" {
		defer func() { _ = os.Remove(made.Path) }()
	}
	if g.json {
		return printJSON(c.OutOrStdout(), planJSON(made, out))
	}
	return printPlan(c.OutOrStdout(), made, show, out)
}

func makePlan(ctx context.Context, a *app.App, out string) (*syncer.Plan, error) {
	cycle, err := a.Engine.NewCycle(ctx, "plan", syncer.Scope{})
	if err != nil {
		return nil, err
	}
	if err := cycle.Pull(ctx); err != nil {
		return nil, err
	}
	for _, p := range cycle.Pulled() {
		if p.Err != nil {
			return nil, fmt.Errorf("a plan needs every object read, but %s %s failed: %w", p.System, p.Object, p.Err)
		}
	}
	made, err := cycle.Plan(ctx, syncer.PlanScope{All: true, Out: out})
	return made, errors.Join(err, cycle.End(ctx, syncer.Outcome{Run: cycle.ID, Outcome: "planned"}))
}

func planJSON(p *syncer.Plan, out string) any {
	return struct {
		syncer.PlanHeader
		syncer.PlanEnd
		File string `json:"file,omitempty"`
	}{p.PlanHeader, p.PlanEnd, out}
}

func printPlan(w io.Writer, p *syncer.Plan, show int, out string) error {
	if p.Rows == 0 && len(p.Held) == 0 {
		fmt.Fprintln(w, "Nothing to write: every system holds what it should.")
		return nil
	}
	if err := printRows(w, p, show); err != nil {
		return err
	}
	printTotals(w, p)
	printHeld(w, p)
	if p.Rows == 0 {
		return nil
	}
	if len(p.Tripped) > 0 {
		fmt.Fprintln(w, "\nBreakers that this plan trips:")
	}
	for _, t := range p.Tripped {
		fmt.Fprintf(w, "  ! %s\n", t)
	}
	if out == "" {
		fmt.Fprintln(w, "\nNext: `tandem plan --out plan.jsonl`, then `tandem apply plan.jsonl`.")
	} else {
		fmt.Fprintf(w, "\nNext: `tandem apply %s`", out)
		if len(p.Tripped) > 0 {
			fmt.Fprint(w, ", which approves the breakers listed above with their counts")
		}
		fmt.Fprintln(w, ".")
	}
	return nil
}

// printHeld tells what is not in the plan though it should be written.
func printHeld(w io.Writer, p *syncer.Plan) {
	if len(p.Held) == 0 {
		return
	}
	fmt.Fprintln(w, "\nHeld back (`tandem quarantine` shows each and what to do):")
	for _, cause := range slices.Sorted(maps.Keys(p.Held)) {
		fmt.Fprintf(w, "  %d x %s\n", p.Held[cause], cause)
	}
}

func printTotals(w io.Writer, p *syncer.Plan) {
	if len(p.Totals) == 0 {
		fmt.Fprintln(w, "Nothing to write.")
		return
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tcreate\tupdate\tarchive\tclears\topt-outs\tAPI calls\t")
	for _, total := range p.Totals {
		fmt.Fprintf(t, "%s %s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", total.System, total.Object,
			total.Creates, total.Updates, total.Archives, total.Clears, total.OptOuts, total.Calls)
	}
	_ = t.Flush()
	for _, total := range p.Totals {
		if total.Billable > 0 {
			fmt.Fprintf(w, "! %s bills from then on: %d %s become %s\n", total.System, total.Billable, total.Object, total.Billed)
		}
	}
}

// errEnough ends a walk over the rows early.
var errEnough = errors.New("enough rows")

func printRows(w io.Writer, p *syncer.Plan, show int) error {
	if show == 0 {
		return nil
	}
	n := 0
	err := p.Each(func(r plan.Row) error {
		if n++; show > 0 && n > show {
			return errEnough
		}
		printRow(w, r)
		return nil
	})
	if errors.Is(err, errEnough) {
		fmt.Fprintf(w, "... and %d more rows (--show -1 shows all)\n", p.Rows-show)
		return nil
	}
	return err
}

func printRow(w io.Writer, r plan.Row) {
	remote := r.Remote
	if r.Kind == connectors.Create {
		remote = "(new)"
	}
	fmt.Fprintf(w, "%s %s %s %s  [%s]\n", r.Kind, r.System, r.Object, remote, r.Entity)
	for _, name := range slices.Sorted(maps.Keys(r.After)) {
		why := r.Why[name]
		from := strings.TrimSpace(why.Rule + " " + why.From)
		fmt.Fprintf(w, "    %s: %s -> %s   (%s)\n", name, display(r.Before[name]), display(r.After[name]), from)
	}
}

// display prints a value for the person who asked, on one line.
func display(v record.Value) string {
	switch v.State() {
	case record.Absent:
		return "-"
	case record.Null:
		return "(empty)"
	case record.Placeholder:
		return "placeholder " + quote(v.Text())
	case record.Present:
	}
	return quote(strings.Join(v.Members(), "; "))
}

func quote(s string) string {
	s = fmt.Sprintf("%q", s)
	if r := []rune(s); len(r) > 60 {
		s = string(r[:59]) + `…"`
	}
	return s
}
