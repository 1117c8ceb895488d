package csv

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Gone tells which ids of a complete object vanished since the cursor. The ids
// there were are kept in a list beside the files, named by its digest, which is
// the cursor.
func (c *Connector) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	t, err := c.table(q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	if !t.file.Complete {
		return connectors.Page{}, fault.ErrUnsupported(t.system, t.name, "tell deletions")
	}
	ids, err := t.ids(ctx)
	if err != nil {
		return connectors.Page{}, err
	}
	now, err := t.keepIDs(ids)
	if err != nil {
		return connectors.Page{}, err
	}
	if q.Cursor == "" || string(q.Cursor) == now {
		t.forgetIDs(now)
		return connectors.Page{Next: connectors.Cursor(now)}, nil
	}
	from, skip, _ := strings.Cut(string(q.Cursor), "+")
	at, _ := strconv.Atoi(skip) // nothing after the plus is the start
	before, err := t.keptIDs(from)
	if err != nil {
		return connectors.Page{}, err
	}
	page := connectors.Page{Next: connectors.Cursor(now)}
	for i := at; i < len(before); i++ {
		if len(page.Gone) == t.cfg.PageSize {
			page.More, page.Next = true, connectors.Cursor(from+"+"+strconv.Itoa(i))
			return page, nil
		}
		if _, still := slices.BinarySearch(ids, before[i]); !still {
			page.Gone = append(page.Gone, connectors.Gone{Object: t.name, ID: before[i], Kind: connectors.GoneDeleted, At: time.Now().UTC()})
		}
	}
	return page, nil
}

// ids lists every id of the object, sorted. A row whose id cannot be read
// might be any of those that vanished, so there is no answer while one exists.
func (t *table) ids(ctx context.Context) ([]string, error) {
	var ids []string
	var none []connectors.Record
	err := t.each(ctx, func(p place) error {
		for {
			in, err := p.next()
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case ctx.Err() != nil:
				return t.fault(fault.Canceled, "list ids", ctx.Err())
			case err != nil:
				return t.fault(fault.Transient, "list ids", cause(err))
			}
			id, f := t.idOf(p, in)
			if f != nil {
				return f
			}
			ids = append(ids, id)
		}
	}, &none)
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// idOf returns the id of a row; a repeated row has that of the first.
func (t *table) idOf(p place, in row) (string, *fault.Error) {
	if got := t.take(p, in, nil); got.record != nil {
		return got.record.ID, nil
	}
	if cells, err := t.cells(p.header, p.rows, in); err == nil {
		if id, err := t.id(p.header, cells); err == nil {
			return id, nil
		}
	}
	f := t.fault(fault.Malformed, "list ids", errors.New("row "+strconv.Itoa(in.line)+" of "+p.source.name+" cannot be read"))
	f.Next = "correct the row; until then no deletion is told"
	return "", f
}

func (t *table) state() string {
	if t.cfg.State != "" {
		return t.cfg.State
	}
	return filepath.Join(t.folder, ".tandem")
}

func (t *table) listFile(digest string) string {
	sum := sha256.Sum256([]byte(t.system + "\x00" + t.name))
	return filepath.Join(t.state(), hex.EncodeToString(sum[:6])+"-"+digest+".ids")
}

func (t *table) keepIDs(ids []string) (string, error) {
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	digest := hex.EncodeToString(sum[:10])
	path := t.listFile(digest)
	if _, err := os.Stat(path); err == nil {
		return digest, nil
	}
	err := os.MkdirAll(t.state(), 0o700)
	if err == nil {
		err = replace(path, 0o600, func(w io.Writer) error {
			for _, id := range ids {
				if _, err := io.WriteString(w, strconv.Quote(id)+"\n"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		f := t.fault(fault.Permission, "keep the list of ids", cause(err))
		f.Next = "set `state` to a folder that Tandem may write to"
		return "", f
	}
	return digest, nil
}

func (t *table) keptIDs(digest string) ([]string, error) {
	if strings.Trim(digest, "0123456789abcdef") != "" {
		return nil, t.fault(fault.Expired, "read the list of ids", errors.New("the cursor is not one of this connector's"))
	}
	file, err := os.Open(t.listFile(digest))
	if err != nil {
		return nil, t.fault(fault.Expired, "read the list of ids", errors.New("the list of earlier ids is no longer there"))
	}
	defer file.Close() //nolint:errcheck // only read from
	var ids []string
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestRow)
	for lines.Scan() {
		id, err := strconv.Unquote(lines.Text())
		if err != nil {
			return nil, t.fault(fault.Expired, "read the list of ids", errors.New("the list of earlier ids is damaged"))
		}
		ids = append(ids, id)
	}
	return ids, lines.Err()
}

// forgetIDs removes all lists but the one in use.
func (t *table) forgetIDs(digest string) {
	keep := t.listFile(digest)
	all, err := filepath.Glob(t.listFile("*"))
	if err != nil {
		return // the pattern is ours
	}
	for _, path := range all {
		if path != keep {
			_ = os.Remove(path) // a list left over does no harm
		}
	}
}
