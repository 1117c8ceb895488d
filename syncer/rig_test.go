package syncer_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

// rig is two systems in memory, a ledger on disk and an engine between them.
type rig struct {
	t      *testing.T
	clock  time.Time
	left   *memory // marketing
	right  *memory // sales
	engine *syncer.Engine
	dir    string
	ledger *sqlite.Ledger
}

func remote(name string, kind record.Kind) schema.Field { return schema.Field{Name: name, Kind: kind} }

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, clock: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), dir: t.TempDir()}
	now := func() time.Time { return r.clock }
	r.left = newMemory("left", now,
		schema.Object{Name: "contacts", As: record.Person, Fields: []schema.Field{
			remote("mail", record.Email), remote("first", record.String), remote("status", record.Enum),
			remote("optout", record.Boolean), remote("tandem_id", record.String), remote("owner_id", record.Reference),
		}},
	)
	r.right = newMemory("right", now,
		schema.Object{Name: "leads", As: record.Person, Fields: []schema.Field{
			remote("Email", record.Email), remote("FirstName", record.String), remote("Status", record.Enum),
			remote("OptOut", record.Boolean), remote("Tandem_Id__c", record.String),
		}},
	)
	r.engine = &syncer.Engine{
		Systems: []*syncer.System{
			{Name: "left", Role: "marketing", Conn: r.left, Objects: []*syncer.Object{r.object(r.left, "contacts", "tandem_id", `
- {field: email, remote: mail}
- {field: first_name, remote: first}
- {field: lead_status, remote: status}
- {field: email_opt_out, remote: optout}
`)}},
			{Name: "right", Role: "sales", Conn: r.right, Objects: []*syncer.Object{r.object(r.right, "leads", "Tandem_Id__c", `
- {field: email, remote: Email}
- {field: first_name, remote: FirstName}
- {field: lead_status, remote: Status}
- {field: email_opt_out, remote: OptOut}
`)}},
		},
		Policies: map[record.Object]reconcile.Policies{record.Person: {
			Default: reconcile.Policy{Rule: reconcile.Newest, First: []string{"newest", reconcile.FirstHold}},
			Fields: map[string]reconcile.Policy{
				"lead_status":   {Rule: reconcile.Owner, Owners: []string{"sales"}},
				"email_opt_out": {Rule: reconcile.Consent},
			},
		}},
		Match: map[record.Object][]string{record.Person: {"email"}},
		Guard: syncer.DefaultGuard(), Revision: "r1", ApplyFirst: true, Dir: r.dir, Log: zerolog.Nop(), Now: now,
	}
	r.open()
	return r
}

func (r *rig) object(m *memory, name, key, fields string) *syncer.Object {
	r.t.Helper()
	canonical, _ := schema.Canonical().Object("person")
	o := &syncer.Object{Name: name, As: record.Person, Schema: m.schema[name], Key: key}
	o.Map = compile(r.t, fields, canonical, o.Schema)
	o.Create = filter(r.t, `email != nil`, canonical)
	return o
}

func compile(t *testing.T, fields string, canonical, remote schema.Object) *mapping.Map {
	t.Helper()
	node, problems := diag.Parse("map.yaml", []byte(fields))
	m, more := mapping.Compile(node, canonical, remote, mapping.Options{})
	if problems = append(problems, more...); problems.HasErrors() {
		t.Fatalf("the map does not compile:\n%v", problems)
	}
	return m
}

func filter(t *testing.T, expr string, of schema.Object) *mapping.Filter {
	t.Helper()
	node, _ := diag.Parse("filter.yaml", []byte("'"+strings.ReplaceAll(expr, "'", "''")+"'"))
	f, problems := mapping.CompileFilter(node, of)
	if problems.HasErrors() {
		t.Fatalf("the filter does not compile:\n%v", problems)
	}
	return f
}

func (r *rig) open() {
	r.t.Helper()
	l, err := sqlite.Open(r.t.Context(), filepath.Join(r.dir, "ledger.db"), sqlite.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.ledger, r.engine.Ledger = l, l
	r.t.Cleanup(func() { _ = l.Close() })
}

// cycle runs one cycle, a minute after the last.
func (r *rig) cycle() syncer.Outcome {
	r.t.Helper()
	r.clock = r.clock.Add(time.Minute)
	c, err := r.engine.NewCycle(r.t.Context(), "sync", syncer.Scope{})
	if err != nil {
		r.t.Fatal(err)
	}
	out, err := c.Run(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// settle runs cycles until one writes nothing.
func (r *rig) settle() {
	r.t.Helper()
	for range 6 {
		if out := r.cycle(); out.Pushed.Applied == 0 {
			return
		}
	}
	r.t.Fatal("still writing after six cycles")
}

func (r *rig) sweep() {
	r.t.Helper()
	r.clock = r.clock.Add(time.Minute)
	c, err := r.engine.NewCycle(r.t.Context(), "sweep", syncer.Scope{})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := c.Sweep(context.WithoutCancel(r.t.Context())); err != nil {
		r.t.Fatal(err)
	}
}

func mail(s string) record.Value { return record.Of(record.Email, s) }
func word(s string) record.Value { return record.Of(record.Enum, s) }
func text(s string) record.Value { return record.OfString(s) }
func no() record.Value           { return record.OfBool(false) }
func yes() record.Value          { return record.OfBool(true) }

func want(t *testing.T, got record.Fields, field, value string) {
	t.Helper()
	if got[field].Text() != value {
		t.Errorf("%s is %q, want %q", field, got[field].Text(), value)
	}
}

// plan makes a plan of everything that nobody carries out.
func (r *rig) plan() *syncer.Plan {
	r.t.Helper()
	c, err := r.engine.NewCycle(r.t.Context(), "plan", syncer.Scope{})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.Pull(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	made, err := c.Plan(r.t.Context(), syncer.PlanScope{All: true, Out: filepath.Join(r.t.TempDir(), "plan")})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.End(r.t.Context(), syncer.Outcome{Run: c.ID, Outcome: "planned"}); err != nil {
		r.t.Fatal(err)
	}
	return made
}
