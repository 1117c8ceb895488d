package config

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
)

const (
	mostRanges = 32
	mostLanes  = 64
	mostJitter = time.Hour
	mostAge    = time.Hour
	mostDrain  = time.Hour
)

// bounds checks the numbers of tandem.yaml.
func (l *loader) bounds() {
	c := l.cfg
	at := func(section, key string) diag.Node { return c.Node.At(section).At(key) }
	between := func(n diag.Node, ok bool, least, most any) {
		if !ok {
			l.problems.Errorf(n, "this must be between %v and %v", least, most)
		}
	}
	between(at("limits", "ranges"), c.Limits.Ranges >= 1 && c.Limits.Ranges <= mostRanges, 1, mostRanges)
	between(at("limits", "lanes"), c.Limits.Lanes >= 1 && c.Limits.Lanes <= mostLanes, 1, mostLanes)
	between(at("limits", "max_age"), c.Limits.MaxAge >= time.Second && c.Limits.MaxAge <= mostAge, "1s", "1h")
	between(at("schedule", "jitter"), c.Schedule.Jitter >= 0 && c.Schedule.Jitter <= mostJitter, "0s", "1h")
	between(at("server", "drain"), c.Server.Drain >= 0 && c.Server.Drain <= mostDrain, "0s", "1h")
	if _, err := c.Network.Prefixes(); err != nil {
		l.problems.Errorf(at("network", "private"), "%v", err)
	}
	if strings.TrimSpace(c.State.Dir) == "" {
		l.problems.Errorf(at("state", "dir"), "the directory of the state must be named")
	}
	if strings.ContainsAny(c.State.RedisPrefix, " \t{}") || c.State.RedisPrefix == "" {
		l.problems.Errorf(at("state", "redis_prefix"), "the prefix must be a word without blanks and braces")
	}
}
