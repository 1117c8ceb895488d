package csv

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

const (
	bufferSize = 64 << 10
	// unsettled is how long a file's time does not prove that its content is
	// the same: two changes may fall into one tick of the file system's clock.
	unsettled = 2 * time.Second
)

// source is one file, open at one state.
type source struct {
	file    *os.File
	name    string
	digest  string // of the content
	changed time.Time
	size    int64
	set     charset
}

// stamp is what was found of a file's content at one moment.
type stamp struct {
	size    int64
	changed time.Time
	digest  string
	settled bool
}

// list names the files of an object in order. A pattern that matches nothing
// is an error: a missing export must not look like an empty one.
func (t *table) list() ([]string, error) {
	names, err := fs.Glob(os.DirFS(t.folder), filepath.ToSlash(t.file.Path))
	if err != nil {
		return nil, t.fault(fault.Invalid, "list files", err)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return filepath.Base(n)[0] == '.' })
	if len(names) == 0 && !t.file.Write {
		if _, err := os.Stat(t.folder); err != nil {
			return nil, t.fault(fault.Missing, "list files", errors.New("the folder cannot be read"))
		}
		f := t.fault(fault.Missing, "list files", errors.New("no file matches "+t.file.Path))
		f.Next = "put the export there, or correct `file`"
		return nil, f
	}
	slices.Sort(names)
	return names, nil
}

// open opens a file and takes its digest. Links that lead out of the folder
// are refused.
func (t *table) open(name string) (*source, error) {
	root, err := os.OpenRoot(t.folder)
	if err != nil {
		return nil, t.fault(fault.Missing, "open the folder", errors.New("the folder cannot be opened"))
	}
	defer root.Close() //nolint:errcheck // only read from
	file, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		class := fault.Transient
		switch {
		case errors.Is(err, fs.ErrNotExist):
			class = fault.Missing
		case errors.Is(err, fs.ErrPermission):
			class = fault.Permission
		}
		return nil, t.fault(class, "open "+name, cause(err))
	}
	s := &source{file: file, name: name}
	if err := t.identify(s); err != nil {
		return nil, errors.Join(t.fault(fault.Transient, "read "+name, cause(err)), file.Close())
	}
	return s, nil
}

func (t *table) identify(s *source) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	s.size, s.changed = info.Size(), info.ModTime()
	head := make([]byte, 3)
	n, err := s.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	s.set = charsetOf(t.encoding(), head[:n])
	t.mu.Lock()
	known, ok := t.stamps[s.name]
	t.mu.Unlock()
	if ok && known.settled && known.size == s.size && known.changed.Equal(s.changed) {
		s.digest = known.digest
		return nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(s.file, 0, s.size)); err != nil {
		return err
	}
	s.digest = hex.EncodeToString(hash.Sum(nil)[:10])
	age := time.Since(s.changed)
	t.mu.Lock()
	t.stamps[s.name] = stamp{size: s.size, changed: s.changed, digest: s.digest, settled: age > unsettled}
	t.mu.Unlock()
	return nil
}

// steady tells whether the file was not changed in place since it was opened.
func (s *source) steady() bool {
	info, err := s.file.Stat()
	return err == nil && info.Size() == s.size && info.ModTime().Equal(s.changed)
}

// rows begins to read at an offset, which is the start of a row.
func (t *table) rows(s *source, offset int64, line int) *rows {
	from := max(offset, int64(len(s.set.bom)))
	in := s.set.reader(io.NewSectionReader(s.file, from, s.size-from))
	r := &rows{in: bufio.NewReaderSize(in, bufferSize), set: s.set, delim: t.delim, quote: t.quote, offset: from, line: line}
	return r
}

func (s *source) close() { _ = s.file.Close() } // only read from

// cause drops the path from an error: folders may be named after people.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
