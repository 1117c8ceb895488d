package redis

import (
	"errors"
	"fmt"
	"strings"
)

// The errors of this store, besides those of the contract.
var (
	ErrForeign    = errors.New("the key prefix belongs to another installation of Tandem")
	ErrUnreadable = errors.New("a stored value cannot be read")
)

func (s *Store) foreign(pin string) error {
	if v, id, ok := strings.Cut(pin, " "); !ok || v != version || id == "" {
		return unreadable(s.pinKey(), pin)
	}
	return fmt.Errorf("%w: %s:* in Redis; set another state.redis_prefix, or, if this ledger takes the place of the one that used it, delete the keys that begin with %s: first",
		ErrForeign, s.prefix, s.prefix)
}

// unreadable tells a newer format from damage. Neither is taken for nothing:
// that would begin from zero without a word.
func unreadable(key, head string) error {
	v, _, ok := strings.Cut(head, " ")
	if ok && v != version && v != "" && strings.Trim(v, "0123456789") == "" {
		return fmt.Errorf("%w: %s is of format %s, this Tandem knows format %s; run the version that wrote it, or delete the key to go on from the ledger", ErrUnreadable, key, v, version)
	}
	return fmt.Errorf("%w: %s is damaged or not written by this installation; delete the key to go on from the ledger", ErrUnreadable, key)
}

// explain adds what to do about an error of the server or the connection, and
// makes sure that no secret is in it.
func (s *Store) explain(err error) error {
	text := err.Error()
	for _, h := range s.hidden {
		if strings.Contains(text, h) {
			err = errors.New(strings.ReplaceAll(text, h, "[hidden]"))
			text = err.Error()
		}
	}
	for _, h := range hints() {
		if strings.Contains(text, h.sign) {
			return fmt.Errorf("%s: %w", h.say, err)
		}
	}
	return fmt.Errorf("the Redis server cannot be used: %w", err)
}

type hint struct{ sign, say string }

func hints() []hint {
	return []hint{
		{"WRONGTYPE", "a key under state.redis_prefix holds something else than Tandem wrote there; set another prefix"},
		{"OOM command", "the Redis server is full and refuses writes; raise its maxmemory"},
		{"MISCONF", "the Redis server cannot save to its disk and refuses writes; see its log"},
		{"READONLY", "the Redis server is a read-only replica; set state.redis to the primary"},
		{"LOADING", "the Redis server is still loading its data; try again in a moment"},
		{"WRONGPASS", "the Redis server refuses the user or the password of state.redis"},
		{"NOAUTH", "the Redis server asks for a password; write it into the address state.redis by ${env:NAME}"},
		{"NOPERM", "the Redis user lacks a right; allow it the keys under state.redis_prefix and +@read +@write +@scripting +ping +info"},
		{"MOVED ", "the Redis server is one of a cluster, which Tandem does not use; set state.redis to a single server or its proxy"},
		{"x509:", "the certificate of the Redis server is not trusted; add its authority to the trusted ones (SSL_CERT_FILE)"},
		{"connection refused", "the Redis server does not listen at the address in state.redis; start it or correct the address"},
	}
}
