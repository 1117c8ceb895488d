package sandbox

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record/format"
)

// export reads one file row by row.
type export struct {
	name   string
	layout *layout
	cells  map[string]*cell
	row    []string
	line   int
	seen   map[string]bool // external ids
	bad    []Bad
}

// readExport calls each with every sound row; the others are kept as bad.
func readExport(dir string, l *layout, file fileLayout, each func(*export)) (bad []Bad, err error) {
	path := filepath.Join(dir, file.File)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: name a folder that holds the exports of the school CRM", path)
	}
	if err != nil {
		return nil, fmt.Errorf("the export cannot be read: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	in := bufio.NewReaderSize(f, 1<<16)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(len(mark))
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s has no header: %w", path, err)
	}
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
	}
	e := &export{name: file.File, layout: l, seen: map[string]bool{}}
	if e.cells, err = file.header(path, head, l.Zone); err != nil {
		return nil, err
	}
	err = e.rows(r, len(head), each)
	return e.bad, err
}

func (e *export) rows(r *csv.Reader, width int, each func(*export)) error {
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		e.row = row
		e.line, _ = r.FieldPos(0)
		switch parse := (*csv.ParseError)(nil); {
		case errors.As(err, &parse):
			e.line = parse.StartLine
			e.refuse("", "the row cannot be read as CSV: "+parse.Err.Error())
		case err != nil:
			return fmt.Errorf("reading %s: %w", e.name, err)
		case len(row) != width:
			e.refuse("", fmt.Sprintf("the row has %d cells, the header %d", len(row), width))
		case e.sound():
			each(e)
		}
	}
}

func (e *export) refuse(column, reason string) {
	e.bad = append(e.bad, Bad{File: e.name, Row: e.line, Column: column, Reason: reason})
}

func (e *export) text(use string) string { return strings.TrimSpace(e.row[e.cells[use].at]) }

// sound checks a whole row, so that it is taken or refused, never half taken.
func (e *export) sound() bool {
	for _, text := range e.row {
		if strings.HasPrefix(text, "#REF!") {
			e.refuse(e.broken(), "a spreadsheet's broken reference (#REF!)")
			return false
		}
	}
	for use, c := range e.cells {
		if why := e.check(use, c); why != "" {
			e.refuse(c.Column, why)
			return false
		}
	}
	id := e.text("external")
	if e.seen[id] {
		e.refuse(e.cells["external"].Column, "the id stands in an earlier row too")
		return false
	}
	e.seen[id] = true
	return true
}

func (e *export) broken() string {
	for _, c := range e.cells {
		if strings.HasPrefix(e.row[c.at], "#REF!") {
			return c.Column
		}
	}
	return ""
}

func (e *export) check(use string, c *cell) string {
	text := e.text(use)
	if text == "" {
		if c.Required {
			return "the cell is empty"
		}
		return ""
	}
	var err error
	switch c.Kind {
	case "id":
		return damaged(text)
	case "instant":
		_, err = c.instant(text)
	case "date":
		_, err = c.layout.ParseDate(text)
	case "money":
		_, err = e.layout.money.Parse(text)
	}
	if err != nil {
		return c.Kind + ": " + err.Error()
	}
	return ""
}

// damaged says why an id is none: spreadsheets turn long ones into floats.
func damaged(id string) string {
	const longest = 20
	for _, r := range id {
		if r < '0' || r > '9' {
			if strings.ContainsAny(id, "eE.") {
				return "the id was turned into a float and its last digits are lost"
			}
			return "the id holds something other than digits"
		}
	}
	if len(id) > longest {
		return "the id is too long"
	}
	return ""
}

// instant reads a time; the same text twice in a row is read once.
func (c *cell) instant(text string) (time.Time, error) {
	if text == c.last {
		return c.when, nil
	}
	t, err := c.layout.ParseInstant(text)
	if err == nil {
		c.last, c.when = text, t
	}
	return t, err
}

// time, date and money read cells that sound has checked.
func (e *export) time(use string) time.Time {
	t, _ := e.cells[use].instant(e.text(use))
	return t
}

func (e *export) date(use string) string {
	d, err := e.cells[use].layout.ParseDate(e.text(use))
	if err != nil {
		return ""
	}
	return d.String()
}

// money returns an amount as a plain decimal, exact to the cent.
func (e *export) money(use string) string {
	a, err := e.layout.money.Parse(e.text(use))
	if err != nil {
		return ""
	}
	d, err := format.FromMinor(a.Minor, a.Currency)
	if err != nil {
		return ""
	}
	return d.String()
}
