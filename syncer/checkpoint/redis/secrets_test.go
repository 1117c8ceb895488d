package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint/redis"
)

const canary = "CANARY%2Fpass%25word"

func TestErrorsNeverHoldThePassword(t *testing.T) {
	t.Parallel()
	m, _ := mini(t)
	m.RequireUserAuth("tandem", "right")
	for name, url := range map[string]string{
		"wrong password":     "redis://tandem:" + canary + "@" + m.Addr(),
		"nobody listens":     "redis://tandem:" + canary + "@127.0.0.1:" + freePort(t),
		"not escaped":        "redis://tandem:CANARY%zz@" + m.Addr(),
		"control character":  "redis://tandem:CANARY\x7f@" + m.Addr(),
		"bad port":           "redis://tandem:CANARY/pass@host:1",
		"bad scheme":         "http://tandem:" + canary + "@" + m.Addr(),
		"bad database":       "redis://tandem:" + canary + "@" + m.Addr() + "/CANARY",
		"unknown option":     "redis://tandem:" + canary + "@" + m.Addr() + "?CANARY=1",
		"unverified TLS":     "rediss://tandem:" + canary + "@" + m.Addr() + "?skip_verify=true",
		"password as a host": "redis://" + canary,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := redis.Open(t.Context(), url, "tandem", instance)
			if err == nil {
				_ = s.Close()
				t.Fatal("opened")
			}
			if strings.Contains(err.Error(), "CANARY") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
	s := open(t, "redis://tandem:right@"+m.Addr())
	if err := saves(t, s); err != nil {
		t.Errorf("with the right password: %v", err)
	}
}

func TestServerThatEchoesThePasswordIsHidden(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			_, _ = c.Write([]byte(strings.Repeat("-ERR you said AUTH CANARY/pass%word\r\n", 20)))
		}
	}()
	_, err = redis.Open(t.Context(), "redis://:"+canary+"@"+l.Addr().String(), "tandem", instance)
	says(t, err, "[hidden]")
	if strings.Contains(err.Error(), "CANARY") {
		t.Errorf("the error shows the password: %v", err)
	}
}

// A user of a managed server may not ask how it is set up, and works all the
// same, with warnings that say so.
func TestNarrowACLIsEnoughAndWarnedOf(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	srv.do("ACL", "SETUSER", "tandem", "on", ">right", "~tandem:*", "+@read", "+@write", "+@scripting", "+ping", "+time")
	s := open(t, "redis://tandem:right@127.0.0.1:"+srv.port)
	if err := saves(t, s); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Acquire(t.Context(), "w", "a", time.Hour, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(t.Context(), "l", 1, time.Hour); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Positions(t.Context(), ""); err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	warnings, err := s.Health(t.Context())
	if err != nil || len(warnings) != 2 || !strings.Contains(strings.Join(warnings, "\n"), "does not tell") {
		t.Errorf("Health: %q, %v", warnings, err)
	}
	_, err = redis.Open(t.Context(), "redis://tandem:right@127.0.0.1:"+srv.port, "elsewhere", instance)
	says(t, err, "lacks a right", "+@scripting")
}

// Not parallel: the trusted authorities are read once, from the environment.
func TestTLSIsVerified(t *testing.T) {
	good, bad := certificate(t), certificate(t)
	t.Setenv("SSL_CERT_FILE", good+".crt")
	for name, c := range map[string]struct{ file, word string }{"trusted": {good, ""}, "unknown authority": {bad, "not trusted"}} {
		port := freePort(t)
		srv := serve(t, "--tls-port", port, "--tls-cert-file", c.file+".crt", "--tls-key-file", c.file+".key", "--tls-auth-clients", "no")
		srv.do("ACL", "SETUSER", "tandem", "on", ">pa/ss", "~tandem:*", "+@all")
		s, err := redis.Open(t.Context(), "rediss://tandem:pa%2Fss@127.0.0.1:"+port, "tandem", instance)
		if c.word != "" {
			says(t, err, c.word, "SSL_CERT_FILE")
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := saves(t, s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = s.Close()
	}
}

func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server")
	for ext, block := range map[string]*pem.Block{".crt": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file+ext, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func TestPrefixWithPatternSignsMatchesItselfOnly(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	srv.do("SET", "tXm:position:k", "somebody's")
	for _, prefix := range []string{"t?m", "t*m", "t[X]m", `t\m`} {
		s, err := redis.Open(t.Context(), srv.url(), prefix, instance)
		if err != nil {
			t.Fatal(err)
		}
		if err := saves(t, s); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Positions(t.Context(), ""); err != nil || len(all) != 1 {
			t.Errorf("prefix %q: %v, %v", prefix, all, err)
		}
		_ = s.Close()
	}
	for _, bad := range [][2]string{{"", instance}, {"p", ""}, {"p", "two words"}} {
		if _, err := redis.Open(t.Context(), srv.url(), bad[0], bad[1]); err == nil {
			t.Errorf("opened with prefix and instance %q", bad)
		}
	}
}

// The store's own check of the server must not need more than the server has.
func TestNearlyFullServerIsWarnedOf(t *testing.T) {
	t.Parallel()
	srv := serve(t)
	s := open(t, srv.url())
	// In small pieces: a large one stays in the server's buffers for a while,
	// and what is used falls when they are let go.
	for i := range 200 {
		srv.do("SET", "filler"+strconv.Itoa(i), strings.Repeat("x", 100<<10))
	}
	var used int64
	for line := range strings.Lines(srv.raw.Info(t.Context(), "memory").Val()) {
		_, _ = fmt.Sscanf(line, "used_memory:%d", &used)
	}
	srv.do("CONFIG", "SET", "maxmemory", strconv.FormatInt(used+used/50, 10))
	warned(t, s, "maxmemory")
}
