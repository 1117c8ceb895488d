package web

import (
	"context"
	"errors"
	"fmt"
	"log" //nolint:depguard // net/http takes no other
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// Server serves a handler with every time and size bounded.
type Server struct {
	http     *http.Server
	listener net.Listener
}

// Listen takes the address; nothing is served before Serve.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("cannot listen at %s: another program does; stop it, or set server.listen in tandem.yaml to another port or to off", address)
	case err != nil:
		return nil, fmt.Errorf("cannot listen at %s: %w; set server.listen in tandem.yaml to an address of this machine, or to off", address, err)
	}
	return l, nil
}

// NewServer returns a server for the listener.
func NewServer(l net.Listener, h http.Handler, logger zerolog.Logger) *Server {
	return &Server{listener: l, http: &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(debugLog{logger}, "", 0),
	}}
}

// URL is where people find the page from this machine.
func (s *Server) URL() string { return URL(s.listener.Addr().String()) }

// Serve serves until Close; it returns nil then.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving at %s: %w", s.listener.Addr(), err)
	}
	return nil
}

// Close lets requests under way end, but no longer than the limit, also where
// ctx has ended.
func (s *Server) Close(ctx context.Context, limit time.Duration) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer stop()
	if err := s.http.Shutdown(ctx); err != nil {
		return s.http.Close()
	}
	return nil
}

// URL turns an address to listen at into one to call from this machine.
func URL(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "http://" + address
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// debugLog takes what net/http complains of: broken requests of others, mostly.
type debugLog struct{ log zerolog.Logger }

// Write logs one line.
func (d debugLog) Write(b []byte) (int, error) {
	d.log.Debug().Bytes("detail", b).Msg("a request could not be served")
	return len(b), nil
}
