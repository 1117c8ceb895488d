package csv

import (
	"bytes"
	"errors"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

var (
	errNoID     = errors.New("the row has no id")
	errNoObject = errors.New("the line is not a JSON object")
)

const (
	idSeparator = "|"
	repeatMark  = "#"
)

// cells takes a row apart into one cell for each column.
func (t *table) cells(h *header, r *rows, in row) ([]cell, error) {
	if in.err != nil {
		return nil, in.err
	}
	if t.jsonl() {
		return t.jsonCells(h, in.raw)
	}
	texts, err := r.cells(in.raw, nil)
	if err != nil {
		return nil, err
	}
	for len(texts) > len(h.names) && texts[len(texts)-1] == "" {
		texts = texts[:len(texts)-1]
	}
	if len(texts) != len(h.names) {
		return nil, errors.New("the row has " + strconv.Itoa(len(texts)) + " fields, the header " + strconv.Itoa(len(h.names)))
	}
	out := make([]cell, len(texts))
	for i, text := range texts {
		out[i].text = text
	}
	return out, nil
}

func (t *table) jsonCells(h *header, raw []byte) ([]cell, error) {
	var object map[string]jsontext.Value
	if err := json.Unmarshal(bytes.TrimRight(raw, "\r\n"), &object); err != nil || object == nil {
		return nil, errNoObject
	}
	out := make([]cell, len(h.names))
	for i, name := range h.names {
		v, ok := object[name]
		if !ok {
			out[i].absent = true
			continue
		}
		text, err := t.jsonText(name, v)
		if err != nil {
			return nil, err
		}
		out[i].text = text
	}
	return out, nil
}

func (t *table) jsonText(name string, v jsontext.Value) (string, error) {
	if v.Kind() == jsontext.KindNull {
		return "", nil
	}
	if v.Kind() == jsontext.KindString {
		var s string
		err := json.Unmarshal(v, &s)
		return s, err
	}
	if v.Kind() == jsontext.KindBeginArray {
		var members []string
		if json.Unmarshal(v, &members) == nil {
			return strings.Join(members, t.column(name).Separator), nil
		}
	}
	return string(v), nil // numbers digit by digit; what is nested as JSON
}

// id joins the id columns. The text is kept exactly as it stands.
func (t *table) id(h *header, cells []cell) (string, error) {
	var parts []string
	empty := true
	for _, i := range h.ids {
		part := strings.TrimSpace(cells[i].text)
		if sheetError(part) {
			return "", errSheet
		}
		if floatRE.MatchString(part) {
			return "", errRounded
		}
		empty = empty && part == ""
		parts = append(parts, part)
	}
	if empty {
		return "", errNoID
	}
	return strings.Join(parts, idSeparator), nil
}

func numbered(id string, n int) string {
	if n < 2 {
		return id
	}
	return id + repeatMark + strconv.Itoa(n)
}

// taken is a row as a record, or as what is wrong with it.
type taken struct {
	record *connectors.Record
	issues []connectors.Issue
}

// take makes a record of a row.
func (t *table) take(at place, in row, asked []string) taken {
	ref := at.source.name + ":" + strconv.Itoa(in.line)
	whole := func(err error) taken {
		return taken{issues: []connectors.Issue{t.issue(ref, "", err)}}
	}
	cells, err := t.cells(at.header, at.rows, in)
	if err != nil {
		return whole(err)
	}
	id, err := t.id(at.header, cells)
	if err != nil {
		return whole(err)
	}
	if rep, ok := at.index.repeats[in.offset]; ok {
		if t.file.Repeated != "keep" {
			return whole(errors.New("the id stands in row " + strconv.Itoa(rep.firstLine) + " already"))
		}
		id = numbered(id, rep.n)
	}
	rec := &connectors.Record{Object: t.name, ID: id, Version: t.version(in.raw), Modified: at.source.changed.UTC()}
	var bad map[string]error
	rec.Fields, bad = t.fields(at.header, cells, asked)
	out := taken{record: rec}
	if m, ok := t.moment(at.header, cells, t.file.Modified); ok {
		rec.Modified = m
	}
	rec.Created, _ = t.moment(at.header, cells, t.file.Created)
	for _, name := range asked {
		if err, ok := bad[name]; ok {
			out.issues = append(out.issues, t.issue(ref, name, err))
		}
	}
	return out
}

func (t *table) issue(ref, field string, err error) connectors.Issue {
	scope := fault.ScopeRow
	if field != "" {
		scope = fault.ScopeField
	}
	return connectors.Issue{Object: t.name, Ref: ref, Field: field, Err: &fault.Error{
		Class: fault.Malformed, Scope: scope, System: t.system, Object: t.name, Op: "read " + ref, Field: field, Err: err,
	}}
}

func (t *table) moment(h *header, cells []cell, name string) (time.Time, bool) {
	i, ok := h.at[name]
	if name == "" || !ok || cells[i].absent {
		return time.Time{}, false
	}
	c := t.column(name)
	if c.kind != record.Instant {
		c, _ = compile(Column{Name: name, Kind: record.Instant.String(), Zone: c.Zone}, t.cfg.Zone) // iso always compiles
	}
	v, err := c.read(cells[i].text)
	if err != nil {
		return time.Time{}, false
	}
	return v.Time()
}

// version is a digest of the row as it stands, its line end aside.
func (t *table) version(raw []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(bytes.TrimRight(raw, "\r\n")) // a hash takes everything
	return strconv.FormatUint(h.Sum64(), 36)
}
