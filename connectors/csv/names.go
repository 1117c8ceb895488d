package csv

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

func blank(raw []byte) bool { return len(bytes.TrimRight(raw, "\r\n")) == 0 }

// distinct gives repeated and empty column names a name of their own.
func distinct(names []string) []string {
	out := make([]string, len(names))
	seen := map[string]int{}
	for i, name := range names {
		name = strings.TrimSpace(name)
		if name == "" {
			name = "column " + strconv.Itoa(i+1)
		}
		if seen[name]++; seen[name] > 1 {
			name += " (" + strconv.Itoa(seen[name]) + ")"
		}
		out[i] = name
	}
	return out
}

func unique(names []string) []string {
	seen := make(map[string]bool, len(names))
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		dup := seen[n]
		seen[n] = true
		return dup
	})
}

// standard is what is known of the object without its files.
func (t *table) standard() schema.Object {
	o := schema.Object{Name: t.name, Label: t.name, As: record.Object(t.file.As), Caps: t.capabilities()}
	for _, name := range t.sinkColumns() {
		o.Fields = append(o.Fields, t.describeColumn(name))
	}
	if o.Caps.Lookup {
		o.Keys = []string{t.file.ID[0]}
	}
	return o
}

func (t *table) capabilities() schema.Capabilities {
	c := schema.Capabilities{
		Changes: true, Gone: t.file.Complete, Read: true, BatchRead: batchRead, PageSize: t.cfg.PageSize,
		Lookup: len(t.file.ID) == 1,
	}
	if t.file.Write {
		c.Create, c.Update, c.Archive, c.Conditional, c.Echo, c.BatchWrite = true, true, true, true, true, batchWrite
	}
	return c
}

func (t *table) describeColumn(name string) schema.Field {
	c := t.column(name)
	f := c.field()
	if len(t.file.ID) == 1 && t.file.ID[0] == name {
		f.Unique = t.file.Repeated != "keep"
	}
	f.ReadOnly = !t.file.Write
	return f
}

// sinkColumns are the columns of a file that Tandem makes itself.
func (t *table) sinkColumns() []string {
	names := slices.Clone(t.file.ID)
	for _, c := range t.file.Columns {
		names = append(names, c.Name)
	}
	for _, extra := range []string{t.file.Created, t.file.Modified} {
		if extra != "" {
			names = append(names, extra)
		}
	}
	return unique(names)
}
