package servers

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Mailbox is an SMTP server that takes every mail and sends none on.
type Mailbox struct {
	Addr string // as in 127.0.0.1:2525

	mu    sync.Mutex
	mails []string
	conns map[net.Conn]bool
}

// NewMailbox starts a mailbox on a free port of 127.0.0.1. It needs no
// installation and so is there for every test.
func NewMailbox(t *testing.T) *Mailbox {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &Mailbox{Addr: l.Addr().String(), conns: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			m.keep(conn)
			running.Go(func() { m.converse(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		m.hangUp()
		running.Wait()
	})
	return m
}

// Mails returns the mails taken so far, each as it was sent: head, an empty
// line, body.
func (m *Mailbox) Mails() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

func (m *Mailbox) keep(conn net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conns[conn] = true
}

func (m *Mailbox) hangUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for conn := range m.conns {
		_ = conn.Close()
	}
}

// converse answers one client until it goes.
func (m *Mailbox) converse(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the client has gone
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 16<<20)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(conn, format+"\r\n", args...) }
	say("220 mailbox")
	for lines.Scan() {
		command, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		switch command {
		case "DATA":
			say("354 go on")
			m.take(lines)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 yes")
		}
	}
}

// take reads a mail to the line with a dot.
func (m *Mailbox) take(lines *bufio.Scanner) {
	var text strings.Builder
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "." {
			break
		}
		text.WriteString(strings.TrimPrefix(line, ".") + "\n")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, text.String())
}

// Await waits until a mail holds a text, and returns it; "" if ctx ends first.
func (m *Mailbox) Await(ctx context.Context, part string) string {
	for {
		mails := m.Mails()
		if i := slices.IndexFunc(mails, func(mail string) bool { return strings.Contains(mail, part) }); i >= 0 {
			return mails[i]
		}
		if !pause(ctx, pollEvery) {
			return ""
		}
	}
}
