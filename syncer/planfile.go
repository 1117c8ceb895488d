package syncer

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
)

// PlanFormat is the version of the plan file.
const PlanFormat = 1

// Plan is a finished plan: a file of rows and what it comes to. The file is
// JSON lines: a header, the rows in the order they are pushed, and a last line
// with the totals and the hash of everything before it.
type Plan struct {
	Path string `json:"-"`
	PlanHeader
	PlanEnd
}

// PlanHeader says what a plan was made from.
type PlanHeader struct {
	Format   int               `json:"tandem_plan"`
	Run      string            `json:"run"`
	Revision string            `json:"revision"`
	Accounts map[string]string `json:"accounts"`
	Made     time.Time         `json:"made"`
}

// PlanEnd is what a plan comes to.
type PlanEnd struct {
	Rows    int     `json:"rows"`
	Totals  []Total `json:"totals"`
	Tripped []Trip  `json:"tripped"`
	// Held counts writes that are derived but held back, by "system: cause".
	Held  map[string]int `json:"held,omitempty"`
	Hash  string         `json:"sha256"`
	Ended time.Time      `json:"ended"`
}

// Total is what a plan would do to one remote object.
type Total struct {
	System   string         `json:"system"`
	Object   string         `json:"object"`
	As       record.Object  `json:"as"`
	Creates  int            `json:"creates"`
	Updates  int            `json:"updates"`
	Archives int            `json:"archives"`
	Clears   int            `json:"clears"`
	OptOuts  int            `json:"opt_outs"`
	Billable int            `json:"billable,omitempty"` // records made billable by the vendor
	Billed   string         `json:"billed,omitempty"`   // what the vendor calls those
	Fields   map[string]int `json:"fields"`             // rows that change each remote field of an existing record
	Calls    int            `json:"calls"`              // API calls to write it, reads after writes included
}

// rowCounts is what a row takes away or costs.
type rowCounts struct{ clears, optOuts, billable int }

type planWriter struct {
	cycle  *Cycle
	file   *os.File
	buf    *bufio.Writer
	sum    hash.Hash
	plan   Plan
	totals map[string]*Total
	order  []string
}

func newPlanWriter(c *Cycle, path string) (*planWriter, error) {
	var f *os.File
	var err error
	if path == "" {
		f, err = os.CreateTemp(c.engine.Dir, "plan-*.jsonl")
	} else {
		f, err = os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the path is the user's own
	}
	if err != nil {
		return nil, fmt.Errorf("the plan cannot be spooled: %w; free space or choose another state folder", err)
	}
	w := &planWriter{cycle: c, file: f, buf: bufio.NewWriterSize(f, 1<<16), sum: sha256.New(), totals: map[string]*Total{}}
	w.plan.Path = f.Name()
	w.plan.PlanHeader = PlanHeader{
		Format: PlanFormat, Run: c.ID, Revision: c.engine.Revision, Accounts: c.engine.Accounts, Made: c.engine.Now().UTC(),
	}
	return w, w.line(w.plan.PlanHeader)
}

func (w *planWriter) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	w.sum.Write(b)
	if _, err := w.buf.Write(b); err != nil {
		return fmt.Errorf("the plan cannot be spooled to %s: %w; free space and plan again", w.plan.Path, err)
	}
	return nil
}

func (w *planWriter) row(r plan.Row, n rowCounts) error {
	if id := key(r.System, r.Object); w.totals[id] == nil {
		w.order = append(w.order, id)
	}
	tally(w.totals, r, n)
	w.plan.Rows++
	return w.line(r)
}

func (w *planWriter) held(h ledger.Hold) {
	if w.plan.Held == nil {
		w.plan.Held = map[string]int{}
	}
	w.plan.Held[h.System+": "+h.Cause]++
}

// tally adds a row to the totals of its object.
func tally(totals map[string]*Total, r plan.Row, n rowCounts) {
	id := key(r.System, r.Object)
	t := totals[id]
	if t == nil {
		t = &Total{System: r.System, Object: r.Object, As: r.As, Fields: map[string]int{}}
		totals[id] = t
	}
	t.Clears += n.clears
	t.OptOuts += n.optOuts
	t.Billable += n.billable
	switch r.Kind {
	case connectors.Create:
		t.Creates++
	case connectors.Archive:
		t.Archives++
	case connectors.Update:
		t.Updates++
		for name := range r.After {
			t.Fields[name]++
		}
	}
}

func (w *planWriter) finish(tripped []Trip) (*Plan, error) {
	for _, id := range w.order {
		t := w.totals[id]
		o := w.cycle.engine.system(t.System).object(t.Object)
		for _, n := range []int{t.Creates, t.Updates, t.Archives} {
			t.Calls += ceilDiv(n, o.Schema.Caps.BatchWrite)
			if !o.Schema.Caps.Echo {
				t.Calls += ceilDiv(n, o.Schema.Caps.BatchRead)
			}
		}
		if t.Billable > 0 {
			_, t.Billed = w.cycle.engine.system(t.System).billed(t.Object)
		}
		w.plan.Totals = append(w.plan.Totals, *t)
	}
	w.plan.Tripped, w.plan.Ended = tripped, w.cycle.engine.Now().UTC()
	w.plan.Hash = hex.EncodeToString(w.sum.Sum(nil))
	return &w.plan, errors.Join(w.line(w.plan.PlanEnd), w.buf.Flush())
}

func ceilDiv(n, by int) int { return (n + max(by, 1) - 1) / max(by, 1) }

func (w *planWriter) close() { _ = w.file.Close() }

// ErrAltered says that a plan file is not as it was made.
var ErrAltered = errors.New("the plan file is damaged or was altered: make a new plan")

// OpenPlan checks a plan file and returns what it comes to.
func OpenPlan(path string) (*Plan, error) {
	p := &Plan{Path: path}
	err := p.read(func(plan.Row) error { return nil }, p.verify)
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", path, err)
	}
	return p, nil
}

func (p *Plan) verify(sum string, last []byte) error {
	if err := json.Unmarshal(last, &p.PlanEnd); err != nil || p.Hash == "" || p.Hash != sum {
		return ErrAltered
	}
	return nil
}

// Each calls f with every row in order.
func (p *Plan) Each(f func(plan.Row) error) error {
	return p.read(f, func(string, []byte) error { return nil })
}

func (p *Plan) read(f func(plan.Row) error, end func(sum string, last []byte) error) error {
	file, err := os.Open(p.Path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	r := bufio.NewReaderSize(file, 1<<16)
	sum := sha256.New()
	var held []byte // a line is a row only when another follows it
	for n := 0; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if held == nil || len(line) > 0 {
				return ErrAltered
			}
			return end(hex.EncodeToString(sum.Sum(nil)), held)
		}
		if err != nil {
			return err
		}
		if err := p.take(n, held, f, sum); err != nil {
			return err
		}
		held = line
	}
}

func (p *Plan) take(n int, line []byte, f func(plan.Row) error, sum hash.Hash) error {
	if line == nil {
		return nil
	}
	sum.Write(line)
	if n == 1 {
		if err := json.Unmarshal(line, &p.PlanHeader); err != nil || p.Format != PlanFormat {
			return ErrAltered
		}
		return nil
	}
	var row plan.Row
	if err := json.Unmarshal(line, &row); err != nil {
		return ErrAltered
	}
	return f(row)
}
