package local

import (
	"context"
	"fmt"
	"time"
)

const mostTimes = 1024 // above, calls are counted, not remembered one by one

type limit struct {
	times []time.Time // of the last calls, oldest first
	began time.Time   // of the present period of a quota
	count int
}

// Take asks for a call. A limit of none is no limit. Limits of up to 1,024
// calls hold over any stretch of a period; greater ones are quotas, counted in
// periods that begin with their first call.
func (s *Store) Take(ctx context.Context, name string, n int, period time.Duration) (time.Duration, error) {
	if n <= 0 {
		return 0, nil
	}
	if name == "" || period < time.Millisecond {
		return 0, fmt.Errorf("take from limit %q: a limit needs a name and a period of at least a millisecond", name)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.limits[name]
	if !ok {
		l = &limit{}
		s.limits[name] = l
	}
	if n > mostTimes {
		return l.quota(s.now(), n, period), nil
	}
	return l.rate(s.now(), n, period), nil
}

func (l *limit) rate(now time.Time, n int, period time.Duration) time.Duration {
	if last := len(l.times) - 1; last >= 0 && l.times[last].After(now) {
		l.times = l.times[:0] // the clock was set back
	}
	if len(l.times) >= n {
		if wait := l.times[len(l.times)-n].Add(period).Sub(now); wait > 0 {
			return min(wait, period)
		}
	}
	l.times = append(l.times, now)
	if over := len(l.times) - n; over > 0 {
		l.times = l.times[:copy(l.times, l.times[over:])]
	}
	return 0
}

func (l *limit) quota(now time.Time, n int, period time.Duration) time.Duration {
	if l.count == 0 || now.Sub(l.began) >= period || now.Before(l.began) {
		l.began, l.count = now, 0
	}
	if l.count >= n {
		return min(l.began.Add(period).Sub(now), period)
	}
	l.count++
	return 0
}
