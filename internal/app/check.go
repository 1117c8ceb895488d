package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

// CheckReport is what a check found.
type CheckReport struct {
	Revision string                 `json:"revision"`
	Applied  bool                   `json:"applied"`
	Systems  map[string]CheckSystem `json:"systems"`
}

// CheckSystem is what a check found in one system.
type CheckSystem struct {
	Account string `json:"account"`
	Sandbox bool   `json:"sandbox"`
	Gaps    []Gap  `json:"missing"`
	// Written names mapped fields that something else writes too: they are
	// observed only.
	Written []string `json:"written_by_others"`
}

// Check tells whose accounts the credentials open and what they lack. The maps
// have been compiled against the accounts when the app was opened.
func (a *App) Check(ctx context.Context) (CheckReport, error) {
	out := CheckReport{Revision: a.Engine.Revision, Systems: map[string]CheckSystem{}}
	var err error
	if out.Applied, err = a.Engine.Applied(ctx); err != nil {
		return out, err
	}
	if err := a.allRivals(ctx, true); err != nil {
		return out, err
	}
	for name, conn := range a.Systems {
		account, err := conn.Check(ctx)
		if err != nil {
			return out, &EnvironmentError{err}
		}
		out.Systems[name] = CheckSystem{Account: account.ID, Sandbox: account.Sandbox, Gaps: a.mappedGaps(name), Written: a.observed(name)}
	}
	return out, nil
}

// mappedGaps leaves out what is missing for objects that take no part.
func (a *App) mappedGaps(name string) []Gap {
	k, _ := a.Config.Connector(name)
	return slices.DeleteFunc(slices.Clone(a.Gaps[name]), func(g Gap) bool {
		_, mapped := k.Object(g.Object)
		return g.Object != "" && !mapped
	})
}

func (a *App) observed(name string) []string {
	var out []string
	if a.Engine == nil {
		return nil // nothing is connected
	}
	for _, s := range a.Engine.Systems {
		if s.Name != name {
			continue
		}
		for _, o := range s.Objects {
			for _, f := range o.Observe {
				out = append(out, fmt.Sprintf("%s.%s", o.Name, f))
			}
		}
	}
	return out
}

// System is a connector with its configuration, before any schema is known.
type System struct {
	Config *config.Connector
	Conn   connectors.Connector
}

// Connectors builds the connectors alone: for what must work before the maps
// compile, such as making fields and logging in. The function returned closes
// what was opened for them.
func Connectors(ctx context.Context, o Options) ([]System, func() error, error) {
	a, err := OpenLedger(ctx, o, sqlite.Options{})
	if err != nil {
		return nil, nil, err
	}
	return a.connectors(ctx)
}

func (a *App) connectors(ctx context.Context) ([]System, func() error, error) {
	if problems := a.Config.Resolve(a.options.Secrets); problems.HasErrors() {
		return nil, nil, errors.Join(&ConfigError{Problems: problems}, a.Close())
	}
	env, err := a.environment(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	built, problems := buildConnectors(a.Config, a.options, env, inbox{a.Ledger})
	if problems.HasErrors() {
		return nil, nil, errors.Join(&ConfigError{Problems: problems}, a.Close())
	}
	a.Systems = built
	var out []System
	for _, k := range a.Config.Enabled() {
		out = append(out, System{Config: k, Conn: built[k.Name]})
	}
	return out, a.Close, nil
}

// describeAll asks every system what it holds, beside whatever process has the
// ledger.
func describeAll(ctx context.Context, o Options) (systems []System, catalogs []schema.Catalog, err error) {
	a, err := openOwner(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	systems, closeAll, err := a.connectors(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	byName, err := a.describe(ctx)
	if err != nil {
		return nil, nil, &EnvironmentError{err}
	}
	for _, s := range systems {
		catalogs = append(catalogs, byName[s.Config.Name])
	}
	return systems, catalogs, nil
}
