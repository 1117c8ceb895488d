package app

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

// buildEngine describes every system and compiles the engine against that.
func (a *App) buildEngine(ctx context.Context) (*syncer.Engine, diag.List, error) {
	catalogs, err := a.describe(ctx)
	if err != nil {
		return nil, nil, err
	}
	var problems diag.List
	e := &syncer.Engine{
		Ledger: a.Ledger, Policies: policies(a.Config), Match: a.Config.Match(), Guard: guard(a.Config.Guard),
		Tuning: syncer.Tuning{Ranges: a.Config.Limits.Ranges, Lanes: a.Config.Limits.Lanes, MaxAge: a.Config.Limits.MaxAge},
		Dir:    a.Config.State.Dir, Log: a.options.Log, Now: a.options.Now, Observe: a.options.Observe,
		Pairs:      pairs(a.Config),
		ApplyFirst: a.Config.FirstRun == config.FirstApply,
	}
	var revisions []string
	for _, k := range a.Config.Enabled() {
		s := &syncer.System{Name: k.Name, Type: k.Type, Role: k.Role, Conn: a.Systems[k.Name]}
		if d, ok := s.Conn.(connectors.Definer); ok {
			revisions = append(revisions, d.Definition())
		}
		for _, g := range catalogs[k.Name].Missing {
			a.Gaps[k.Name] = append(a.Gaps[k.Name], Gap{g.Object, g.What, g.Effect})
		}
		for _, o := range k.Objects {
			object, more := buildObject(a.Config, k, o, catalogs[k.Name])
			problems.Add(more...)
			if object != nil && !more.HasErrors() {
				s.Objects = append(s.Objects, object)
				revisions = append(revisions, object.Map.Revision())
			}
		}
		e.Systems = append(e.Systems, s)
	}
	e.Revision = a.Config.Revision(revisions...)
	return e, problems, nil
}

func (a *App) describe(ctx context.Context) (map[string]schema.Catalog, error) {
	catalogs := make([]schema.Catalog, len(a.Config.Enabled()))
	group, gctx := errgroup.WithContext(ctx)
	for i, k := range a.Config.Enabled() {
		group.Go(func() error {
			c, err := a.Systems[k.Name].Describe(gctx)
			if err != nil {
				return fmt.Errorf("describing %s: %w", k.Name, err)
			}
			catalogs[i] = c
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := map[string]schema.Catalog{}
	for i, k := range a.Config.Enabled() {
		out[k.Name] = catalogs[i]
	}
	return out, nil
}

// buildObject compiles one object's map and expressions against its schema.
func buildObject(cfg *config.Config, k *config.Connector, o config.Object, catalog schema.Catalog) (*syncer.Object, diag.List) {
	remote, ok := catalog.Object(o.Name)
	if !ok {
		return nil, diag.List{o.Node.Errorf("%s has no object %q", k.Name, o.Name).WithNearest(o.Name, catalog.Names())}
	}
	canonical, _ := cfg.Canonical().Object(string(o.As))
	var problems diag.List
	out := &syncer.Object{
		Name: o.Name, As: o.As, Schema: remote, Key: o.Key, OnDelete: o.OnDelete,
		ReadOnly: o.ReadOnly || k.ReadOnly, Observe: o.Observe, Adopt: map[string]ledger.Ref{},
	}
	m, more := mapping.Compile(o.Fields, canonical, remote, mapping.Options{
		Create: o.Create.Allowed && remote.Caps.Create, Degrade: true, Picklists: o.Picklists,
	})
	problems.Add(more...)
	out.Map = m
	if !o.Filter.IsZero() {
		out.Filter, more = mapping.CompileFilter(o.Filter, remote)
		problems.Add(more...)
	}
	out.Create, more = createFilter(o, canonical)
	problems.Add(more...)
	problems.Add(keyField(o, remote)...)
	for field, to := range o.Adopt {
		if _, ok := remote.Field(field); !ok {
			n := o.Node.At("adopt")
			problems.Add(n.Errorf("%s has no field %q", o.Name, field).WithNearest(field, remote.FieldNames()))
		}
		out.Adopt[field] = ledger.Ref{System: to.Connector, Object: to.Object}
	}
	return out, problems
}

func createFilter(o config.Object, canonical schema.Object) (*mapping.Filter, diag.List) {
	if !o.Create.Allowed {
		return nil, nil
	}
	when := o.Create.When
	if when.IsZero() {
		when, _ = diag.Parse("", []byte("'true'"))
	}
	return mapping.CompileFilter(when, canonical)
}

// keyField checks the field that carries our own id.
func keyField(o config.Object, remote schema.Object) diag.List {
	if o.Key == "" {
		return nil
	}
	f, ok := remote.Field(o.Key)
	n := o.Node.At("key")
	switch {
	case !ok:
		return diag.List{n.Errorf("%s has no field %q", o.Name, o.Key).WithHint("make it there (tandem check --create-fields does where it can), as a unique text field")}
	case !f.Unique:
		return diag.List{n.Warnf("the field %q is not unique there, so a create whose reply is lost cannot be told from one that failed", o.Key)}
	}
	return nil
}

func policies(cfg *config.Config) map[record.Object]reconcile.Policies {
	out := map[record.Object]reconcile.Policies{}
	for _, as := range record.Objects() {
		p, ok := cfg.Policies[as]
		if !ok {
			continue
		}
		of := reconcile.Policies{Default: policy(p.Default), Fields: map[string]reconcile.Policy{}}
		for name, f := range p.Fields {
			of.Fields[name] = policy(f)
		}
		out[as] = of
	}
	return out
}

func policy(p config.Policy) reconcile.Policy {
	return reconcile.Policy{
		Rule: reconcile.Rule(p.Rule), Owners: p.Owners, Others: p.Others, Order: p.Order, Back: p.Back,
		Keep: p.Keep, Tie: slices.Clone(p.Tie), First: slices.Clone(p.First),
	}
}

func guard(g config.Guard) syncer.Guard {
	limit := func(l config.Limit) syncer.Limit { return syncer.Limit{Share: float64(l.Share), Count: l.Count} }
	return syncer.Guard{
		Creates: limit(g.Creates), Updates: limit(g.Updates), Clears: limit(g.Clears), OptOuts: limit(g.OptOuts), Archives: limit(g.Archives),
		Billable: limit(g.Billable),
	}
}

// pairs are the records that another sync paired, each way.
func pairs(cfg *config.Config) map[ledger.Ref]ledger.Ref {
	out := map[ledger.Ref]ledger.Ref{}
	for _, p := range cfg.Identity.Pairs {
		for _, row := range p.Rows {
			left := ledger.Ref{System: p.Left.Connector, Object: p.Left.Object, ID: row.Left}
			right := ledger.Ref{System: p.Right.Connector, Object: p.Right.Object, ID: row.Right}
			out[left], out[right] = right, left
		}
	}
	return out
}
