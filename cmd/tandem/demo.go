package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/internal/sandbox"
	"github.com/tandem-sync/tandem/syncer"
)

// demoOptions are the flags of the demo.
type demoOptions struct {
	once   bool
	people int
	seed   uint64
	data   string
}

func newDemo(g *globals) *cobra.Command {
	o := demoOptions{}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch the whole loop between two simulated systems; needs no account",
		Long: "Starts a simulated HubSpot and a simulated Salesforce on this machine, plans and applies the first sync,\n" +
			"then lets both sides change and keeps them in step until Ctrl-C. --once stops when both sides agree.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.people < 1 {
				return usagef("--people must be one or more")
			}
			d := &demo{globals: g, options: o, out: c.OutOrStdout(), err: c.ErrOrStderr()}
			if g.json {
				d.out = io.Discard
			}
			return d.run(c.Context(), c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&o.once, "once", false, "stop when both sides agree")
	c.Flags().IntVar(&o.people, "people", 2000, "how many people to make up")
	c.Flags().Uint64Var(&o.seed, "seed", 1, "the same seed makes the same people")
	c.Flags().StringVar(&o.data, "data", "", "folder of CSV exports to use instead of made-up people")
	return c
}

type demo struct {
	globals *globals
	options demoOptions
	out     io.Writer // for people; nothing with --json
	err     io.Writer
	box     *sandbox.Sandbox
	floors  map[string]*demoSystem
	second  int
}

// demoSystem is what the demo did to one system, against what it had to do.
type demoSystem struct {
	Reads      int64 `json:"reads"`
	Writes     int64 `json:"writes"`
	ReadFloor  int64 `json:"read_floor"`
	WriteFloor int64 `json:"write_floor"`
	Created    int   `json:"created"`
	Updated    int   `json:"updated"`
}

func (d *demo) run(ctx context.Context, jsonOut io.Writer) (err error) {
	fmt.Fprintln(d.out, "Tandem demo: a simulated HubSpot and a simulated Salesforce, on this machine only.")
	dir, cleanup, err := d.stateDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cleanup()) }()
	fmt.Fprintf(d.out, "  state and configuration: %s\n", dir)
	d.box, err = sandbox.Start(ctx, sandbox.Options{People: d.options.people, Seed: d.options.seed, Data: d.options.data})
	if err != nil {
		return usagef("the simulated systems cannot start: %w", err)
	}
	defer func() { err = errors.Join(err, d.box.Close()) }()
	log := d.globals.logger(zerolog.WarnLevel)
	for _, bad := range d.box.Quarantine() {
		log.Debug().Str("file", bad.File).Int("row", bad.Row).Str("reason", bad.Reason).Msg("left out")
	}
	if n := len(d.box.Quarantine()); n > 0 {
		fmt.Fprintf(d.out, "  %d damaged values of the files were left out, each with its reason\n", n)
	}
	if err := d.box.WriteConfig(dir); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "  HubSpot %s, Salesforce %s\n\n", d.box.HubSpot().URL(), d.box.Salesforce().URL())
	if err := d.first(ctx, dir, jsonOut); err != nil || d.options.once {
		return err
	}
	return d.live(ctx, dir)
}

// stateDir returns the folder of the demo: the one asked for, which stays, or
// a temporary one.
func (d *demo) stateDir() (string, func() error, error) {
	keep := func() error { return nil }
	if d.globals.state != "" {
		dir, err := filepath.Abs(d.globals.state)
		if err == nil {
			err = os.MkdirAll(dir, 0o700)
		}
		if err == nil {
			err = os.RemoveAll(filepath.Join(dir, "state")) // of an earlier demo: its systems are gone
		}
		if err != nil {
			return "", keep, &app.EnvironmentError{Err: fmt.Errorf("the folder of --state: %w", err)}
		}
		return dir, keep, nil
	}
	dir, err := os.MkdirTemp("", "tandem-demo-")
	if err != nil {
		return "", keep, &app.EnvironmentError{Err: fmt.Errorf("a temporary folder cannot be made: %w; name one with --state", err)}
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// first makes both sides agree: plan, apply, and cycles until nothing is left.
func (d *demo) first(ctx context.Context, dir string, jsonOut io.Writer) (err error) {
	p := newProgress(d.err)
	defer p.done()
	a, err := app.Open(ctx, d.appOptions(dir, p.observe))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	d.box.HubSpot().ResetCounts()
	d.box.Salesforce().Calls.Reset()
	d.floors = map[string]*demoSystem{"hubspot": {}, "salesforce": {}}
	fmt.Fprintln(d.out, "First sync: reading both sides, then the plan.")
	for n := 1; ; n++ {
		out, err := d.cycle(ctx, a, p, n)
		if err != nil {
			return err
		}
		if n == 2 {
			d.second = out.Pushed.Applied
		}
		if n > 1 && out.Pushed.Applied == 0 && len(out.Failures) == 0 {
			break
		}
		if n == 10 {
			return errors.New("both sides still differ after ten cycles: `tandem quarantine` and `tandem plan` with --config and --state of this demo tell why")
		}
	}
	return d.agree(ctx, a, jsonOut)
}

func (d *demo) appOptions(dir string, observe func(syncer.Event)) app.Options {
	g := *d.globals
	g.dir, g.state = dir, ""
	return g.options(observe)
}

// cycle runs one cycle; the first shows its plan before it is carried out.
func (d *demo) cycle(ctx context.Context, a *app.App, p *progress, n int) (syncer.Outcome, error) {
	c, err := a.Engine.NewCycle(ctx, "sync", syncer.Scope{})
	if err != nil {
		return syncer.Outcome{}, err
	}
	if n == 1 {
		c.OnPlan = func(made *syncer.Plan) {
			p.done()
			printTotals(d.out, made)
			fmt.Fprintf(d.out, "\nApplying %d rows ...\n", made.Rows)
			p.again()
		}
	}
	out, err := c.Run(ctx)
	p.done()
	if err != nil {
		return out, err
	}
	d.count(a, out)
	for _, f := range out.Failures {
		fmt.Fprintf(d.err, "  failed: %s\n", f)
	}
	s := out.Pushed
	fmt.Fprintf(d.out, "  cycle %d: created %d, updated %d, refused %d, to be tried again %d, in %s\n",
		n, s.Created, s.Updated, s.Rejected, s.Pending+s.Unknown+s.Stale, out.Took.Round(time.Millisecond))
	return out, nil
}

// count adds up the calls that a cycle could not have done without.
func (d *demo) count(a *app.App, out syncer.Outcome) {
	for system, calls := range a.Engine.Floor(out) {
		f := d.floors[system]
		f.ReadFloor += calls.Reads
		f.WriteFloor += calls.Writes
		f.Created += calls.Created
		f.Updated += calls.Updated
	}
}
