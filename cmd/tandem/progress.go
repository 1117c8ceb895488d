package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/tandem-sync/tandem/syncer"
)

// progress shows long work on a terminal, one line that is written over. Where
// there is no terminal it says nothing.
type progress struct {
	mu      sync.Mutex
	w       io.Writer
	on      bool
	last    time.Time
	read    int
	written int
	planned int
}

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, on: ok && isatty.IsTerminal(f.Fd())}
}

func (p *progress) observe(ev syncer.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev.Kind {
	case syncer.PagePulled:
		p.read += ev.N
	case syncer.RowsPlanned:
		p.planned = ev.N
	case syncer.BatchPushed:
		if ev.Result != "rewritten" {
			p.written += ev.N
		}
	case syncer.ObjectPulled, syncer.PullFailed, syncer.CycleEnded:
	}
	if !p.on || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last = time.Now()
	if p.planned == 0 {
		fmt.Fprintf(p.w, "\r\x1b[Kreading: %d rows", p.read)
		return
	}
	const width = 30
	full := min(width, width*p.written/max(p.planned, 1))
	fmt.Fprintf(p.w, "\r\x1b[Kwriting: [%-*s] %d of %d rows", width, bar(full), p.written, p.planned)
}

func bar(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '='
	}
	return string(b)
}

// done clears the line; calling it again does nothing.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on && !p.last.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.on = false
}

// again shows progress after done, on the same terminal.
func (p *progress) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, ok := p.w.(*os.File)
	p.on = ok && isatty.IsTerminal(f.Fd())
}
