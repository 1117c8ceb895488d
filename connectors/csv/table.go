package csv

import (
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// table is one object: its files and how they are read. The mutex guards the
// caches; sink is held by whoever rewrites the file.
type table struct {
	system, name string
	folder       string
	cfg          Config
	file         File
	delim, quote byte
	listed       map[string]column

	sink   sync.Mutex
	mu     sync.Mutex
	stamps map[string]stamp
	heads  map[string]*header
	index  map[string]*index
}

func newTable(system, name string, cfg Config) *table {
	t := &table{
		system: system, name: name, folder: cfg.Folder, cfg: cfg, file: cfg.Files[name], delim: ',', quote: '"',
		listed: map[string]column{}, stamps: map[string]stamp{}, heads: map[string]*header{}, index: map[string]*index{},
	}
	if d := t.file.Delimiter; d != "" {
		t.delim = d[0]
	}
	if q := t.file.Quote; q != "" {
		t.quote = q[0]
	}
	if t.jsonl() {
		t.quote = 0
	}
	for _, c := range t.file.Columns {
		t.listed[c.Name], _ = compile(c, cfg.Zone) // checked by decode
	}
	return t
}

func (t *table) jsonl() bool { return t.file.Layout == "jsonl" }

func (t *table) encoding() string {
	if t.file.Encoding != "" {
		return t.file.Encoding
	}
	return t.cfg.Encoding
}

func (t *table) fault(c fault.Class, op string, err error) *fault.Error {
	return &fault.Error{Class: c, Scope: fault.ScopeObject, System: t.system, Object: t.name, Op: op, Err: err}
}

// column returns how a column is read; one not listed is text.
func (t *table) column(name string) column {
	if c, ok := t.listed[name]; ok {
		return c
	}
	c, _ := compile(Column{Name: name}, t.cfg.Zone) // text always compiles
	return c
}

// header is what the columns of one file are.
type header struct {
	names  []string
	at     map[string]int
	ids    []int
	offset int64 // of the first row of data
	line   int
}

const sampled = 1000 // lines of a JSON file that are looked at for names

// header reads the columns of a file.
func (t *table) header(s *source) (*header, error) {
	t.mu.Lock()
	h, ok := t.heads[s.name+s.digest]
	t.mu.Unlock()
	if ok {
		return h, nil
	}
	h, err := t.readHeader(s)
	if err != nil {
		return nil, err
	}
	h.at = make(map[string]int, len(h.names))
	for i, name := range h.names {
		h.at[name] = i
	}
	for _, id := range t.file.ID {
		i, ok := h.at[id]
		if !ok {
			f := t.fault(fault.Invalid, "read the header of "+s.name, errors.New("there is no column "+id))
			f.Next = "the columns are: " + strings.Join(h.names, ", ")
			return nil, f
		}
		h.ids = append(h.ids, i)
	}
	t.mu.Lock()
	clear(t.heads)
	t.heads[s.name+s.digest] = h
	t.mu.Unlock()
	return h, nil
}

func (t *table) readHeader(s *source) (*header, error) {
	r := t.rows(s, 0, 1)
	h := &header{offset: r.offset, line: 1}
	if t.file.NoHeader || t.jsonl() {
		for _, c := range t.file.Columns {
			h.names = append(h.names, c.Name)
		}
		if t.jsonl() {
			h.names = t.keys(r, append(h.names, t.file.ID...))
		}
		return h, nil
	}
	first, err := r.next()
	for err == nil && blank(first.raw) {
		first, err = r.next()
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the file is empty: it has no header")
	}
	if err != nil {
		return nil, t.fault(fault.Malformed, "read the header of "+s.name, cause(err))
	}
	names, err := r.cells(first.raw, nil)
	if err = errors.Join(first.err, err); err != nil {
		return nil, t.fault(fault.Malformed, "read the header of "+s.name, err)
	}
	h.names, h.offset, h.line = distinct(names), r.offset, r.line
	return h, nil
}

// keys collects the names used in the first lines of a JSON file.
func (t *table) keys(r *rows, names []string) []string {
	for range sampled {
		line, err := r.next()
		if err != nil {
			break
		}
		var object map[string]jsontext.Value
		if json.Unmarshal(line.raw, &object) == nil {
			for key := range object {
				names = append(names, key)
			}
		}
	}
	return unique(names)
}

// cell is one value of a row before its kind is known.
type cell struct {
	text   string
	absent bool // the row does not have it at all
}

// fields turns the cells asked for into values. Cells that cannot be read are
// returned by column.
func (t *table) fields(h *header, cells []cell, asked []string) (record.Fields, map[string]error) {
	out := make(record.Fields, len(asked))
	var bad map[string]error
	for _, name := range asked {
		i, ok := h.at[name]
		if !ok || cells[i].absent {
			continue
		}
		c := t.column(name)
		v, err := c.read(t.unguarded(cells[i].text))
		if err != nil {
			if bad == nil {
				bad = map[string]error{}
			}
			bad[name] = err
			continue
		}
		out[name] = v
	}
	return out, bad
}

// describe lists the columns of all files, in the order they are found.
func (t *table) describe() (schema.Object, error) {
	o := t.standard()
	names, err := t.list()
	if err != nil {
		return o, err
	}
	var columns []string
	for _, name := range names {
		s, err := t.open(name)
		if err != nil {
			return o, err
		}
		h, err := t.header(s)
		s.close()
		if err != nil {
			return o, err
		}
		columns = append(columns, h.names...)
	}
	if len(names) == 0 {
		columns = t.sinkColumns()
	}
	o.Fields = nil
	for _, name := range unique(columns) {
		o.Fields = append(o.Fields, t.describeColumn(name))
	}
	return o, nil
}
