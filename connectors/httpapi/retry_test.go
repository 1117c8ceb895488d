package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// go-retryablehttp alone applied such a POST three times.
func TestPostWithLostReplyIsMadeOnce(t *testing.T) {
	for name, a := range map[string]answer{
		"reset": {err: errReset}, "500": status(500), "503": status(503), "504": status(504),
		"page": {status: 200, body: "<html>", header: map[string]string{"Content-Type": "text/html"}},
		"cut":  {status: 201, body: `{"id":"1`}, "hang": {slow: 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{a}}
				_, err := client(t, s, httpapi.Profile{}).Do(t.Context(), post())
				_ = class(t, err, fault.OutcomeUnknown)
				if s.calls() != 1 || httpapi.NotSent(err) {
					t.Errorf("%d calls, not sent: %t", s.calls(), httpapi.NotSent(err))
				}
			})
		})
	}
}

func TestPostIsRepeatedWhereNothingWasDone(t *testing.T) {
	for name, a := range map[string]answer{
		"429": status(429), "423": status(423), "401 is not": status(401), "refused": {err: &refusal{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{a, ok()}}
				_, err := client(t, s, httpapi.Profile{}).Do(t.Context(), post())
				if name == "401 is not" {
					_ = class(t, err, fault.Auth)
					return
				}
				if err != nil || s.calls() != 2 || s.bodies[0] != s.bodies[1] {
					t.Errorf("%v after %d calls", err, s.calls())
				}
			})
		})
	}
}

type refusal struct{}

func (*refusal) Error() string { return "dial tcp: connection refused" }
func (*refusal) Unwrap() error { return syscall.ECONNREFUSED }

func TestRefusedConnectionProvesNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{{err: &refusal{}}}}
		_, err := client(t, s, httpapi.Profile{}).Do(t.Context(), post())
		_ = class(t, err, fault.Transient)
		if !httpapi.NotSent(err) || s.calls() < 3 {
			t.Errorf("not sent: %t, %d calls", httpapi.NotSent(err), s.calls())
		}
	})
}

func TestIdempotentCallsAreRepeated(t *testing.T) {
	for name, a := range map[string]answer{
		"408, which the library does not": status(408), "500": status(500), "502": status(502), "reset": {err: errReset},
		"cut": {status: 200, body: `{"id":`}, "page": {status: 200, body: "<html>"}, "empty": {status: 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{a, ok()}}
				var into struct{ ID string }
				r := get()
				r.Into = &into
				if _, err := client(t, s, httpapi.Profile{}).Do(t.Context(), r); err != nil || s.calls() != 2 {
					t.Errorf("%v after %d calls", err, s.calls())
				}
			})
		})
	}
}

func TestPermanentAnswersAreNotRepeated(t *testing.T) {
	for code, want := range map[int]fault.Class{
		400: fault.Invalid, 403: fault.Permission, 404: fault.Missing, 409: fault.Conflict, 412: fault.Stale, 501: fault.Unsupported,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{answers: []answer{status(code)}}
			_, err := client(t, s, httpapi.Profile{}).Do(t.Context(), get())
			_ = class(t, err, want)
			if s.calls() != 1 {
				t.Errorf("%d: %d calls", code, s.calls())
			}
		})
	}
}

// Alone the library slept an hour, or two until a date.
func TestRetryAfterBeyondPatienceIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, value := range []string{"3600", time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat), "86400"} {
			s := &script{answers: []answer{status(429, "Retry-After", value)}}
			start := time.Now()
			_, err := client(t, s, httpapi.Profile{}).Do(t.Context(), get())
			f := class(t, err, fault.RateLimited)
			if time.Since(start) > time.Minute || s.calls() != 1 {
				t.Errorf("%s: slept %s", value, time.Since(start))
			}
			if wait := time.Until(f.Until); wait < 59*time.Minute || wait > 25*time.Hour {
				t.Errorf("%s: again in %s", value, wait)
			}
		}
	})
}

