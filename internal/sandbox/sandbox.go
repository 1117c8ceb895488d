// Package sandbox starts simulated twins of HubSpot and Salesforce that hold
// data, generated or read from CSV exports, and keep changing it. They serve
// `tandem demo` and `tandem sandbox`; no account and no network is needed.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

const (
	defaultPeople = 2000
	// salesforceDaily is the call allowance of a small Enterprise organisation.
	salesforceDaily = 100_000
)

// Options say what the twins hold and how they behave.
type Options struct {
	// People is how many people are generated; 2000 when nought.
	People int
	// Seed makes the generated data and the later changes; the same seed gives
	// the same.
	Seed uint64
	// Data is a folder of CSV exports to read in place of generated data.
	Data string
	// Empty leaves both twins without records.
	Empty bool
	// HubSpotAddr and SalesforceAddr are loopback addresses to listen at; free
	// ports when empty.
	HubSpotAddr, SalesforceAddr string
	// Latency is how long every call takes at least.
	Latency time.Duration
	// RateLimits turns the vendors' usual limits on.
	RateLimits bool
}

// Sandbox is a pair of running twins.
type Sandbox struct {
	hub        *hubspotsim.Twin
	sales      *salesforcesim.Twin
	opt        Options
	temp       string
	quarantine []Bad
	seeded     Seeded
	live       population
}

// Seeded counts what the twins were given.
type Seeded struct {
	// HubSpot and Salesforce count records by the systems' own object names.
	HubSpot, Salesforce map[string]int
	// Touches counts form submissions and e-mail events.
	Touches int
}

// Start starts both twins and fills them.
func Start(ctx context.Context, opt Options) (*Sandbox, error) {
	if opt.People == 0 {
		opt.People = defaultPeople
	}
	if opt.People < 0 {
		return nil, fmt.Errorf("%d people cannot be generated; ask for one or more", opt.People)
	}
	s := &Sandbox{opt: opt}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Sandbox) start(ctx context.Context) error {
	world, err := s.world()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.open(world.owners); err != nil {
		return err
	}
	if err := s.seed(world); err != nil {
		return fmt.Errorf("filling the twins: %w", err)
	}
	if s.temp, err = os.MkdirTemp("", "tandem-sandbox-"); err != nil {
		return fmt.Errorf("a folder for the key of the simulated Salesforce cannot be made: %w; set TMPDIR to one that can be written", err)
	}
	if err := os.WriteFile(s.keyFile(), s.sales.PrivateKeyPEM, 0o600); err != nil {
		return fmt.Errorf("the key of the simulated Salesforce cannot be written: %w", err)
	}
	if err := s.hub.Start(s.opt.HubSpotAddr); err != nil {
		return fmt.Errorf("the simulated HubSpot cannot listen: %w; choose another address, or none for a free port", err)
	}
	if err := s.sales.Start(s.opt.SalesforceAddr); err != nil {
		return fmt.Errorf("the simulated Salesforce cannot listen: %w; choose another address, or none for a free port", err)
	}
	return nil
}

// world returns what is to be seeded.
func (s *Sandbox) world() (*world, error) {
	now := time.Now().UTC().Truncate(time.Minute)
	switch {
	case s.opt.Empty:
		return &world{now: now}, nil
	case s.opt.Data != "":
		w, bad, err := readExports(s.opt.Data)
		if err != nil {
			return nil, err
		}
		s.quarantine, w.now = bad, now
		return w, nil
	default:
		return generate(s.opt.People, s.random(1), now), nil
	}
}

// random returns the source of one purpose.
func (s *Sandbox) random(purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(s.opt.Seed, purpose))
}

// open builds both twins with the fields that Tandem and the data need.
func (s *Sandbox) open(owners []owner) error {
	hub := hubspotsim.Options{Clock: simkit.NewClock(nil), Latency: s.opt.Latency}
	sales := salesforcesim.Options{Latency: s.opt.Latency, CustomFields: customFields()}
	if s.opt.RateLimits {
		hub.RateLimits, sales.DailyLimit = hubspotsim.Professional(), salesforceDaily
	}
	for _, o := range owners {
		if !o.gone {
			sales.People = append(sales.People, o.name())
		}
	}
	s.hub = hubspotsim.New(hub)
	addProperties(s.hub)
	var err error
	if s.sales, err = salesforcesim.New(sales); err != nil {
		return fmt.Errorf("building the simulated Salesforce: %w", err)
	}
	return nil
}

func (s *Sandbox) keyFile() string { return filepath.Join(s.temp, "salesforce.key") }

// HubSpot returns the simulated HubSpot portal.
func (s *Sandbox) HubSpot() *hubspotsim.Twin { return s.hub }

// Salesforce returns the simulated Salesforce organisation.
func (s *Sandbox) Salesforce() *salesforcesim.Twin { return s.sales }

// Quarantine returns the rows of the exports that were left out, and why.
func (s *Sandbox) Quarantine() []Bad { return s.quarantine }

// Seeded returns how much the twins were given.
func (s *Sandbox) Seeded() Seeded { return s.seeded }

// Close stops both twins and removes the temporary folder.
func (s *Sandbox) Close() error {
	var errs []error
	if s.hub != nil {
		errs = append(errs, s.hub.Close())
	}
	if s.sales != nil {
		errs = append(errs, s.sales.Close())
	}
	if s.temp != "" {
		errs = append(errs, os.RemoveAll(s.temp))
	}
	return errors.Join(errs...)
}
