// Package redis keeps checkpoints in a Redis server. Every change is one Lua
// script, so that comparing and setting cannot be torn apart, and every script
// first proves that the key prefix belongs to this installation.
package redis

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// How long things may take before the server counts as out of reach.
const (
	dialTimeout = 2 * time.Second
	callTimeout = 4 * time.Second
	takeTimeout = time.Second // each call to a vendor waits for it
	listTimeout = 30 * time.Second
)

// Store is a checkpoint store in Redis.
type Store struct {
	client  *goredis.Client
	prefix  string
	pin     string
	hidden  []string // what no error may show
	scripts scripts

	mu    sync.Mutex
	given map[string]int64 // the highest epoch given here, should the server forget
}

// Open connects to the server at address (redis://, rediss:// or unix://) and
// claims the key prefix for the instance. A prefix that another instance has
// claimed is ErrForeign.
func Open(ctx context.Context, address, prefix, instance string) (*Store, error) {
	if prefix == "" || instance == "" || strings.ContainsAny(instance, " \n") {
		return nil, errors.New("a checkpoint in Redis needs a key prefix and an instance id of one word")
	}
	options, hidden, err := parse(address)
	if err != nil {
		return nil, err
	}
	quiet()
	s := &Store{
		client: goredis.NewClient(options), prefix: prefix, pin: version + " " + instance,
		hidden: hidden, scripts: compile(), given: map[string]int64{},
	}
	if _, err := s.run(ctx, s.scripts.claim, nil); err != nil {
		return nil, errors.Join(fmt.Errorf("open the checkpoint store: %w", err), s.client.Close())
	}
	return s, nil
}

// quiet keeps the client from writing lines of its own to standard error: what
// it says there is in the errors it returns.
var quiet = sync.OnceFunc(func() { goredis.SetLogger(silent{}) }) //nolint:gochecknoglobals // the client has one logger a process

type silent struct{}

// Printf drops a line of the client.
func (silent) Printf(context.Context, string, ...any) {}

// Close closes the connections.
func (s *Store) Close() error { return s.client.Close() }

// parse reads an address. Its errors never repeat it: it may hold a password,
// which the parser's own error would show.
func parse(address string) (*goredis.Options, []string, error) {
	const hint = "write redis://user:password@host:6379/0, rediss:// for TLS, or unix:///path, and special characters in the password as %XX" //nolint:gosec // shows the form of an address and holds no password
	u, err := url.Parse(address)
	if err != nil {
		return nil, nil, errors.New("the address of the Redis server cannot be read: " + hint)
	}
	if u.Query().Has("skip_verify") {
		return nil, nil, errors.New("the address of the Redis server asks for TLS without verification: remove skip_verify, and add the server's authority to the trusted ones (SSL_CERT_FILE)")
	}
	o, err := goredis.ParseURL(address)
	if err != nil {
		return nil, nil, errors.New("the address of the Redis server is not one: " + hint)
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, dialTimeout, dialTimeout, dialTimeout
	o.ContextTimeoutEnabled = true // else a server that hangs outlasts every deadline
	o.MaxRetries, o.DialerRetries = 1, 1
	o.DisableIdentity = true // asks for a right that a narrow ACL does not give
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o, secrets(u, o.Password), nil
}

func secrets(u *url.URL, password string) []string {
	if password == "" {
		return nil
	}
	out := []string{password, url.QueryEscape(password), url.PathEscape(password)}
	if _, raw, ok := strings.Cut(u.User.String(), ":"); ok {
		out = append(out, raw)
	}
	return out
}

func (s *Store) key(kind, name string) string { return s.prefix + ":" + kind + ":" + name }

func (s *Store) pinKey() string { return s.prefix + ":instance" }

// run runs a script within its time and sorts what it answers.
func (s *Store) run(ctx context.Context, script *goredis.Script, keys []string, args ...any) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	reply, err := script.Run(ctx, s.client, append([]string{s.pinKey()}, keys...), append([]any{s.pin}, args...)...).StringSlice()
	if err != nil {
		return nil, s.explain(err)
	}
	if len(reply) == 0 {
		return nil, errors.New("the Redis server gave an empty answer to a script: check that it is Redis 5 or newer")
	}
	switch reply[0] {
	case replyPin:
		return nil, s.foreign(reply[1])
	case replyBad:
		return nil, unreadable(reply[1], reply[2])
	}
	return reply, nil
}
