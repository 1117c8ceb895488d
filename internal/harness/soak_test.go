package harness_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/internal/sandbox"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
)

// soakFor is how long faults go on: a few seconds, or as long as TANDEM_SOAK
// says.
func soakFor(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("TANDEM_SOAK") //nolint:forbidigo // the one way to tell a test how long to go on
	if text == "" {
		return 8 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("TANDEM_SOAK: %v", err)
	}
	return d
}

// faults are what befalls a call, in the vendors' own words.
func faults() []simkit.Fault {
	return []simkit.Fault{
		{Kind: "rate_limit", Times: 1},
		{Kind: "server_error", Times: 2, Value: "503"},
		{Kind: "reply_lost", Times: 1, Method: "POST"},
		{Kind: "reply_lost", Times: 1, Method: "PATCH"},
		{Kind: "reset", Times: 1},
		{Kind: "truncate", Times: 1},
		{Kind: "html", Times: 1},
		{Kind: "row_lock", Times: 1},
		{Kind: "whole_batch_error", Times: 1},
		{Kind: "row_error", Times: 1},
	}
}

// TestSoak lets both sides change while calls fail at random, then lets the
// faults end and checks what must hold: both sides agree, nothing is open, no
// address is on two records of a system, and a further cycle writes nothing.
func TestSoak(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	box, err := sandbox.Start(t.Context(), sandbox.Options{People: 200, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close() //nolint:errcheck // the test is over
	dir := t.TempDir()
	if err := box.WriteConfig(dir); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Options{
		Dir: dir, StateDir: filepath.Join(dir, "state"), Registry: all.Registry(), Log: zerolog.Nop(),
		Secrets: secret.Resolver{Env: os.LookupEnv, ReadFile: os.ReadFile}, //nolint:forbidigo // the test stands where the command does
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close() //nolint:errcheck // the test is over
	ctx, stop := context.WithTimeout(t.Context(), soakFor(t))
	changing := make(chan struct{})
	go func() {
		defer close(changing)
		box.Live(ctx, 50*time.Millisecond, func(string) {})
	}()
	cycles := 0
	for ; ctx.Err() == nil; cycles++ {
		f := faults()[random.IntN(len(faults()))]
		if random.IntN(2) == 0 {
			box.HubSpot().AddFault(f)
		} else {
			box.Salesforce().Faults.Add(f)
		}
		cycle(t, a)
	}
	stop()
	<-changing
	t.Logf("%d cycles under faults", cycles)
	box.HubSpot().ResetFaults()
	box.Salesforce().Faults.Reset()
	settle(t, a)
	agree(t, a, box)
}

// cycle runs one cycle; under faults it may fail, but must not break.
func cycle(t *testing.T, a *app.App) syncer.Outcome {
	t.Helper()
	c, err := a.Engine.NewCycle(t.Context(), "sync", syncer.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Run(t.Context())
	if err != nil {
		t.Logf("cycle: %v", err)
	}
	return out
}

// settle runs cycles until one writes nothing. Rows that wait for their next
// try are let go at once: waiting hours is the schedule's business.
func settle(t *testing.T, a *app.App) {
	t.Helper()
	a.Engine.Now = func() time.Time { return time.Now().Add(24 * time.Hour) }
	for range 12 {
		out := cycle(t, a)
		if out.Pushed.Applied == 0 && len(out.Failures) == 0 {
			return
		}
	}
	t.Fatal("still writing after twelve quiet cycles")
}

func agree(t *testing.T, a *app.App, box *sandbox.Sandbox) {
	t.Helper()
	tallies, err := a.Engine.Summarise(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	people := tallies[record.Person]
	t.Logf("people %+v", people)
	if people.Pending > 0 || people.N != people.InSync+people.Excluded+people.Dead+people.Quarantined {
		t.Errorf("people are left over: %+v", people)
	}
	addresses := map[string]int{}
	box.HubSpot().Each("contacts", func(o hubspotsim.Object) bool {
		addresses["hubspot "+o.Properties["email"]]++
		return true
	})
	for _, object := range []string{"Lead", "Contact"} {
		box.Salesforce().Each(object, func(r salesforcesim.Record) bool {
			if r.Fields["Email"] != "" {
				addresses["salesforce "+r.Fields["Email"]]++
			}
			return true
		})
	}
	for address, n := range addresses {
		if n > 1 {
			t.Errorf("%s is on %d records", address, n)
		}
	}
	if out := cycle(t, a); out.Pushed.Applied != 0 {
		t.Errorf("a cycle with nothing to do wrote %d rows", out.Pushed.Applied)
	}
}
