package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func TestNoStretchHoldsMoreThanTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, period = 19, 10 * time.Second
		s := &script{answers: []answer{ok()}}
		c := client(t, s, httpapi.Profile{Limits: []httpapi.Limit{{Name: "burst", N: n, Period: period}}})
		var wg sync.WaitGroup
		start := time.Now()
		for range 4 {
			wg.Go(func() {
				for range 25 {
					if _, err := c.Do(t.Context(), get()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for i := n; i < len(s.at); i++ {
			if gap := s.at[i].Sub(s.at[i-n]); gap < period {
				t.Fatalf("%d calls in %s", n+1, gap)
			}
		}
		if took := time.Since(start); took > 60*time.Second {
			t.Errorf("100 calls at %d in %s took %s", n, period, took)
		}
	})
}

func TestBudgetBeyondPatienceIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{ok()}}
		c := client(t, s, httpapi.Profile{Limits: []httpapi.Limit{{Name: "daily", N: 2, Period: 24 * time.Hour}}})
		for range 2 {
			if _, err := c.Do(t.Context(), get()); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		_, err := c.Do(t.Context(), post())
		f := class(t, err, fault.Exhausted)
		if s.calls() != 2 || time.Since(start) > time.Minute || !httpapi.NotSent(err) || time.Until(f.Until) < 23*time.Hour {
			t.Errorf("%d calls, waited %s, again in %s", s.calls(), time.Since(start), time.Until(f.Until))
		}
	})
}

func TestHeadersAndRefusalsFeedTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := httpapi.Profile{
			Limits: []httpapi.Limit{{Name: "burst", N: 100, Period: 10 * time.Second}},
			Observe: func(h http.Header) []httpapi.Seen {
				left, err := strconv.Atoi(h.Get("Left"))
				if err != nil {
					return nil
				}
				return []httpapi.Seen{{Limit: "burst", Remaining: left}}
			},
			Classify: func(code int, h http.Header, b []byte) *fault.Error {
				f := httpapi.ClassifyStatus(code, h, b)
				if f != nil {
					f.Code = "burst"
				}
				return f
			},
		}
		last := ok()
		last.header = map[string]string{"Left": "0"}
		s := &script{answers: []answer{last, ok(), status(429, "Retry-After", "30"), ok()}}
		c := client(t, s, p)
		start := time.Now()
		for range 2 {
			if _, err := c.Do(t.Context(), get()); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(start); waited < 9*time.Second {
			t.Errorf("nothing was left, waited %s", waited)
		}
		var wg sync.WaitGroup
		for i := range 2 { // the second caller learns from the refusal of the first
			wg.Go(func() {
				<-time.After(time.Duration(i) * time.Second)
				if _, err := c.Do(t.Context(), get()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s.calls() != 5 || s.at[3].Sub(s.at[2]) < 29*time.Second {
			t.Errorf("%d calls: the refusal was not shared", s.calls())
		}
	})
}

func TestBudgetObeysItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := httpapi.NewLocalBudget()
		if err := b.Take(t.Context(), "x", 1, time.Minute); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := b.Take(ctx, "x", 1, time.Minute); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		start := time.Now()
		var wait *httpapi.WaitError
		if err := b.Take(short, "x", 1, time.Minute); !errors.As(err, &wait) || time.Since(start) != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		if err := b.Take(t.Context(), "x", 1, time.Minute); err != nil {
			t.Error(err)
		}
		for range 3 {
			if err := b.Take(t.Context(), "quota", 2000, time.Hour); err != nil {
				t.Error(err)
			}
		}
	})
}
