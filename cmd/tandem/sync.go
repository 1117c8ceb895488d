package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
)

func newSync(g *globals) *cobra.Command {
	once := false
	c := &cobra.Command{
		Use:   "sync",
		Short: "Run one cycle: pull, reconcile, plan, push",
		Long:  "Run one cycle under the breakers. A configuration that was never applied is planned and waits for `tandem apply`.",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !once {
				return usagef("say --once for one cycle now; `tandem run` runs them on a schedule")
			}
			p := newProgress(c.ErrOrStderr())
			defer p.done()
			a, err := app.Open(c.Context(), g.options(p.observe))
			if err != nil {
				return err
			}
			cycle, err := a.Engine.NewCycle(c.Context(), "sync", syncer.Scope{})
			if err != nil {
				return errors.Join(err, a.Close())
			}
			out, err := cycle.Run(c.Context())
			p.done()
			if perr := printOutcome(c.OutOrStdout(), g, out); err == nil {
				err = perr
			}
			return errors.Join(err, a.Close(), outcomeError(out))
		},
	}
	c.Flags().BoolVar(&once, "once", false, "one cycle now")
	return c
}

// outcomeError makes what went wrong in a cycle an exit code.
func outcomeError(out syncer.Outcome) error {
	switch out.Outcome {
	case "failed":
		return fmt.Errorf("the cycle ended with %d failures", len(out.Failures))
	case "tripped":
		return fmt.Errorf("%d breakers tripped and nothing was written: `tandem plan --out FILE`, look at it, then `tandem apply FILE`", len(out.Tripped))
	default:
		return nil
	}
}

func printOutcome(w io.Writer, g *globals, out syncer.Outcome) error {
	if g.json {
		return printJSON(w, out)
	}
	rows := 0
	for _, p := range out.Pulled {
		rows += p.Rows
	}
	s := out.Pushed
	fmt.Fprintf(w, "Run %s: %s in %s\n", out.Run, out.Outcome, out.Took.Round(time.Millisecond))
	fmt.Fprintf(w, "  read %d rows; created %d, updated %d, archived %d\n", rows, s.Created, s.Updated, s.Archived)
	if n := s.Rejected + s.Pending + s.Unknown + s.Stale; n > 0 {
		fmt.Fprintf(w, "  not written: %d refused, %d to be tried again, %d unconfirmed, %d changed there meanwhile (`tandem quarantine` lists them)\n",
			s.Rejected, s.Pending, s.Unknown, s.Stale)
	}
	if s.Rewritten > 0 {
		fmt.Fprintf(w, "  rewritten by target: %d rows were stored otherwise than sent\n", s.Rewritten)
	}
	for _, f := range out.Failures {
		fmt.Fprintf(w, "  failed: %s\n", f)
	}
	for _, t := range out.Tripped {
		fmt.Fprintf(w, "  breaker tripped: %s\n", t)
	}
	if out.Outcome == "waiting" && out.Plan != nil {
		fmt.Fprintf(w, "  this configuration was never applied: %d rows are planned and wait\n  next: `tandem plan --out plan.jsonl`, look at it, then `tandem apply plan.jsonl`\n", out.Plan.Rows)
	}
	return nil
}
