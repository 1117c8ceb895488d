package simkit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Config is what a twin gives its server.
type Config struct {
	// Handler answers the vendor's routes.
	Handler http.Handler
	// Faults, Counter and Automations are the twin's own; all are required.
	Faults      *Faults
	Counter     *Counter
	Automations *Automations
	// Classify says what a call does and its route with ids left out.
	Classify func(r *http.Request) (Class, string)
	// ServerError writes a failure of this status in the vendor's words.
	ServerError func(w http.ResponseWriter, status int)
	// ExpireTokens makes every access token in use stale.
	ExpireTokens func()
	// Latency is how long every call takes at least.
	Latency time.Duration
}

// Server is a twin's HTTP server on a loopback address.
type Server struct {
	handler http.Handler
	http    *http.Server
	url     string
	cancel  context.CancelFunc
	done    chan error
}

// NewServer builds a server that does not listen yet.
func NewServer(cfg Config) *Server {
	api := Middleware(cfg)
	control := controlHandler(cfg)
	return &Server{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/__sim/") {
			control.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})}
}

// Handler returns everything the server answers, control calls included.
func (s *Server) Handler() http.Handler { return s.handler }

// Start listens on addr ("" or "127.0.0.1:0" take a free port) and serves
// until Close. Only loopback addresses are accepted: a twin holds no real
// secret, but what it is told to do must come from this machine.
func (s *Server) Start(addr string) error {
	if s.http != nil {
		return errors.New("simulated server is already started; close it first")
	}
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return fmt.Errorf("simulated server cannot listen on %s; choose a free port: %w", addr, err)
	}
	tcp, ok := ln.Addr().(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("simulated server refuses %s; give a loopback address", addr), ln.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.url = "http://" + ln.Addr().String()
	s.http = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	s.done = make(chan error, 1)
	go func() { s.done <- s.http.Serve(ln) }()
	return nil
}

// URL returns the base address, without a slash at its end; empty before Start.
func (s *Server) URL() string { return s.url }

// Close stops listening, ends the calls under way and returns when no
// goroutine of the server is left. A second Close does nothing.
func (s *Server) Close() error {
	if s.http == nil {
		return nil
	}
	s.cancel()
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.http = nil
	if err != nil {
		return fmt.Errorf("simulated server at %s did not close cleanly: %w", s.url, err)
	}
	return nil
}

// wait waits for d unless the context ends first, and reports whether it did
// wait to the end.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
