// Command bench measures the first sync, a delta and an idle cycle between the
// simulated HubSpot and Salesforce: API calls against the least possible, wall
// time, CPU seconds and peak memory of the daemon's half alone. The twins run
// in a process of their own. Beside it stands a yardstick: a plain loop that
// only lists, maps and upserts.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/pprof"
	"time"
)

type options struct {
	people  int
	latency time.Duration
	limits  bool
	chain   bool
	serve   bool
	plain   bool
	json    bool
	profile string
}

func main() {
	var o options
	flag.IntVar(&o.people, "people", 20_000, "people in HubSpot")
	flag.DurationVar(&o.latency, "latency", 20*time.Millisecond, "least time of a call")
	flag.BoolVar(&o.limits, "limits", false, "keep to the vendors' rate limits")
	flag.BoolVar(&o.chain, "chain", false, "read the first sync in one chain")
	flag.BoolVar(&o.plain, "plain", false, "measure the yardstick instead")
	flag.BoolVar(&o.json, "json", false, "print JSON")
	flag.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of the daemon's half to this file")
	flag.BoolVar(&o.serve, "serve", false, "be the twins (used by the bench itself)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // the bench is a command, and nothing is left to clean up
	}
}

func run(ctx context.Context, o options) error {
	if o.serve {
		return serve(ctx, o)
	}
	twins, err := startTwins(ctx, o)
	if err != nil {
		return err
	}
	defer twins.stop()
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	measure := daemon
	if o.plain {
		measure = yardstick
	}
	phases, err := measure(ctx, o, twins)
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(os.Stdout).Encode(phases)
	}
	return show(os.Stdout, phases)
}

func show(w io.Writer, phases []phase) error {
	_, err := fmt.Fprintf(w, "%-10s %8s %8s %8s | %9s %9s | %9s %9s | %8s %8s\n",
		"phase", "wall s", "cpu s", "peak MB", "hub reads", "floor", "sf reads", "floor", "writes", "floor")
	for _, p := range phases {
		_, failed := fmt.Fprintf(w, "%-10s %8.2f %8.2f %8.0f | %9d %9d | %9d %9d | %8d %8d\n",
			p.Name, p.Wall, p.CPU, p.PeakMB, p.HubReads, p.HubReadFloor, p.SalesReads, p.SalesReadFloor, p.Writes, p.WriteFloor)
		err = errors.Join(err, failed)
	}
	return err
}
