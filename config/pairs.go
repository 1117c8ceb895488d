package config

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
)

// Pairs is a CSV file that tells which records another sync paired.
type Pairs struct {
	File  string `yaml:"file,required" doc:"The CSV file, relative to the directory of the configuration."`
	Left  Side   `yaml:"left,required" doc:"One half of each pair."`
	Right Side   `yaml:"right,required" doc:"The other half."`
	Comma string `yaml:"comma" doc:"What separates the columns; a comma unless set."`

	// Rows are the pairs of the file, in its order.
	Rows []Pair
}

// Side says whose ids a column of a pairs file holds.
type Side struct {
	Connector string `yaml:"connector,required" doc:"The connector."`
	Object    string `yaml:"object,required" doc:"Its object."`
	Column    string `yaml:"column,required" doc:"The heading of the column."`
}

// Pair is one line of a pairs file: the remote ids of the two records.
type Pair struct{ Left, Right string }

// pairs checks and reads the files of pairs.
func (l *loader) pairs() {
	list := l.cfg.Node.At("identity").At("pairs")
	items := list.Items()
	if len(items) != len(l.cfg.Identity.Pairs) {
		return
	}
	for i := range l.cfg.Identity.Pairs {
		p := &l.cfg.Identity.Pairs[i]
		l.remote(items[i].At("left"), p.Left.Connector, p.Left.Object, "")
		l.remote(items[i].At("right"), p.Right.Connector, p.Right.Object, l.asOf(p.Left))
		if p.File == "" || p.Left.Column == "" || p.Right.Column == "" {
			continue
		}
		if p.Left.Connector == p.Right.Connector {
			l.problems.Errorf(items[i].At("right").At("connector"), "a pair is made of records of two different connectors")
		}
		l.readPairs(p, items[i])
	}
}

// readPairs opens the file of one entry.
func (l *loader) readPairs(p *Pairs, n diag.Node) {
	at := n.At("file")
	name := path.Clean(filepath.ToSlash(p.File))
	if !fs.ValidPath(name) {
		l.problems.Add(at.Errorf("the file must lie in the directory of the configuration").WithHint("write its path relative to that directory"))
		return
	}
	f, err := l.files.Open(name)
	if err != nil {
		l.problems.Add(at.Errorf("the file cannot be read").WithHint("its path is relative to the directory of the configuration"))
		return
	}
	defer func() { _ = f.Close() }() // only read
	rows, bad, err := p.read(f)
	if err != nil {
		l.problems.Errorf(at, "%s", err.Error())
		return
	}
	p.Rows = rows
	for _, b := range bad {
		pos := diag.Pos{File: filepath.Join(l.dir, filepath.FromSlash(name)), Line: b.line}
		l.problems.Add(diag.Diagnostic{Pos: pos, Summary: b.what, Hint: "correct or remove the line"})
	}
}

// asOf is the canonical object that a side is mapped as, "" if not known.
func (l *loader) asOf(s Side) record.Object {
	if k, ok := l.cfg.Connector(s.Connector); ok {
		o, _ := k.Object(s.Object)
		return o.As
	}
	return ""
}

type badLine struct {
	line int
	what string
}

// read returns the pairs, the lines that are none, and an error when the file
// as a whole cannot be used.
func (p *Pairs) read(from io.Reader) ([]Pair, []badLine, error) {
	r := csv.NewReader(from)
	r.FieldsPerRecord = -1
	if c := []rune(p.Comma); len(c) == 1 {
		r.Comma = c[0]
	} else if p.Comma != "" {
		return nil, nil, errors.New("comma must be a single character")
	}
	head, err := r.Read()
	if err != nil {
		return nil, nil, errors.New("the file has no line of headings")
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	left, right := column(head, p.Left.Column), column(head, p.Right.Column)
	if left < 0 || right < 0 {
		return nil, nil, fmt.Errorf("the file has no columns %q and %q; its headings are: %s", p.Left.Column, p.Right.Column, strings.Join(head, ", "))
	}
	return p.lines(r, left, right)
}

func (p *Pairs) lines(r *csv.Reader, left, right int) ([]Pair, []badLine, error) {
	var rows []Pair
	var bad []badLine
	const mostBad = 20 // more are of one cause
	seen := map[Pair]bool{}
	for len(bad) < mostBad {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
			bad = append(bad, badLine{syntax.Line, "not valid CSV: " + syntax.Err.Error()})
			continue
		}
		if err != nil {
			return nil, nil, errors.New("the file could not be read to its end")
		}
		line, _ := r.FieldPos(0)
		if len(cells) <= max(left, right) || strings.TrimSpace(cells[left]) == "" || strings.TrimSpace(cells[right]) == "" {
			bad = append(bad, badLine{line, "this line has no id in one of the two columns"})
			continue
		}
		pair := Pair{strings.TrimSpace(cells[left]), strings.TrimSpace(cells[right])}
		if !seen[pair] {
			rows = append(rows, pair)
		}
		seen[pair] = true
	}
	return rows, bad, nil
}

func column(head []string, name string) int {
	for i, h := range head {
		if strings.TrimSpace(h) == name {
			return i
		}
	}
	return -1
}
