package csv

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

const (
	batchRead  = 1000
	batchWrite = 1000
)

// Read returns the rows of these ids.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	t, err := c.table(object)
	if err != nil {
		return nil, err
	}
	var out []connectors.Record
	err = t.each(ctx, func(p place) error {
		for _, id := range ids {
			got, err := t.byID(p, id, fields)
			if err != nil {
				return err
			}
			if got != nil {
				out = append(out, *got)
			}
		}
		return nil
	}, &out)
	return out, err
}

// Lookup finds rows by the id column, the only key there is.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	t, err := c.table(object)
	if err != nil {
		return nil, err
	}
	if len(t.file.ID) != 1 || t.file.ID[0] != key {
		return nil, fault.ErrUnsupported(t.system, object, "look up by "+key)
	}
	found, err := c.Read(ctx, object, values, fields)
	if err != nil {
		return nil, err
	}
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for _, r := range found {
			if r.ID == v {
				out[i] = append(out[i], r)
			}
		}
	}
	return out, nil
}

// each goes through the files of the object, newest state. A file changed in
// place meanwhile is an error: what was found may be half of one state and
// half of another.
func (t *table) each(ctx context.Context, do func(place) error, out *[]connectors.Record) error {
	names, err := t.list()
	if err != nil {
		return err
	}
	for _, name := range names {
		p, err := t.at(ctx, name, 0, 0)
		if err != nil {
			return err
		}
		err = do(p)
		steady := p.source.steady()
		p.source.close()
		if err != nil {
			return err
		}
		if !steady {
			*out = nil
			return t.fault(fault.Transient, "read "+name, errors.New("the file changed while it was read"))
		}
	}
	return nil
}

// byID reads one row; nil if the id is not in the file or its row is damaged.
func (t *table) byID(p place, id string, fields []string) (*connectors.Record, error) {
	n := 1
	found := p.index.find(id)
	if base, nth, ok := strings.Cut(id, repeatMark); ok && len(found) == 0 && t.file.Repeated == "keep" {
		if k, err := strconv.Atoi(nth); err == nil && k > 1 {
			found, n = p.index.find(base), k
		}
	}
	if n > len(found) {
		return nil, nil //nolint:nilnil // a missing row is no error
	}
	e := found[n-1]
	p.rows = t.rows(p.source, e.offset, int(e.line))
	in, err := p.rows.next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil //nolint:nilnil // cut off since; each tells
		}
		return nil, t.fault(fault.Transient, "read "+p.source.name, cause(err))
	}
	return t.take(p, in, fields).record, nil
}
