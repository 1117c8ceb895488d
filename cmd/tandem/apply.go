package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// pilot are the flags that make an apply a pilot.
type pilot struct {
	limit  int
	fields []string
	people string
}

func newApply(g *globals) *cobra.Command {
	var p pilot
	c := &cobra.Command{
		Use:   "apply FILE",
		Short: "Carry out a plan that was made with `tandem plan --out FILE`",
		Long: "Everything is read and planned again, and of that only what the plan approved is written.\n" +
			"Rows whose records changed since are left out and planned again. --limit, --only and --people make it a pilot,\n" +
			"after which the schedule still waits for the whole plan.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("name the plan file: tandem apply plan.jsonl (make one with `tandem plan --out plan.jsonl`)")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			approved, err := syncer.OpenPlan(args[0])
			if err != nil {
				return &usageError{err}
			}
			out, err := applyPlan(c, g, approved, p)
			if err != nil {
				return err
			}
			if err := printOutcome(c.OutOrStdout(), g, out); err != nil {
				return err
			}
			if out.Pushed.LeftOut > 0 && !g.json {
				fmt.Fprintf(c.OutOrStdout(), "  left out: %d rows that changed since the plan or are outside of it; the next plan shows them\n", out.Pushed.LeftOut)
			}
			return nil
		},
	}
	c.Flags().IntVar(&p.limit, "limit", 0, "write at most this many rows")
	c.Flags().StringSliceVar(&p.fields, "only", nil, "write only these fields of existing records")
	c.Flags().StringVar(&p.people, "people", "", "write only the people in this file, one e-mail address or entity id a line")
	return c
}

func applyPlan(c *cobra.Command, g *globals, approved *syncer.Plan, flags pilot) (out syncer.Outcome, err error) {
	p := newProgress(c.ErrOrStderr())
	defer p.done()
	a, err := app.Open(c.Context(), g.options(p.observe))
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	narrow, err := flags.narrow(c.Context(), a.Ledger)
	if err != nil {
		return out, err
	}
	cycle, err := a.Engine.NewCycle(c.Context(), "apply", syncer.Scope{})
	if err != nil {
		return out, err
	}
	return cycle.Apply(c.Context(), approved, narrow)
}

func (p pilot) narrow(ctx context.Context, l ledger.Ledger) (syncer.Narrow, error) {
	n := syncer.Narrow{Limit: p.limit}
	if len(p.fields) > 0 {
		n.Fields = map[string]bool{}
	}
	for _, f := range p.fields {
		n.Fields[f] = true
	}
	if p.people == "" {
		return n, nil
	}
	var err error
	n.People, err = readPeople(ctx, l, p.people)
	return n, err
}

// readPeople finds the people of a pilot. One that is not known is an error:
// a pilot of nobody would look like success.
func readPeople(ctx context.Context, l ledger.Ledger, path string) (map[record.EntityID]bool, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the user's own
	if err != nil {
		return nil, usagef("the file of --people cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	out := map[record.EntityID]bool{}
	line := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		line++
		text := strings.TrimSpace(s.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		ids, err := findPerson(ctx, l, text)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, usagef("%s:%d: nobody in the ledger is known by that; correct the line or remove it", path, line)
		}
		for _, id := range ids {
			out[id] = true
		}
	}
	return out, nil
}

// findPerson finds people by entity id or e-mail address.
func findPerson(ctx context.Context, l ledger.Ledger, text string) ([]record.EntityID, error) {
	var ids []record.EntityID
	err := l.View(ctx, func(r ledger.Reader) error {
		found, err := r.Entities.Get(ctx, record.EntityID(text))
		if err != nil {
			return err
		}
		for _, e := range found {
			if e.Into != "" {
				ids = append(ids, e.Into)
				continue
			}
			ids = append(ids, e.ID)
		}
		if len(ids) > 0 {
			return nil
		}
		if normal, ok := mapping.Normal(record.Email, text); ok {
			key := ledger.MatchKey{Kind: "email", Value: normal}
			byKey, err := r.Entities.ByKeys(ctx, record.Person, key)
			ids = byKey[key]
			return err
		}
		return nil
	})
	return ids, err
}
