package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

const (
	kindRate  = "rate"
	kindQuota = "quota"
	mostTimes = 1024 // above, calls are counted, not remembered one by one
)

// Take asks for a call. A limit of none is no limit. Limits of up to 1,024
// calls hold over any stretch of a period; greater ones are quotas, counted in
// periods that begin with their first call.
func (s *Store) Take(ctx context.Context, limit string, n int, period time.Duration) (time.Duration, error) {
	if n <= 0 {
		return 0, nil
	}
	if limit == "" || period < time.Millisecond {
		return 0, fmt.Errorf("take from limit %q: a limit needs a name and a period of at least a millisecond", limit)
	}
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	script, kind := s.scripts.take, kindRate
	if n > mostTimes {
		script, kind = s.scripts.quota, kindQuota
	}
	millis := (period + time.Millisecond - 1).Milliseconds()
	reply, err := s.run(ctx, script, []string{s.key(kind, limit)}, n, period.Microseconds(), millis)
	if err != nil {
		return 0, fmt.Errorf("take from limit %q: %w", limit, err)
	}
	micros, err := strconv.ParseInt(reply[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("take from limit %q: %w", limit, unreadable(s.key(kind, limit), ""))
	}
	return min(time.Duration(micros)*time.Microsecond, period), nil
}
