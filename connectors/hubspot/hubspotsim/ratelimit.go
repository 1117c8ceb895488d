package hubspotsim

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter keeps the times of recent calls.
type limiter struct {
	mu       sync.Mutex
	burst    []time.Time
	searches []time.Time
	day      int
	daily    int
}

// allow notes a call in a rolling window unless the window is full, and says
// how many more would fit.
func allow(window *[]time.Time, now time.Time, span time.Duration, most int) (remaining int, ok bool) {
	kept := (*window)[:0]
	for _, at := range *window {
		if now.Sub(at) < span {
			kept = append(kept, at)
		}
	}
	*window = kept
	if len(kept) >= most {
		return 0, false
	}
	*window = append(kept, now)
	return most - len(kept) - 1, true
}

func (c *call) limited() error {
	if fault, ok := c.fault("rate_limit"); ok {
		if fault.Value != "" {
			c.w.Header().Set("Retry-After", fault.Value)
		}
		return tenSecondly()
	}
	if _, ok := c.fault("rate_limit_daily"); ok {
		return dailyLimit()
	}
	if c.search {
		return c.searchLimited()
	}
	most := c.t.opt.RateLimits
	l := &c.t.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := c.dayLimited(l, most.Daily); err != nil {
		return err
	}
	if most.Burst == 0 {
		return nil
	}
	left, ok := allow(&l.burst, c.t.clock.Now(), 10*time.Second, most.Burst)
	h := c.w.Header()
	h.Set("X-Hubspot-Ratelimit-Max", strconv.Itoa(most.Burst))
	h.Set("X-Hubspot-Ratelimit-Remaining", strconv.Itoa(left))
	h.Set("X-Hubspot-Ratelimit-Interval-Milliseconds", "10000")
	if !ok {
		return tenSecondly()
	}
	return nil
}

func (c *call) searchLimited() error {
	_, ok := c.fault("rate_limit_secondly")
	if most := c.t.opt.RateLimits.Search; !ok && most > 0 {
		l := &c.t.limits
		l.mu.Lock()
		defer l.mu.Unlock()
		_, free := allow(&l.searches, c.t.clock.Now(), time.Second, most)
		ok = !free
	}
	if ok {
		return fail(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your secondly limit.")
	}
	return nil
}

func (c *call) dayLimited(l *limiter, most int) error {
	if c.oauth {
		return nil
	}
	if day := c.t.clock.Now().YearDay(); day != l.day {
		l.day, l.daily = day, 0
	}
	l.daily++
	if most == 0 {
		return nil
	}
	h := c.w.Header()
	h.Set("X-Hubspot-Ratelimit-Daily", strconv.Itoa(most))
	h.Set("X-Hubspot-Ratelimit-Daily-Remaining", strconv.Itoa(max(0, most-l.daily)))
	if l.daily > most {
		return dailyLimit()
	}
	return nil
}

func rateLimit(message, policy string) *failure {
	f := fail(http.StatusTooManyRequests, "", message)
	f.ErrorType, f.PolicyName, f.RequestID = "RATE_LIMIT", policy, newUUID()
	return f
}

func tenSecondly() *failure {
	f := rateLimit("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING")
	f.GroupName = "publicapi:private-apps:api-calls:" + ourApp
	return f
}

func dailyLimit() *failure { return rateLimit("You have reached your daily limit.", "DAILY") }
