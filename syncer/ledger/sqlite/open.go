package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Options says how to open a ledger. The zero value is right for the daemon.
type Options struct {
	// ReadOnly opens an existing ledger for reading, also while a daemon has
	// it: for commands that only look.
	ReadOnly bool
	// Readers is how many transactions may read at a time; 0 is 4.
	Readers int
	// MaxPages bounds the file, in pages of 8 KiB; 0 is no bound. A write that
	// would pass it fails as on a full disk.
	MaxPages int
}

const (
	pageSize       = 4096
	writerCacheKiB = 12288
	readerCacheKiB = 4096
	// In this build of SQLite the caches of all connections are one: a reader
	// that has filled its share takes the writer's pages, and while it rests
	// the writer can keep none. So a reader is opened anew before that.
	readerKeepBytes = 2 << 20
	// The log is copied into the file when it has this many pages; a page
	// written often in between is copied once.
	checkpointPages = 4000
	logLimit        = 64 << 20
	busyMillis      = 5000
	// SQLite before this can damage a file in WAL mode when two connections
	// meet at the start of a new log.
	minVersion = "3.51.3"
)

// Open opens the ledger in the file at path and brings its layout up to date.
func Open(ctx context.Context, path string, o Options) (*Ledger, error) {
	l, err := open(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	return l, nil
}

func open(ctx context.Context, path string, o Options) (*Ledger, error) {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	l := &Ledger{path: path, readers: make(chan *conn, o.Readers), done: make(chan struct{})}
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("there is nothing to read yet, run a sync or a plan first: %w", err)
		}
	} else if err := l.lock(path); err != nil {
		return nil, err
	}
	if err := l.connect(ctx, path, o); err != nil {
		return nil, errors.Join(err, l.closeAll(len(l.readers)))
	}
	return l, nil
}

func (l *Ledger) lock(path string) error {
	f, err := os.OpenFile(filepath.Clean(path)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("its folder must exist and be writable: %w", err)
	}
	if err := lockFile(f); err != nil {
		return errors.Join(heldBy(f, err), f.Close())
	}
	l.locked = f
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	line := fmt.Sprintf("process %d on %s since %s\n", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	if _, err := f.WriteAt([]byte(line), 0); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Truncate(int64(len(line)))
}

// heldBy adds to an error who has the lock, as they wrote it down.
func heldBy(f *os.File, err error) error {
	line := make([]byte, 200)
	n, _ := f.ReadAt(line, 0) // less is there than asked for
	who, _, whole := strings.Cut(string(line[:n]), "\n")
	if !errors.Is(err, ledger.ErrLocked) || !whole {
		return err
	}
	return fmt.Errorf("%w (it is %s)", err, who)
}

func (l *Ledger) connect(ctx context.Context, path string, o Options) error {
	if !o.ReadOnly {
		w, err := dial(ctx, path, "rwc", writerPragmas(o))
		if err != nil {
			return err
		}
		l.writer = make(chan *conn, 1)
		l.writer <- w
		if err := migrate(w); err != nil {
			return err
		}
	}
	for i := range o.Readers {
		r, err := dialReader(ctx, path)
		if err != nil {
			return err
		}
		l.readers <- r
		if i == 0 {
			if err := checkCurrent(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func writerPragmas(o Options) []string {
	p := []string{
		"busy_timeout=" + strconv.Itoa(busyMillis),
		"page_size=" + strconv.Itoa(pageSize),
		"journal_mode=WAL",
		"synchronous=FULL",
		"cache_size=-" + strconv.Itoa(writerCacheKiB),
		"wal_autocheckpoint=" + strconv.Itoa(checkpointPages),
		"journal_size_limit=" + strconv.Itoa(logLimit),
		"temp_store=MEMORY",
		"trusted_schema=OFF",
	}
	if o.MaxPages > 0 {
		p = append(p, "max_page_count="+strconv.Itoa(o.MaxPages))
	}
	return p
}

func readerPragmas() []string {
	return []string{
		"busy_timeout=" + strconv.Itoa(busyMillis),
		"query_only=ON",
		"cache_size=-" + strconv.Itoa(readerCacheKiB),
		"temp_store=MEMORY",
		"trusted_schema=OFF",
	}
}

// dialReader does not open mode=ro: after a crash even a reader must rebuild
// the log's index.
func dialReader(ctx context.Context, path string) (*conn, error) {
	return dial(ctx, path, "rw", readerPragmas())
}

func dial(ctx context.Context, path, mode string, pragmas []string) (*conn, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: "mode=" + mode}
	connector, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, err
	}
	raw, err := connector.Connect(ctx)
	if err != nil {
		return nil, classify(err)
	}
	c := &conn{ctx: context.WithoutCancel(ctx), raw: raw, stmts: make(map[stmtKey]driver.Stmt)}
	if err := c.prepare(pragmas); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *conn) prepare(pragmas []string) error {
	row, err := c.one("SELECT sqlite_version()")
	if err != nil {
		return err
	}
	if err := checkVersion(asText(row[0])); err != nil {
		return err
	}
	for _, p := range pragmas {
		if _, err := c.one("PRAGMA " + p); err != nil {
			return err
		}
	}
	return nil
}

// checkVersion refuses an SQLite that could damage the file.
func checkVersion(have string) error {
	h, w := strings.Split(have, "."), strings.Split(minVersion, ".")
	for i := range w {
		a := 0
		if i < len(h) {
			a, _ = strconv.Atoi(h[i])
		}
		b, _ := strconv.Atoi(w[i])
		if a != b {
			if a > b {
				return nil
			}
			return fmt.Errorf("this build contains SQLite %s, which can damage a ledger: use a build with %s or later", have, minVersion)
		}
	}
	return nil
}