func TestRetryAfterIsHonouredWhenSane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		skewed := time.Now().Add(-3 * time.Hour).UTC()
		for value, want := range map[string][2]time.Duration{
			"7":       {7 * time.Second, 8 * time.Second},
			"1.5":     {1500 * time.Millisecond, 3 * time.Second},
			"0":       {200 * time.Millisecond, time.Second}, // no hot loop
			"-5":      {200 * time.Millisecond, time.Second},
			"soon":    {200 * time.Millisecond, time.Second},
			"9999999": {200 * time.Millisecond, time.Second},
			"NaN":     {200 * time.Millisecond, time.Second},
			time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat): {19 * time.Second, 22 * time.Second},
			// The sender's clock is three hours slow; so is its date.
			skewed.Add(30 * time.Second).Format(http.TimeFormat): {29 * time.Second, 32 * time.Second},
		} {
			for _, code := range []int{429, 502, 503} {
				head := []string{"Retry-After", value}
				if strings.Contains(value, skewed.Format("15:04")) {
					head = append(head, "Date", skewed.Format(http.TimeFormat))
				}
				s := &script{answers: []answer{status(code, head...), ok()}}
				if _, err := client(t, s, httpapi.Profile{}).Do(t.Context(), get()); err != nil {
					t.Fatal(err)
				}
				if got := s.at[1].Sub(s.at[0]); got < want[0] && !strings.Contains(value, "GMT") || got > want[1] {
					t.Errorf("%d with Retry-After %s: waited %s, want %v", code, value, got, want)
				}
			}
		}
	})
}

func TestLastingTroubleEndsAndKeepsTheReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{{status: 503, body: `{"message":"down","code":"X9"}`, header: map[string]string{"X-Id": "abc"}}}}
		res, err := client(t, s, httpapi.Profile{Correlation: "X-Id"}).Do(t.Context(), get())
		f := class(t, err, fault.Transient)
		if res == nil || !strings.Contains(string(res.Body), "X9") || f.Correlation != "abc" || f.Status != 503 {
			t.Errorf("the last reply is lost: %v", res)
		}
		if n := s.calls(); n < 3 || n > 6 {
			t.Errorf("%d calls", n)
		}
		gaps := []time.Duration{}
		for i := 1; i < len(s.at); i++ {
			gaps = append(gaps, s.at[i].Sub(s.at[i-1]))
		}
		if slices.Max(gaps) > 31*time.Second || slices.Min(gaps) < 200*time.Millisecond {
			t.Errorf("waited %v", gaps)
		}
	})
}

// net/http has no time limit of its own.
func TestHangingCallEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{{slow: 24 * time.Hour}}}
		start := time.Now()
		_, err := client(t, s, httpapi.Profile{}).Do(t.Context(), get())
		_ = class(t, err, fault.Transient)
		if took := time.Since(start); took > 61*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestRateLimitIsWaitedForWithinMaxWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{status(429)}}
		p := httpapi.Profile{MaxWait: time.Minute, Wait: func(_ *fault.Error, n int) time.Duration { return time.Duration(n) * 10 * time.Second }}
		start := time.Now()
		_, err := client(t, s, p).Do(t.Context(), get())
		f := class(t, err, fault.RateLimited)
		if took := time.Since(start); took < 25*time.Second || took > time.Minute {
			t.Errorf("waited %s", took)
		}
		if s.calls() != 3 || !f.Until.After(time.Now()) {
			t.Errorf("%d calls, again at %s", s.calls(), f.Until)
		}
	})
}

func TestCancelledCallEndsAtOnce(t *testing.T) {
	for name, a := range map[string]answer{"while waiting": status(429, "Retry-After", "60"), "on the wire": {slow: time.Hour}} {
		for _, r := range []httpapi.Request{get(), post()} {
			t.Run(name+" "+r.Op, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					defer cancel()
					start := time.Now()
					_, err := client(t, &script{answers: []answer{a}}, httpapi.Profile{}).Do(ctx, r)
					want := fault.Canceled
					if r.Op == "create contact" && a.slow > 0 {
						want = fault.OutcomeUnknown
					}
					_ = class(t, err, want)
					if time.Since(start) > 6*time.Second || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("after %s: %v", time.Since(start), err)
					}
				})
			})
		}
	}
}

func TestProfileClassifiesGoodStatusesToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := httpapi.Profile{Classify: func(code int, _ http.Header, body []byte) *fault.Error {
			if code == 200 && strings.Contains(string(body), `"success":false`) {
				return &fault.Error{Class: fault.Invalid, Detail: `"canary@person.example" is no address, call +43 660 1234567`, Code: "606 canary@person.example"}
			}
			return httpapi.ClassifyStatus(code, nil, body)
		}}
		s := &script{answers: []answer{{status: 200, body: `{"success":false}`}}}
		_, err := client(t, s, p).Do(t.Context(), get())
		f := class(t, err, fault.Invalid)
		if strings.Contains(f.Detail, "1234567") || f.System != "crm" || f.Op != "read contacts" {
			t.Errorf("%+v", f)
		}
	})
}
