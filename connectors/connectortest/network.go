package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// network joins clients and servers by pipes in memory, so that waiting on
// them is waiting in the bubble.
type network struct {
	mu     sync.Mutex
	hosts  map[string]*pipe
	strays int // connections to addresses nobody serves
	next   int
	wire   *http.Transport
	close  []func()
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	n := &network{hosts: map[string]*pipe{}, next: 8000}
	n.wire = &http.Transport{DialContext: n.dial, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}
	t.Cleanup(func() {
		n.wire.CloseIdleConnections()
		for _, closeServer := range n.close {
			closeServer()
		}
	})
	return n
}

func (n *network) serve(h http.Handler) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next++
	addr := fmt.Sprintf("127.0.0.1:%d", n.next)
	l := &pipe{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
	n.hosts[addr] = l
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Hour}
	go func() { _ = srv.Serve(l) }() // ends with Close
	n.close = append(n.close, func() { _ = srv.Close() })
	return "http://" + addr
}

func (n *network) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	n.mu.Lock()
	l, ok := n.hosts[addr]
	if !ok {
		n.strays++
	}
	n.mu.Unlock()
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: syscall.ECONNREFUSED}
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.done:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (n *network) strangers() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.strays
}

// pipe is a listener of connections in memory.
type pipe struct {
	addr  string
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// Accept waits for a client.
func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, errors.Join(net.ErrClosed, http.ErrServerClosed)
	}
}

// Close ends the waiting.
func (p *pipe) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr is the address clients dial.
func (p *pipe) Addr() net.Addr { return address(p.addr) }

type address string

// Network names no real network.
func (address) Network() string { return "pipe" }

// String is host and port.
func (a address) String() string { return string(a) }
