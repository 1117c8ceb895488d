//go:build unix

package redis_test

import (
	"context"
	"syscall"
	"testing"
	"time"
)

func TestPausedServerIsGivenUpInBoundedTime(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	if err := srv.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if saves(t, s) == nil {
		t.Error("a paused server acknowledged")
	}
	began := time.Now()
	if _, err := s.Take(t.Context(), "l", 1, time.Second); err == nil || time.Since(began) > bound/2 {
		t.Errorf("Take: %v after %v", err, time.Since(began))
	}
	if err := srv.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	srv.await("work again", func(ctx context.Context) bool { return savesIn(ctx, t, s) == nil })
}
