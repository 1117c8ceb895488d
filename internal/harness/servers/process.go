package servers

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// pollEvery is how often a test looks whether what it waits for is there.
const pollEvery = 50 * time.Millisecond

// Process is a server's program and how to tell that it is up.
type Process struct {
	Name    string // for messages
	Command []string
	Dir     string
	Env     []string // beside the test's own
	Stop    os.Signal
	// Ready tells whether the server answers; asked every 50 ms.
	Ready func(ctx context.Context) bool
	// Within is how long it may take to be ready; a minute unless set.
	Within time.Duration
}

// Running is a server that was started.
type Running struct {
	p    Process
	cmd  *exec.Cmd
	out  *tail
	done chan struct{}
}

// Start starts a server, waits until it is ready and stops it when the test
// ends. A server that does not come up fails the test with its last words.
func Start(t *testing.T, p Process) *Running {
	t.Helper()
	if p.Within == 0 {
		p.Within = time.Minute
	}
	if p.Stop == nil {
		p.Stop = os.Interrupt
	}
	r := &Running{p: p, out: &tail{}}
	r.start(t)
	t.Cleanup(r.Stop)
	return r
}

// Restart stops the server and starts it anew, as an operator would.
func (r *Running) Restart(t *testing.T) {
	t.Helper()
	r.Stop()
	r.start(t)
}

// Kill ends the server at once, as a power cut would; Restart brings it back.
func (r *Running) Kill() {
	_ = r.cmd.Process.Kill() // one that is gone already is what is wanted
	<-r.done
}

// Stop ends the server, by force if it does not end within ten seconds.
func (r *Running) Stop() {
	if r.cmd.Process.Signal(r.p.Stop) != nil {
		<-r.done
		return
	}
	select {
	case <-r.done:
	case <-time.After(10 * time.Second):
		r.Kill()
	}
}

// Log returns the end of what the server printed.
func (r *Running) Log() string { return r.out.String() }

func (r *Running) start(t *testing.T) {
	t.Helper()
	// Not bound to the test's context, which ends before its clean-up does.
	r.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), r.p.Command[0], r.p.Command[1:]...)
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = r.p.Dir, r.out, r.out
	r.cmd.Env = append(os.Environ(), r.p.Env...)
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("%s does not start: %v", r.p.Name, err)
	}
	done, cmd := make(chan struct{}), r.cmd
	r.done = done
	go func() {
		_ = cmd.Wait() // how it ended is seen in its log
		close(done)
	}()
	r.Wait(t)
}

// Wait waits until the server is ready.
func (r *Running) Wait(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), r.p.Within)
	defer cancel()
	for !r.p.Ready(ctx) {
		select {
		case <-r.done:
			t.Fatalf("%s ended before it was ready:\n%s", r.p.Name, r.Log())
		default:
		}
		if !pause(ctx, pollEvery) {
			r.Kill()
			t.Fatalf("%s was not ready within %s:\n%s", r.p.Name, r.p.Within, r.Log())
		}
	}
}

// FreePort returns a port of 127.0.0.1 that nobody listens on.
func FreePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was sent through it
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal("no TCP address")
	}
	return addr.Port
}

// Answers tells whether a GET of the address is answered with status 200.
func Answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// pause waits unless the context ends first, and tells whether it did.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailBytes = 16 << 10

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.buf.Write(p) // never fails
	if over := w.buf.Len() - tailBytes; over > 0 {
		w.buf.Next(over)
	}
	return len(p), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.TrimSpace(w.buf.String())
}
