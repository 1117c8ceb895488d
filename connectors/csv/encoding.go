package csv

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charset is how the bytes of a file stand for text. Encodings of one byte a
// letter are decoded cell by cell, so that offsets are those of the file;
// UTF-16 is decoded as it is read, and its offsets are counted.
type charset struct {
	single encoding.Encoding // nil for UTF-8 and UTF-16
	wide   encoding.Encoding // UTF-16 of one byte order
	bom    []byte
}

const wideUnit = 2

func charsetOf(name string, head []byte) charset {
	little := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	big := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		return charset{bom: head[:3]}
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return charset{wide: little, bom: head[:2]}
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return charset{wide: big, bom: head[:2]}
	}
	switch name {
	case "utf-16", "utf-16le":
		return charset{wide: little}
	case "utf-16be":
		return charset{wide: big}
	case "windows-1252":
		return charset{single: charmap.Windows1252}
	case "latin1":
		return charset{single: charmap.ISO8859_1}
	}
	return charset{}
}

func (c charset) reader(r io.Reader) io.Reader {
	if c.wide != nil {
		return c.wide.NewDecoder().Reader(r)
	}
	return r
}

var (
	errNotUTF8   = errors.New("the row is not valid UTF-8; set encoding: windows-1252 if that is what it is")
	errNoLetter  = errors.New("a letter of the value does not exist in the file's encoding")
	errZeroBytes = errors.New("the row holds zero bytes; set encoding: utf-16le if that is what it is")
)

// text decodes the bytes of a cell.
func (c charset) text(raw []byte) (string, error) {
	if bytes.IndexByte(raw, 0) >= 0 {
		return "", errZeroBytes
	}
	if c.single != nil {
		out, err := c.single.NewDecoder().Bytes(raw)
		return string(out), err
	}
	if !utf8.Valid(raw) {
		return "", errNotUTF8
	}
	return string(raw), nil
}

// bytes encodes the text of a row.
func (c charset) bytes(text string) ([]byte, error) {
	enc := c.single
	if c.wide != nil {
		enc = c.wide
	}
	if enc == nil {
		return []byte(text), nil
	}
	out, err := enc.NewEncoder().Bytes([]byte(strings.ToValidUTF8(text, "?")))
	if err != nil {
		return nil, errNoLetter
	}
	return out, nil
}

// size tells how many bytes of the file the decoded bytes stand for.
func (c charset) size(decoded []byte) int64 {
	if c.wide == nil {
		return int64(len(decoded))
	}
	var n int64
	for _, r := range string(decoded) {
		n += wideUnit
		if r > 0xffff {
			n += wideUnit
		}
	}
	return n
}
