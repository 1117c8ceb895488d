package diag

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds on one file. A configuration is far below them; something beyond is a
// mistake or an attack.
const (
	maxBytes = 4 << 20
	maxDepth = 64
	maxNodes = 200_000 // with every alias expanded
)

// source is one parsed file, shared by its nodes and never changed.
type source struct {
	file  string
	lines []string
}

func (s *source) line(n int) string {
	if s == nil || n < 1 || n > len(s.lines) {
		return ""
	}
	return maskSource(s.lines[n-1])
}

func (s *source) errorf(line, column int, format string, args ...any) Diagnostic {
	return Diagnostic{
		Pos:     Pos{File: s.file, Line: line, Column: column},
		Summary: fmt.Sprintf(format, args...),
		Source:  s.line(line),
	}
}

// Parse reads one YAML document. Errors of syntax name the line they are on;
// duplicate keys, keys that are not plain words, a second document, and
// aliases that contain themselves or multiply beyond reason are errors too. An
// empty file gives a null node. The node may be used when the list holds no
// error.
func Parse(file string, src []byte) (Node, List) {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	s := &source{file: file, lines: strings.Split(string(src), "\n")}
	if len(src) > maxBytes {
		return Node{}, List{s.errorf(0, 0, "the file is larger than %d MiB; split it", maxBytes>>20)}
	}
	if line := invalidLine(src); line > 0 {
		d := s.errorf(line, 1, "the file is not valid UTF-8")
		return Node{}, List{d.WithHint("save it as UTF-8")}
	}
	dec := yaml.NewDecoder(bytes.NewReader(src))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		empty := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: 1, Column: 1}
		return Node{y: empty, src: s}, nil
	}
	if err != nil {
		return Node{}, List{s.syntax(src, err)}
	}
	if extra := s.secondDocument(dec, src); extra != nil {
		return Node{}, *extra
	}
	c := checker{src: s, sizes: map[*yaml.Node]int{}, open: map[*yaml.Node]bool{}}
	c.visit(doc.Content[0], 0)
	return Node{y: doc.Content[0], src: s}, c.problems
}

func (s *source) secondDocument(dec *yaml.Decoder, src []byte) *List {
	var second yaml.Node
	err := dec.Decode(&second)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return &List{s.syntax(src, err)}
	default:
		d := s.errorf(second.Line, 1, "a second document starts here; a file holds one")
		return &List{d.WithHint("move it to a file of its own, or remove the line with ---")}
	}
}

func invalidLine(src []byte) int {
	if utf8.Valid(src) {
		return 0
	}
	for i, line := range bytes.Split(src, []byte("\n")) {
		if !utf8.Valid(line) {
			return i + 1
		}
	}
	return 1
}

var yamlPlace = regexp.MustCompile(`^yaml: (?:line \d+: )?`)

// syntax locates an error of the YAML parser. The parser names the line where
// the enclosing block began, if any, so the place is found by parsing prefixes:
// the mistake is on the line after the longest prefix that is valid.
func (s *source) syntax(src []byte, err error) Diagnostic {
	line := faultyLine(src)
	text := strings.TrimRight(s.line(line), "\r")
	column := 1 + len([]rune(text)) - len([]rune(strings.TrimLeft(text, " ")))
	d := s.errorf(line, column, "not valid YAML: %s", yamlPlace.ReplaceAllString(err.Error(), ""))
	switch {
	case strings.Contains(text, "\t"):
		return d.WithHint("indent with spaces; YAML does not allow tabs")
	case strings.Contains(d.Summary, "mapping values are not allowed"):
		return d.WithHint("check the indentation, or quote a value that contains `: `")
	case strings.Contains(d.Summary, "did not find expected"):
		return d.WithHint("check the indentation and the quotes and brackets of this line and the one above")
	}
	return d
}

func faultyLine(src []byte) int {
	lines := bytes.SplitAfter(src, []byte("\n"))
	bad := consumed(lines)
	const near = 256 // an open quote or bracket further up is found by halving
	floor := max(0, bad-near)
	for i := bad - 1; i >= max(floor, 1); i-- {
		if parses(lines[:i]) {
			return i + 1
		}
	}
	good := 0
	for bad = floor; bad-good > 1; {
		if mid := (good + bad) / 2; parses(lines[:mid]) {
			good = mid
		} else {
			bad = mid
		}
	}
	return good + 1
}

func parses(lines [][]byte) bool {
	dec := yaml.NewDecoder(bytes.NewReader(bytes.Join(lines, nil)))
	for {
		var n yaml.Node
		if err := dec.Decode(&n); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// consumed counts the lines the YAML parser had asked for when it failed: the
// mistake is not below them.
func consumed(lines [][]byte) int {
	r := &lineReader{lines: lines}
	dec := yaml.NewDecoder(r)
	for {
		var n yaml.Node
		if err := dec.Decode(&n); err != nil {
			return min(r.next, len(lines))
		}
	}
}

type lineReader struct {
	lines [][]byte
	rest  []byte
	next  int
}

// Read hands out at most one line a call.
func (r *lineReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.next >= len(r.lines) {
			return 0, io.EOF
		}
		r.rest = r.lines[r.next]
		r.next++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
