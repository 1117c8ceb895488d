package redis_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// server is a redis-server of the test's own.
type server struct {
	t    *testing.T
	cmd  *exec.Cmd
	port string
	args []string
	// raw speaks to it past the store.
	raw *goredis.Client
}

// serve starts a server as Tandem wants it, unless args say otherwise.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not on the PATH: what only a real server can show is not tested")
	}
	s := &server{t: t, port: freePort(t)}
	s.args = append([]string{
		"--port", s.port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--loglevel", "warning",
		"--appendonly", "yes", "--maxmemory-policy", "noeviction",
	}, args...)
	s.raw = goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:" + s.port, MaxRetries: -1})
	t.Cleanup(func() { _ = s.raw.Close(); s.kill() })
	s.start()
	return s
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func (s *server) url() string { return "redis://127.0.0.1:" + s.port }

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", s.args...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	s.await("answer", func(ctx context.Context) bool { return s.raw.Ping(ctx).Err() == nil })
}

// kill is SIGKILL: nothing is saved on the way out.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *server) await(what string, f func(context.Context) bool) {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !f(s.t.Context()) {
		select {
		case <-tick.C:
		case <-limit:
			s.t.Fatalf("the server does not %s", what)
		}
	}
}

func (s *server) do(args ...any) {
	s.t.Helper()
	if err := s.raw.Do(s.t.Context(), args...).Err(); err != nil {
		s.t.Fatalf("%v: %v", fmt.Sprint(args...), err)
	}
}
