package sandbox

import (
	_ "embed" // the layout beside it
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record/format"
)

//go:embed layout_school_crm.yaml
var schoolLayout []byte

// layout says how a set of exports is written.
type layout struct {
	Zone     string                `yaml:"zone,required"`
	Currency string                `yaml:"currency,required"`
	Money    string                `yaml:"money,required"`
	Files    map[string]fileLayout `yaml:"files,required"`
	Stages   map[string]string     `yaml:"stages"`
	Sources  map[string]string     `yaml:"sources"`

	money format.Money
}

// fileLayout is one file and its columns by what they are used for.
type fileLayout struct {
	File    string                  `yaml:"file,required"`
	Columns map[string]columnLayout `yaml:"columns,required"`
}

type columnLayout struct {
	Column   string `yaml:"column,required"`
	Kind     string `yaml:"kind,required" oneof:"id text instant date money"`
	Format   string `yaml:"format"`
	Required bool   `yaml:"required"`
}

func readLayout() (*layout, error) {
	node, problems := diag.Parse("layout_school_crm.yaml", schoolLayout)
	l := &layout{}
	problems.Add(diag.Decode(node, l)...)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the built-in layout: %w", err)
	}
	var err error
	if l.money, err = format.ParseMoney(l.Money, l.Currency); err != nil {
		return nil, fmt.Errorf("the built-in layout: money: %w", err)
	}
	return l, nil
}

// cell reads one column of a file.
type cell struct {
	columnLayout
	at     int // in the header
	layout format.Layout
	last   string // the text read last, since times often repeat
	when   time.Time
}

// header places the columns of a file, or says which are missing.
func (f fileLayout) header(path string, found []string, zone string) (map[string]*cell, error) {
	cells := map[string]*cell{}
	var missing []string
	for _, use := range slices.Sorted(maps.Keys(f.Columns)) {
		c := &cell{columnLayout: f.Columns[use], at: slices.Index(found, f.Columns[use].Column)}
		if c.at < 0 {
			missing = append(missing, c.Column)
			continue
		}
		if c.Format != "" {
			var err error
			if c.layout, err = format.ParseLayout(c.Format, zone); err != nil {
				return nil, fmt.Errorf("the built-in layout: %s: %w", c.Column, err)
			}
		}
		cells[use] = c
	}
	if len(missing) > 0 {
		return nil, f.unlike(path, missing, found)
	}
	return cells, nil
}

// unlike words what a header lacks, with what may have been meant.
func (f fileLayout) unlike(path string, missing, found []string) error {
	var expected, hints []string
	for _, c := range f.Columns {
		expected = append(expected, c.Column)
	}
	slices.Sort(expected)
	for _, m := range missing {
		if near := diag.Nearest(m, found); near != "" {
			hints = append(hints, fmt.Sprintf("%q for %q", near, m))
		}
	}
	hint := ""
	if len(hints) > 0 {
		hint = "; did you mean " + strings.Join(hints, ", ") + "?"
	}
	return fmt.Errorf("%s is not in the layout of the school CRM: the columns %s are missing%s\n  expected: %s\n  found: %s\n  next: export the file with these columns, or rename them",
		path, quoted(missing), hint, quoted(expected), quoted(found))
}

func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(out, ", ")
}
