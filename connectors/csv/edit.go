package csv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// edit is a new state of a file in the making: rows of the old one that are
// changed or dropped, and rows that are added.
type edit struct {
	t       *table
	name    string
	place   place // of the old file; without a source if there is none yet
	names   []string
	eol     string
	set     charset
	changed map[int64]change // by offset in the old file
	added   []addition
	addedAt map[string]int
}

type change struct {
	size int64  // of the old row in the file
	raw  []byte // decoded; nil drops the row
}

type addition struct {
	id  string
	raw []byte // nil: archived again
}

func (t *table) edit(ctx context.Context) (*edit, error) {
	e := &edit{t: t, name: t.file.Path, eol: "\n", changed: map[int64]change{}, addedAt: map[string]int{}}
	p, err := t.at(ctx, t.file.Path, 0, 0)
	if fault.Is(err, fault.Missing) {
		e.names, e.set = t.sinkColumns(), charsetOf(t.encoding(), nil)
		return e, nil
	}
	if err != nil {
		return nil, err
	}
	e.place, e.names, e.set = p, p.header.names, p.source.set
	if first, err := t.rows(p.source, 0, 1).next(); err == nil && bytes.HasSuffix(first.raw, []byte("\r\n")) {
		e.eol = "\r\n"
	}
	return e, nil
}

func (e *edit) close() {
	if e.place.source != nil {
		e.place.source.close()
	}
}

func (e *edit) entry(id string) (entry, bool) {
	if e.place.index == nil {
		return entry{}, false
	}
	found := e.place.index.find(id)
	if len(found) == 0 {
		return entry{}, false
	}
	return found[0], true
}

func (e *edit) has(id string) bool {
	if i, ok := e.addedAt[id]; ok {
		return e.added[i].raw != nil
	}
	at, ok := e.entry(id)
	if c, touched := e.changed[at.offset]; ok && touched {
		return c.raw != nil
	}
	return ok
}

// current returns a row as it will stand so far.
func (e *edit) current(id string) (raw []byte, ok bool, err error) {
	if i, ok := e.addedAt[id]; ok {
		return e.added[i].raw, e.added[i].raw != nil, nil
	}
	at, ok := e.entry(id)
	if !ok {
		return nil, false, nil
	}
	if c, touched := e.changed[at.offset]; touched {
		return c.raw, c.raw != nil, nil
	}
	in, err := e.t.rows(e.place.source, at.offset, int(at.line)).next()
	return in.raw, err == nil && in.err == nil, err
}

func (e *edit) add(id string, raw []byte) {
	e.addedAt[id] = len(e.added)
	e.added = append(e.added, addition{id, raw})
}

func (e *edit) change(id string, raw []byte) {
	if i, ok := e.addedAt[id]; ok {
		e.added[i].raw = raw
		return
	}
	at, _ := e.entry(id)
	c, touched := e.changed[at.offset]
	if !touched {
		if in, err := e.t.rows(e.place.source, at.offset, int(at.line)).next(); err == nil {
			c.size = e.set.size(in.raw)
		}
	}
	c.raw = raw
	e.changed[at.offset] = c
}

// stamped adds the present time in columns that tell it, unless the fields do.
func (e *edit) stamped(fields record.Fields, columns ...string) record.Fields {
	for _, name := range columns {
		if _, told := fields[name]; name != "" && !told && slices.Contains(e.names, name) {
			fields[name] = record.OfInstant(time.Now().Truncate(time.Second))
		}
	}
	return fields
}

// save writes the new state and puts it in place of the old one, unless that
// is no longer what the edit began with.
func (e *edit) save() error {
	mode := fs.FileMode(0o600)
	if s := e.place.source; s != nil {
		if info, err := s.file.Stat(); err == nil {
			mode = info.Mode().Perm()
		}
	}
	path := filepath.Join(e.t.folder, filepath.FromSlash(e.name))
	err := replace(path, mode, func(w io.Writer) error {
		if err := e.pour(w); err != nil {
			return err
		}
		return e.unmoved()
	})
	e.t.mu.Lock()
	delete(e.t.stamps, e.name)
	e.t.mu.Unlock()
	return err
}

func (e *edit) unmoved() error {
	now, err := e.t.open(e.name)
	if fault.Is(err, fault.Missing) && e.place.source == nil {
		return nil
	}
	if err != nil {
		return errors.Join(errMoved, err)
	}
	defer now.close()
	if e.place.source == nil || now.digest != e.place.source.digest || !e.place.source.steady() {
		return errMoved
	}
	return nil
}

// pour writes the new state: the old bytes but for the rows touched, then
// what is added.
func (e *edit) pour(w io.Writer) error {
	ended, err := e.pourOld(w)
	for _, a := range e.added {
		if err != nil {
			return err
		}
		raw := a.raw
		if raw != nil && !ended {
			raw, ended = append([]byte(e.eol), raw...), true
		}
		err = e.put(w, raw)
	}
	return err
}

// pourOld tells whether what it wrote ends with a line end.
func (e *edit) pourOld(w io.Writer) (ended bool, err error) {
	s := e.place.source
	if s == nil {
		return true, e.putHeader(w)
	}
	at := int64(0)
	for _, offset := range slices.Sorted(maps.Keys(e.changed)) {
		if _, err := io.Copy(w, io.NewSectionReader(s.file, at, offset-at)); err != nil {
			return false, err
		}
		c := e.changed[offset]
		if err := e.put(w, c.raw); err != nil {
			return false, err
		}
		at = offset + c.size
		ended = c.raw == nil || bytes.HasSuffix(c.raw, []byte("\n"))
	}
	if at < s.size {
		if ended, err = e.t.lastLine(s); err != nil {
			return false, err
		}
	}
	_, err = io.Copy(w, io.NewSectionReader(s.file, at, s.size-at))
	return ended || s.size == 0, err
}

// put encodes for UTF-16; other rows are encoded cell by cell already.
func (e *edit) put(w io.Writer, raw []byte) error {
	if e.set.wide != nil {
		encoded, err := e.set.bytes(string(raw))
		if err != nil {
			return err
		}
		raw = encoded
	}
	_, err := w.Write(raw)
	return err
}

func (e *edit) putHeader(w io.Writer) error {
	if e.t.jsonl() || e.t.file.NoHeader {
		return nil
	}
	raw, f := e.join(e.names)
	if f != nil {
		return f
	}
	return e.put(w, raw)
}

// lastLine tells whether the file ends with a line end.
func (t *table) lastLine(s *source) (bool, error) {
	unit := int64(1)
	if s.set.wide != nil {
		unit = wideUnit
	}
	if s.size < unit {
		return true, nil
	}
	tail := make([]byte, unit)
	if _, err := s.file.ReadAt(tail, s.size-unit); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return bytes.IndexByte(tail, '\n') >= 0, nil
}
