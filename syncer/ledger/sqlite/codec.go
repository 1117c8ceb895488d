package sqlite

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Bodies are runs of parts in a fixed order, each text with its length before
// it. What the order is, the pairs of functions in bodies.go say.

type encoder struct {
	b       []byte
	start   int
	scratch []byte
	named   []namedOrigin
}

// begin starts a body; end returns it. Bodies of one group share a buffer,
// which reset gives back once the driver has copied them.
func (e *encoder) begin() { e.start = len(e.b) }

func (e *encoder) end() []byte { return e.b[e.start:len(e.b):len(e.b)] }

func (e *encoder) reset() {
	const keep = 1 << 20
	if cap(e.b) > keep {
		e.b = nil
	}
	e.b = e.b[:0]
}

// whole returns the stored form of fields as a body of its own.
func (e *encoder) whole(f record.Fields) []byte {
	e.begin()
	e.b = f.AppendEncoded(e.b)
	return e.end()
}

func (e *encoder) uint(n uint64) { e.b = binary.AppendUvarint(e.b, n) }

func (e *encoder) int(n int64) { e.b = binary.AppendVarint(e.b, n) }

func (e *encoder) str(s string) {
	e.b = binary.AppendUvarint(e.b, uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) bool(v bool) { e.uint(uint64(flag(v))) } //nolint:gosec // 0 or 1

// time keeps any instant to the nanosecond; the zero one is one byte.
func (e *encoder) time(t time.Time) {
	if t.IsZero() {
		e.b = append(e.b, 0)
		return
	}
	e.b = append(e.b, 1)
	e.int(t.Unix())
	e.uint(uint64(t.Nanosecond())) //nolint:gosec // never negative
}

func (e *encoder) fields(f record.Fields) {
	if len(f) == 0 {
		e.b = append(e.b, 0)
		return
	}
	e.scratch = f.AppendEncoded(e.scratch[:0])
	e.uint(uint64(len(e.scratch)))
	e.b = append(e.b, e.scratch...)
}

func (e *encoder) value(v record.Value) {
	if v.IsAbsent() {
		e.b = append(e.b, 0)
		return
	}
	e.scratch, _ = v.AppendText(e.scratch[:0])
	e.uint(uint64(len(e.scratch)))
	e.b = append(e.b, e.scratch...)
}

// decoder reads what encoder wrote. The first failure sticks.
type decoder struct {
	s   string
	err error
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = fmt.Errorf("%w: a row ends too early", ledger.ErrDamaged)
	}
	d.s = ""
}

func (d *decoder) uint() uint64 {
	var n uint64
	for i := 0; i < len(d.s) && i < binary.MaxVarintLen64; i++ {
		c := d.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.s = d.s[i+1:]
			return n
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	u := d.uint()
	n := int64(u >> 1) // zig-zag
	if u&1 != 0 {
		n = ^n
	}
	return n
}

func (d *decoder) str() string {
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.fail()
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *decoder) bool() bool { return d.uint() != 0 }

func (d *decoder) time() time.Time {
	if d.uint() == 0 {
		return time.Time{}
	}
	sec := d.int()
	return time.Unix(sec, int64(d.uint())).UTC() //nolint:gosec // written from an int
}

func (d *decoder) fields() record.Fields {
	f, err := record.DecodeFieldsString(d.str())
	if err != nil && d.err == nil {
		d.err = fmt.Errorf("%w: %w", ledger.ErrDamaged, err)
	}
	return f
}

// wholeFields reads a body made by whole.
func wholeFields(b []byte) (record.Fields, error) {
	f, err := record.DecodeFields(b)
	if err != nil {
		return record.Fields{}, fmt.Errorf("%w: %w", ledger.ErrDamaged, err)
	}
	return f, nil
}

func (d *decoder) value() record.Value {
	s := d.str()
	if s == "" {
		return record.Value{}
	}
	v, err := record.ParseStored(s)
	if err != nil && d.err == nil {
		d.err = fmt.Errorf("%w: %w", ledger.ErrDamaged, err)
	}
	return v
}

// count guards the size of what is made for n parts.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.fail()
		return 0
	}
	return int(n) //nolint:gosec // bounded by a length
}

// nanos is t for a column that is compared; 0 stands for no time, and what
// lies outside the range is its edge.
func nanos(t time.Time) int64 {
	const years = 290
	switch {
	case t.IsZero():
		return 0
	case t.Year() > 1970+years:
		return 1<<63 - 1
	case t.Year() < 1970-years:
		return -1 << 63
	default:
		return t.UnixNano()
	}
}
