package syncer_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// memory is a system in memory: consistent, with a change feed, and with hooks
// that make it misbehave.
type memory struct {
	name    string
	mu      sync.Mutex
	now     func() time.Time
	schema  map[string]schema.Object
	rows    map[string]map[string]*connectors.Record // object, id
	gone    []connectors.Gone
	nextID  int
	stamp   int64
	page    int
	echo    bool
	reads   int
	writes  int
	lookups int
	byID    int
	// onWrite may fail a write: before it took effect (drop) or after (lose).
	onWrite func(op connectors.Op) (drop, lose error)
	// onBatch may refuse a whole batch.
	onBatch func(ops []connectors.Op) error
	// onRead may fail a read.
	onRead func(object string) error
	// automation rewrites a record after a write.
	automation func(r *connectors.Record)
	// billed is the field for which the vendor charges.
	billed string
}

// Billed tells what is charged for.
func (m *memory) Billed(string) (field, what string) { return m.billed, "billed records" }

func newMemory(name string, now func() time.Time, objects ...schema.Object) *memory {
	m := &memory{name: name, now: now, schema: map[string]schema.Object{}, rows: map[string]map[string]*connectors.Record{}, page: 3}
	for _, o := range objects {
		o.Caps = schema.Capabilities{
			Changes: true, Gone: true, Read: true, Lookup: true, Create: true, Update: true, Archive: true,
			BatchRead: 10, BatchWrite: 4, PageSize: 3,
		}
		m.schema[o.Name] = o
		m.rows[o.Name] = map[string]*connectors.Record{}
	}
	return m
}

func (m *memory) Check(context.Context) (connectors.Account, error) {
	return connectors.Account{ID: "account-" + m.name}, nil
}

func (m *memory) Describe(context.Context) (schema.Catalog, error) {
	c := schema.Catalog{System: m.name}
	for _, o := range m.schema {
		c.Objects = append(c.Objects, o)
	}
	return c, nil
}

func (m *memory) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

// Changes pages through (stamp, id) after the cursor.
func (m *memory) Changes(_ context.Context, q connectors.Query) (connectors.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if m.onRead != nil {
		if err := m.onRead(q.Object); err != nil {
			return connectors.Page{}, err
		}
	}
	after, _ := strconv.ParseInt(string(q.Cursor), 10, 64)
	var all []connectors.Record
	for _, r := range m.rows[q.Object] {
		if v, _ := strconv.ParseInt(r.Version, 10, 64); v > after {
			all = append(all, m.view(*r, q.Fields))
		}
	}
	slices.SortFunc(all, func(a, b connectors.Record) int { return int(version(a) - version(b)) })
	page := connectors.Page{Next: q.Cursor, CompleteTo: m.now()}
	if q.Cursor == "" {
		page.Next = "0"
	}
	if len(all) > m.page {
		all, page.More = all[:m.page], true
	}
	if len(all) > 0 {
		page.Next = connectors.Cursor(all[len(all)-1].Version)
	}
	page.Records = all
	return page, nil
}

func version(r connectors.Record) int64 {
	v, _ := strconv.ParseInt(r.Version, 10, 64)
	return v
}

func (m *memory) view(r connectors.Record, fields []string) connectors.Record {
	out := record.Fields{}
	for _, f := range fields {
		if _, ok := m.schema[r.Object].Field(f); !ok {
			continue
		}
		v, ok := r.Fields[f]
		if !ok {
			v = record.NullOf(record.String)
		}
		out[f] = v
	}
	r.Fields = out
	return r
}

func (m *memory) Gone(_ context.Context, q connectors.Query) (connectors.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, _ := strconv.Atoi(string(q.Cursor))
	page := connectors.Page{Next: connectors.Cursor(strconv.Itoa(len(m.gone)))}
	for _, g := range m.gone[at:] {
		if g.Object == q.Object {
			page.Gone = append(page.Gone, g)
		}
	}
	return page, nil
}

