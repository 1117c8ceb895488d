// Package audit tells, from what was read and before anything is written, how
// well the connected systems agree: who matches, what differs, which opt-outs
// are not honoured, what is nobody's. It needs no field of ours anywhere.
package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Finding is one kind of thing found, with every row of it.
type Finding struct {
	Name  string // as in "only_in_hubspot"; names the CSV file too
	Title string // one line for people
	N     int
	Rows  [][]string // what, where; at most MaxRows
}

// MaxRows bounds the rows kept of one finding.
const MaxRows = 100_000

// Report is what an audit found.
type Report struct {
	People   int
	Findings []Finding
}

// Columns are the columns of a finding's rows.
func Columns() []string { return []string{"entity", "records", "field", "detail"} }

// Run audits what the ledger holds.
func Run(ctx context.Context, e *syncer.Engine) (Report, error) {
	a := &auditor{engine: e, found: map[string]*Finding{}, touched: map[record.EntityID]bool{}, roles: map[record.EntityID]bool{}, active: map[record.EntityID]bool{}}
	for _, s := range e.Systems {
		a.systems = append(a.systems, s.Name)
	}
	err := e.Ledger.View(ctx, func(r ledger.Reader) error {
		for _, pass := range []struct {
			object record.Object
			visit  func(subject)
		}{
			{record.Owner, a.owner},
			{record.Activity, a.activity},
			{record.Relation, a.relation},
			{record.Person, a.person},
			{record.Deal, a.deal},
		} {
			if err := a.walk(ctx, r, pass.object, pass.visit); err != nil {
				return fmt.Errorf("auditing %s: %w", pass.object, err)
			}
		}
		return nil
	})
	return a.report(), err
}

type auditor struct {
	engine  *syncer.Engine
	systems []string
	people  int
	order   []string
	found   map[string]*Finding
	touched map[record.EntityID]bool // people with an activity
	roles   map[record.EntityID]bool // deals with a contact role
	active  map[record.EntityID]bool // owners
}

// subject is an entity with all its links.
type subject struct {
	ledger.Entity

	links []ledger.Link
}

func (a *auditor) walk(ctx context.Context, r ledger.Reader, object record.Object, visit func(subject)) error {
	scan := ledger.EntityScan{Object: object, Limit: 500}
	for {
		page, err := r.Entities.Scan(ctx, scan)
		if err != nil || len(page) == 0 {
			return err
		}
		ids := make([]record.EntityID, len(page))
		for i, e := range page {
			ids[i] = e.ID
		}
		links, err := r.Links.ByEntity(ctx, ids...)
		if err != nil {
			return err
		}
		for _, e := range page {
			visit(subject{e, links[e.ID]})
		}
		scan.After = ids[len(ids)-1]
	}
}

func (a *auditor) add(name, title string, e subject, field, detail string) {
	f := a.found[name]
	if f == nil {
		f = &Finding{Name: name, Title: title}
		a.found[name] = f
		a.order = append(a.order, name)
	}
	if f.N++; len(f.Rows) < MaxRows {
		f.Rows = append(f.Rows, []string{string(e.ID), refs(e.links), field, detail})
	}
}

func refs(links []ledger.Link) string {
	parts := make([]string, len(links))
	for i, l := range links {
		parts[i] = l.System + "/" + l.Object + "/" + l.ID
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func (a *auditor) owner(e subject) {
	active, known := e.Golden["active"].Bool()
	a.active[e.ID] = active || !known
}

func (a *auditor) activity(e subject) {
	if p := e.Golden["person"]; p.IsPresent() {
		a.touched[record.EntityID(p.Text())] = true
	}
}

func (a *auditor) relation(e subject) {
	if d := e.Golden["deal"]; d.IsPresent() && e.Golden["person"].IsPresent() {
		a.roles[record.EntityID(d.Text())] = true
	}
}

func (a *auditor) person(e subject) {
	a.people++
	in := map[string]int{}
	for _, l := range e.links {
		if l.State == ledger.Live {
			in[l.System]++
		}
	}
	a.matches(e, in)
	a.differences(e)
	a.optOuts(e)
	owner := e.Golden["owner"]
	switch active, known := a.active[record.EntityID(owner.Text())]; {
	case !owner.IsPresent():
		a.add("no_owner", "people without an owner", e, "owner", "")
	case known && !active:
		a.add("inactive_owner", "people whose owner is inactive", e, "owner", "")
	}
	if !a.touched[e.ID] {
		a.add("no_touch", "people nobody in sales has tried to reach", e, "", "")
	}
}

func (a *auditor) matches(e subject, in map[string]int) {
	switch {
	case len(in) == 1 && len(a.systems) > 1:
		for system := range in {
			a.add("only_in_"+system, "people only in "+system, e, "", "")
		}
	case len(in) > 1:
		a.add("matched", "people found in more than one system", e, "", "")
	}
	for system, n := range in {
		if n > 1 {
			a.add("twice_in_"+system, "people found more than once in "+system, e, "", fmt.Sprintf("%d records", n))
		}
	}
}

// sides maps what each system holds to canonical fields.
func (a *auditor) sides(links []ledger.Link) map[string]record.Fields {
	out := map[string]record.Fields{}
	for _, s := range a.engine.Systems {
		for _, o := range s.Objects {
			for _, l := range links {
				if l.System == s.Name && l.Object == o.Name && l.Primary {
					out[s.Name], _ = o.Map.In(l.Shadow.Held)
				}
			}
		}
	}
	return out
}

func (a *auditor) differences(e subject) {
	sides := a.sides(e.links)
	for i, left := range a.systems {
		for _, right := range a.systems[i+1:] {
			for name, v := range sides[left] {
				other, both := sides[right][name]
				if !both || a.same(name, v, other) {
					continue
				}
				how := "both have a value"
				switch {
				case !v.IsPresent():
					how = "empty in " + left
				case !other.IsPresent():
					how = "empty in " + right
				}
				a.add("differs_"+name, "people whose "+name+" differs between "+left+" and "+right, e, name, how)
			}
		}
	}
}

// same tells whether two systems' values of a field say the same to people.
// References are each system's own ids, which never compare.
func (a *auditor) same(field string, v, other record.Value) bool {
	return v == other || v.Kind() == record.Reference || (!v.IsPresent() && !other.IsPresent()) || a.engine.SameConsent(field, v, other)
}

func (a *auditor) optOuts(e subject) {
	for _, field := range []string{"email_opt_out", "phone_opt_out"} {
		if out, _ := e.Golden[field].Bool(); !out {
			continue
		}
		for system, side := range a.sides(e.links) {
			if held, known := side[field].Bool(); known && !held {
				a.add("opt_out_ignored_by_"+system, "people who opted out elsewhere and not in "+system, e, field, "")
			}
		}
	}
}

func (a *auditor) deal(e subject) {
	if !e.Golden["person"].IsPresent() && !a.roles[e.ID] {
		a.add("deal_without_contact", "deals without a contact role", e, "person", "")
	}
	if won, _ := e.Golden["won"].Bool(); won && !e.Golden["close_date"].IsPresent() {
		a.add("won_without_close_date", "deals won without a close date", e, "close_date", "")
	}
}

func (a *auditor) report() Report {
	r := Report{People: a.people}
	slices.Sort(a.order)
	for _, name := range a.order {
		r.Findings = append(r.Findings, *a.found[name])
	}
	return r
}
