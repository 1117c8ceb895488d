package csv

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"slices"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// index tells where each id stands in one state of a file, and which rows
// repeat an id. It takes 32 bytes a row.
type index struct {
	digest  string
	entries []entry // sorted by key, then by line
	repeats map[int64]repeat
}

type entry struct {
	key    [16]byte
	offset int64
	line   int32
}

type repeat struct {
	firstLine int
	n         int // the number among rows of the same id, from 2
}

func keyOf(id string) (key [16]byte) {
	h := fnv.New128a()
	_, _ = io.WriteString(h, id) // a hash takes everything
	h.Sum(key[:0])
	return key
}

// place is a position in a file that is being read.
type place struct {
	source *source
	header *header
	index  *index
	rows   *rows
}

// at opens a file ready to be read from an offset; 0 is its first row.
func (t *table) at(ctx context.Context, name string, offset int64, line int) (place, error) {
	s, err := t.open(name)
	if err != nil {
		return place{}, err
	}
	p := place{source: s}
	if p.header, err = t.header(s); err == nil {
		p.index, err = t.indexed(ctx, s, p.header)
	}
	if err != nil {
		s.close()
		return place{}, err
	}
	if offset <= p.header.offset {
		offset, line = p.header.offset, p.header.line
	}
	p.rows = t.rows(s, offset, line)
	return p, nil
}

// next returns the next row that holds anything.
func (p place) next() (row, error) {
	for {
		in, err := p.rows.next()
		if err != nil || in.err != nil || !blank(in.raw) {
			return in, err
		}
	}
}

func (t *table) indexed(ctx context.Context, s *source, h *header) (*index, error) {
	t.mu.Lock()
	x, ok := t.index[s.name]
	t.mu.Unlock()
	if ok && x.digest == s.digest {
		return x, nil
	}
	x = &index{digest: s.digest, repeats: map[int64]repeat{}}
	p := place{source: s, header: h, rows: t.rows(s, h.offset, h.line)}
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, t.fault(fault.Canceled, "read "+s.name, ctx.Err())
		}
		in, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, t.fault(fault.Transient, "read "+s.name, cause(err))
		}
		cells, err := t.cells(h, p.rows, in)
		if err != nil {
			continue // told when the row is read for good
		}
		if id, err := t.id(h, cells); err == nil {
			x.entries = append(x.entries, entry{keyOf(id), in.offset, int32(in.line)}) //nolint:gosec // a file of 2^31 lines is not read here
		}
	}
	t.finish(x)
	t.mu.Lock()
	t.index[s.name] = x
	t.mu.Unlock()
	return x, nil
}

// finish sorts the entries and finds the repeated ids.
func (t *table) finish(x *index) {
	slices.SortFunc(x.entries, func(a, b entry) int {
		if c := bytes.Compare(a.key[:], b.key[:]); c != 0 {
			return c
		}
		return int(a.line - b.line)
	})
	first := 0
	for i := 1; i < len(x.entries); i++ {
		if x.entries[i].key != x.entries[first].key {
			first = i
			continue
		}
		x.repeats[x.entries[i].offset] = repeat{firstLine: int(x.entries[first].line), n: i - first + 1}
	}
}

// find returns where the rows of an id stand, in order.
func (x *index) find(id string) []entry {
	key := keyOf(id)
	i, ok := slices.BinarySearchFunc(x.entries, key, func(e entry, k [16]byte) int { return bytes.Compare(e.key[:], k[:]) })
	if !ok {
		return nil
	}
	end := i
	for end < len(x.entries) && x.entries[end].key == key {
		end++
	}
	return x.entries[i:end]
}
