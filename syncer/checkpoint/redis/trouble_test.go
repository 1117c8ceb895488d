package redis_test

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
	"github.com/tandem-sync/tandem/syncer/checkpoint/redis"
)

const bound = 15 * time.Second // generous: the machine may be busy

func saves(t *testing.T, s *redis.Store) error {
	t.Helper()
	return savesIn(t.Context(), t, s)
}

func savesIn(ctx context.Context, t *testing.T, s *redis.Store) error {
	t.Helper()
	began := time.Now()
	err := s.Save(ctx, "k", checkpoint.Position{Value: "v", Seq: 1, Epoch: 1})
	if d := time.Since(began); d > bound {
		t.Errorf("Save took %v", d)
	}
	return err
}

func says(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that speaks of %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error %q does not speak of %q", err, w)
		}
	}
}

func TestFullServerRefusesAndSaysSo(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	srv.do("SET", "filler", strings.Repeat("x", 1<<20))
	srv.do("CONFIG", "SET", "maxmemory", "100000")
	says(t, saves(t, s), "full", "maxmemory")
	_, err := s.Health(t.Context())
	says(t, err, "full")
	srv.do("CONFIG", "SET", "maxmemory", "0")
	if err := saves(t, s); err != nil {
		t.Errorf("after there is room again: %v", err)
	}
}

func TestServerThatCannotSaveRefusesAndSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/gone"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	srv := serve(t, "--appendonly", "no", "--dir", dir, "--save", "3600 1")
	s := open(t, srv.url())
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	srv.do("BGSAVE")
	srv.await("fail to save", func(ctx context.Context) bool {
		return strings.Contains(srv.raw.Info(ctx, "persistence").Val(), "rdb_last_bgsave_status:err")
	})
	says(t, saves(t, s), "cannot save to its disk")
	_, err := s.Health(t.Context())
	says(t, err, "cannot save to its disk")
}

func TestReadOnlyReplicaRefusesAndSaysSo(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	srv.do("REPLICAOF", "127.0.0.1", freePort(t))
	says(t, saves(t, s), "read-only", "primary")
	_, err := s.Health(t.Context())
	says(t, err, "read-only")
	srv.do("REPLICAOF", "NO", "ONE")
	if err := saves(t, s); err != nil {
		t.Errorf("after the server is a primary again: %v", err)
	}
}

func TestForgottenScriptsAreSentAgain(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	if err := saves(t, s); err != nil {
		t.Fatal(err)
	}
	srv.do("SCRIPT", "FLUSH")
	if err := saves(t, s); err != nil {
		t.Errorf("after SCRIPT FLUSH: %v", err)
	}
}

func TestServerOutOfReachIsAnErrorInBoundedTime(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for name, url := range map[string]string{
		"nobody listens": "redis://127.0.0.1:" + freePort(t),
		"nobody answers": "redis://" + silent.Addr().String(),
		"no TLS there":   "rediss://" + silent.Addr().String(),
		"no socket":      "unix://" + t.TempDir() + "/redis.sock",
		"long timeouts":  "redis://" + silent.Addr().String() + "?read_timeout=10m&dial_timeout=10m&max_retries=100",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			s, err := redis.Open(t.Context(), url, "tandem", instance)
			if err == nil {
				_ = s.Close()
				t.Fatal("opened")
			}
			if d := time.Since(began); d > bound {
				t.Errorf("took %v", d)
			}
			says(t, err, "Redis server")
		})
	}
}