func (m *memory) Read(_ context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byID++
	var out []connectors.Record
	for _, id := range ids {
		if r, ok := m.rows[object][id]; ok {
			out = append(out, m.view(*r, fields))
		}
	}
	return out, nil
}

func (m *memory) Lookup(_ context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lookups++
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for _, r := range m.rows[object] {
			if r.Fields[key].Text() == v {
				out[i] = append(out[i], m.view(*r, fields))
			}
		}
	}
	return out, nil
}

func (m *memory) Write(_ context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	if m.onBatch != nil {
		if err := m.onBatch(ops); err != nil {
			return nil, err
		}
	}
	var out []connectors.Result
	for _, op := range ops {
		var drop, lose error
		if m.onWrite != nil {
			drop, lose = m.onWrite(op)
		}
		if drop != nil {
			out = append(out, connectors.Result{Op: op.ID, Status: connectors.Rejected, Err: drop})
			continue
		}
		r := m.carryOut(op)
		if lose != nil {
			return nil, lose
		}
		out = append(out, r)
	}
	return out, nil
}

func (m *memory) carryOut(op connectors.Op) connectors.Result {
	res := connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID}
	switch op.Kind {
	case connectors.Create:
		m.nextID++
		id := fmt.Sprintf("%s%03d", m.name[:1], m.nextID)
		r := &connectors.Record{Object: op.Object, ID: id, Created: m.now(), Fields: record.Fields{}}
		if op.Key.Field != "" {
			r.Fields[op.Key.Field] = record.OfString(op.Key.Value)
		}
		m.rows[op.Object][id] = r
		res.RemoteID = id
	case connectors.Archive:
		delete(m.rows[op.Object], op.RemoteID)
		return res
	case connectors.Update:
	}
	r, ok := m.rows[op.Object][res.RemoteID]
	if !ok {
		return connectors.Result{Op: op.ID, Status: connectors.Rejected, Err: fault.New(fault.Missing, fault.ScopeRow, "no such record")}
	}
	r.Fields = r.Fields.Merge(op.Fields)
	r.Actor = record.Actor{Kind: record.ActorTandem}
	m.touch(r)
	if m.automation != nil {
		m.automation(r)
		m.touch(r)
	}
	if m.echo {
		echo := m.view(*r, m.schema[op.Object].FieldNames())
		res.Echo = &echo
	}
	return res
}

func (m *memory) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeCall, "nothing is ever queued here")
}

func (m *memory) touch(r *connectors.Record) {
	m.stamp++
	r.Version, r.Modified = strconv.FormatInt(m.stamp, 10), m.now()
}

// add makes a record as a person would.
func (m *memory) add(object, id string, fields record.Fields) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &connectors.Record{Object: object, ID: id, Created: m.now(), Actor: record.Actor{Kind: record.ActorUser}, Fields: fields}
	m.rows[object][id] = r
	m.touch(r)
}

// edit changes a record as a person would.
func (m *memory) edit(object, id string, fields record.Fields) {
	m.editAs(object, id, fields, record.ActorUser)
}

func (m *memory) editAs(object, id string, fields record.Fields, as record.ActorKind) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[object][id]
	r.Fields, r.Actor = r.Fields.Merge(fields), record.Actor{Kind: as}
	m.touch(r)
}

func (m *memory) remove(object, id string, g connectors.Gone) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows[object], id)
	g.Object, g.ID, g.At = object, id, m.now()
	m.gone = append(m.gone, g)
}

func (m *memory) get(object, id string) record.Fields {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.rows[object][id]; ok {
		return r.Fields.Clone()
	}
	return nil
}

func (m *memory) count(object string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.rows[object])
}

// only returns the single record of an object.
func (m *memory) only(object string) (string, record.Fields) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, r := range m.rows[object] {
		return id, r.Fields.Clone()
	}
	return "", nil
}
