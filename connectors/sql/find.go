package sql

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Read returns the rows of these ids; removed ones are marked.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	l, err := c.layout(ctx, object)
	if err != nil {
		return nil, err
	}
	found, err := l.lookUp(ctx, l.id, ids, fields)
	if err != nil {
		return nil, err
	}
	var out []connectors.Record
	for i, list := range found {
		for _, r := range list {
			if r.ID != ids[i] {
				r.Asked = ids[i]
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// Lookup returns for each value the rows that hold it, as the database compares.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	l, err := c.layout(ctx, object)
	if err != nil {
		return nil, err
	}
	col := l.column(key)
	if col == nil || !slices.Contains(l.keys(), key) {
		return nil, fault.ErrUnsupported(c.name, object, "look up by a column that is not a key")
	}
	return l.lookUp(ctx, col, values, fields)
}

func (l *layout) lookUp(ctx context.Context, col *column, values, fields []string) ([][]connectors.Record, error) {
	out := make([][]connectors.Record, len(values))
	err := l.c.query(ctx, l.name, "look up "+l.name, func(ctx context.Context, q querier) error {
		sel := l.changesWalk().selected(fields)
		for at := 0; at < len(values); at += batchRead {
			end := min(at+batchRead, len(values))
			if err := sel.matching(ctx, q, col, values[at:end], out[at:end]); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// matching finds the rows whose column equals one of the values. The database
// says which: what is the same for it, such as capitals, need not be for us.
func (sel *selection) matching(ctx context.Context, q querier, col *column, values []string, out [][]connectors.Record) error {
	var args []any
	var asked []int
	for i, v := range values {
		if arg, ok := col.keyArg(v); ok && v != "" {
			args, asked = append(args, arg), append(asked, i)
		}
	}
	if len(args) == 0 {
		return nil
	}
	d := sel.c.d
	one := *sel
	s := &statement{d: d}
	lead := &statement{d: d}
	lead.add("CASE ", d.quote(col.name))
	for i, arg := range args {
		lead.add(" WHEN ")
		lead.bind(arg, col)
		lead.add(" THEN ", strconv.Itoa(i))
	}
	lead.add(" ELSE -1 END")
	one.lead, s.args = lead.String(), lead.args
	s.add(one.begin().String(), " WHERE ", d.quote(col.name), " IN (")
	s.list(args, col)
	s.add(")", sel.lock)
	err := s.rows(ctx, q, func(raw []any) error {
		r := one.take(raw)
		text, _ := plain(r.lead)
		if i, err := strconv.Atoi(text); err == nil && i >= 0 && i < len(asked) {
			out[asked[i]] = append(out[asked[i]], r.record)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sel.twins(ctx, q, col, values, out)
}

// twins asks once more for values that another value of the list may equal:
// each row was given to the first of them only.
func (sel *selection) twins(ctx context.Context, q querier, col *column, values []string, out [][]connectors.Record) error {
	first := map[string]int{}
	for i, v := range values {
		fold := strings.ToLower(strings.TrimSpace(v))
		j, twice := first[fold]
		if !twice {
			first[fold] = i
			continue
		}
		switch {
		case values[i] == values[j]:
			out[i] = out[j]
		case len(out[i]) == 0:
			if err := sel.matching(ctx, q, col, values[i:i+1], out[i:i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}
