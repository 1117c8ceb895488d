package csv

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// longestRow bounds a row. A quotation mark that is never closed would
// otherwise swallow the rest of the file.
const longestRow = 256 << 10

var (
	errUnclosed = errors.New("a quotation mark is not closed")
	errTooLong  = errors.New("the row is longer than 256 kB")
	errAfter    = errors.New("text stands between a closing quotation mark and the next delimiter")
)

// row is one row as it stands in the file.
type row struct {
	raw    []byte // with its line end, decoded to UTF-8 only for UTF-16
	offset int64  // in the file
	line   int    // the line of the file it begins on, from 1
	err    error  // why it cannot be taken apart
}

// rows cuts a file into rows. It holds one row at a time.
type rows struct {
	in     *bufio.Reader
	set    charset
	delim  byte
	quote  byte // 0: quotation marks mean nothing
	offset int64
	line   int
}

func (r *rows) next() (row, error) {
	out := row{offset: r.offset, line: r.line}
	raw, lines, err := r.cut()
	if len(raw) == 0 {
		return out, err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if !errors.Is(err, errUnclosed) && !errors.Is(err, errTooLong) {
			return out, err
		}
		// Give up the first line only, and go on with the one after it.
		out.err = err
		raw, lines = r.giveBack(raw), 1
	}
	out.raw = raw
	r.offset += r.set.size(raw)
	r.line += lines
	return out, nil
}

// cut reads to the end of the row: a line end outside quotation marks.
func (r *rows) cut() (raw []byte, lines int, err error) {
	quoted, start := false, true
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			if quoted && errors.Is(err, io.EOF) {
				err = errUnclosed
			}
			return raw, lines, err
		}
		raw = append(raw, b)
		if b == '\n' {
			lines++
		}
		switch {
		case len(raw) > longestRow:
			return raw, lines, errTooLong
		case b == '\n' && !quoted:
			return raw, lines, nil
		case r.quote != 0 && b == r.quote && quoted:
			quoted = r.doubled(&raw)
		case r.quote != 0 && b == r.quote && start:
			quoted = true
		}
		start = !quoted && b == r.delim
	}
}

// doubled looks past a closing mark: a second one is a mark in the text.
func (r *rows) doubled(raw *[]byte) bool {
	next, err := r.in.Peek(1)
	if err != nil || next[0] != r.quote {
		return false
	}
	_, _ = r.in.Discard(1) // it was peeked at
	*raw = append(*raw, r.quote)
	return true
}

func (r *rows) giveBack(raw []byte) (first []byte) {
	end := bytes.IndexByte(raw, '\n') + 1
	if end <= 0 {
		// One endless line: skip it, but do not keep it.
		for end == 0 {
			chunk, err := r.in.ReadSlice('\n')
			r.offset += r.set.size(chunk)
			if err == nil || !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
		return raw
	}
	rest := bytes.Clone(raw[end:])
	r.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(rest), r.in), bufferSize)
	return raw[:end]
}

// cells takes a row apart. A quotation mark inside a field that does not begin
// with one is an ordinary letter.
func (r *rows) cells(raw []byte, into []string) ([]string, error) {
	raw = bytes.TrimRight(raw, "\r\n")
	into = into[:0]
	for {
		var cell []byte
		var err error
		if r.quote != 0 && len(raw) > 0 && raw[0] == r.quote {
			cell, raw, err = r.quoted(raw[1:])
			if err != nil {
				return into, err
			}
		} else if i := bytes.IndexByte(raw, r.delim); i >= 0 {
			cell, raw = raw[:i], raw[i:]
		} else {
			cell, raw = raw, nil
		}
		text, err := r.set.text(cell)
		if err != nil {
			return into, err
		}
		into = append(into, text)
		if len(raw) == 0 {
			return into, nil
		}
		raw = raw[1:]
	}
}

func (r *rows) quoted(raw []byte) (cell, rest []byte, err error) {
	for {
		i := bytes.IndexByte(raw, r.quote)
		if i < 0 {
			return nil, nil, errUnclosed
		}
		cell = append(cell, raw[:i]...)
		raw = raw[i+1:]
		if len(raw) == 0 {
			return cell, nil, nil
		}
		switch raw[0] {
		case r.quote:
			cell, raw = append(cell, r.quote), raw[1:]
		case r.delim:
			return cell, raw, nil
		default:
			return nil, nil, errAfter
		}
	}
}
