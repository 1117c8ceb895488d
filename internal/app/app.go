// Package app builds everything from a configuration and runs it. It joins the
// ledger and the checkpoint store into what connectors need, and is the only
// place that knows all parts.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/checkpoint"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

const ledgerFile = "ledger.db"

// Options say what to build from.
type Options struct {
	Dir      string // of the configuration
	Files    fs.FS  // its files; nil reads Dir
	StateDir string // instead of the configured one
	Registry connectors.Registry
	Secrets  secret.Resolver
	Log      zerolog.Logger
	Metrics  prometheus.Registerer // nil for none
	Now      func() time.Time      // nil for the clock
	Observe  func(syncer.Event)
	Version  string // shown on the status page
}

func (o Options) withDefaults() Options {
	if o.Files == nil {
		o.Files = os.DirFS(o.Dir)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// App is a configuration brought to life.
type App struct {
	Config     *config.Config
	Engine     *syncer.Engine
	Ledger     ledger.Ledger
	Checkpoint checkpoint.Store // nil without Redis
	Systems    map[string]connectors.Connector
	// Gaps are what the accounts lack, by connector.
	Gaps    map[string][]Gap
	options Options
	lease   int64 // epoch of the writer's lease; 0 without a shared store
	owner   *App  // whose log-ins a scratch ledger works with; nil for its own
	heldBy  error // who has the ledger, where it is only read
	closers []func() error
}

// Gap is a tier, permission or feature that an account lacks.
type Gap struct{ Object, What, Effect string }

// Read reads the configuration's files and checks what they say. It needs no
// secret and no network.
func Read(o Options) (*config.Config, diag.List) {
	o = o.withDefaults()
	return config.Load(o.Dir, o.Files, types(o.Registry)...)
}

// Load reads the configuration, fetches its secrets and checks all that can be
// checked without a network.
func Load(o Options) (*config.Config, diag.List) {
	o = o.withDefaults()
	cfg, problems := Read(o)
	if problems.HasErrors() {
		return cfg, problems
	}
	problems.Add(cfg.Resolve(o.Secrets)...)
	_, more := buildConnectors(cfg, o, httpapi.Env{Log: o.Log, Budget: httpapi.NewLocalBudget(), Tokens: httpapi.NewMemoryTokens(), AllowLoopback: cfg.Network.Loopback}, nil)
	problems.Add(more...)
	return cfg, problems
}

func types(r connectors.Registry) []config.Type {
	out := make([]config.Type, len(r))
	for i, f := range r {
		out[i] = config.Type{Name: f.Type, Role: f.Role, Own: f.Config}
	}
	return out
}

// ConfigError carries the diagnostics of a configuration that cannot be used.
type ConfigError struct{ Problems diag.List }

// Error counts them; Render shows them.
func (e *ConfigError) Error() string { return e.Problems.Error() }

// EnvironmentError is a failure of what surrounds Tandem: a system that cannot
// be reached, a disk, a store.
type EnvironmentError struct{ Err error }

// Error is the cause's.
func (e *EnvironmentError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *EnvironmentError) Unwrap() error { return e.Err }

// Open opens the ledger and the stores, connects the systems, checks whose
// accounts they are and compiles the field maps against what they hold.
func Open(ctx context.Context, o Options) (*App, error) {
	o = o.withDefaults()
	a, err := OpenLedger(ctx, o, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := a.connect(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// OpenLedger opens the configuration and the ledger only: for commands that
// work without a network.
func OpenLedger(ctx context.Context, o Options, lo sqlite.Options) (*App, error) {
	o = o.withDefaults()
	cfg, problems := Read(o)
	if problems.HasErrors() {
		return nil, &ConfigError{Problems: problems}
	}
	if o.StateDir != "" {
		cfg.State.Dir = o.StateDir
	}
	a := &App{Config: cfg, options: o, Gaps: map[string][]Gap{}}
	if err := os.MkdirAll(cfg.State.Dir, 0o700); err != nil {
		return nil, &EnvironmentError{fmt.Errorf("the state folder cannot be made: %w; set state.dir in tandem.yaml to a folder that can be written", err)}
	}
	l, err := sqlite.Open(ctx, filepath.Join(cfg.State.Dir, ledgerFile), lo)
	if err != nil {
		return nil, &EnvironmentError{err}
	}
	a.Ledger = l
	a.closers = append(a.closers, l.Close)
	return a, nil
}

func (a *App) connect(ctx context.Context) error {
	if problems := a.Config.Resolve(a.options.Secrets); problems.HasErrors() {
		return &ConfigError{Problems: problems}
	}
	env, err := a.environment(ctx)
	if err != nil {
		return err
	}
	systems, problems := buildConnectors(a.Config, a.options, env, inbox{a.Ledger})
	if problems.HasErrors() {
		return &ConfigError{Problems: problems}
	}
	a.Systems = systems
	engine, problems, err := a.buildEngine(ctx)
	if err != nil {
		return &EnvironmentError{err}
	}
	if problems.HasErrors() {
		return &ConfigError{Problems: problems}
	}
	a.Engine = engine
	if a.owner == nil { // who only looks takes no lease and tells no position
		if err := a.shareCheckpoint(ctx); err != nil {
			return &EnvironmentError{err}
		}
	}
	if err := engine.Pin(ctx); err != nil {
		return &EnvironmentError{err}
	}
	if err := a.allRivals(ctx, false); err != nil {
		return &EnvironmentError{err}
	}
	return nil
}

// Close closes what Open opened, last first.
func (a *App) Close() error {
	var errs []error
	a.closeSystems()
	for _, closer := range slices.Backward(a.closers) {
		errs = append(errs, closer())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// closeSystems lets go of the connections to the systems.
func (a *App) closeSystems() {
	for _, conn := range a.Systems {
		if c, ok := conn.(interface{ Close() }); ok {
			c.Close()
		}
	}
}

func buildConnectors(cfg *config.Config, o Options, env httpapi.Env, box connectors.Inbox) (map[string]connectors.Connector, diag.List) {
	var problems diag.List
	out := map[string]connectors.Connector{}
	for _, k := range cfg.Enabled() {
		f, ok := o.Registry.Lookup(k.Type)
		if !ok {
			continue // config.Load has said so
		}
		conn, more := f.New(connectors.Env{Name: k.Name, Secrets: o.Secrets, HTTP: env, Inbox: box}, k.Rest)
		problems.Add(more...)
		if conn != nil && !more.HasErrors() {
			out[k.Name] = conn
		}
	}
	return out, problems
}
