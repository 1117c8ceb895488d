package httpapi_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func TestManyCallersMakeOneRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, refresh := newVendor()
		v.slow = time.Second
		shared := newStore()
		// Three processes of ten callers share one store.
		var wg sync.WaitGroup
		for range 3 {
			c := oauth(t, v, shared, httpapi.RefreshToken(app(refresh)))
			for range 10 {
				wg.Go(func() {
					if _, err := c.Do(t.Context(), get()); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if grants, calls := v.counts(); grants != 1 || calls != 30 || shared.saves != 1 {
			t.Errorf("%d refreshes, %d calls, %d saves", grants, calls, shared.saves)
		}
	})
}

func TestRefreshAheadOfExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, refresh := newVendor()
		c := oauth(t, v, newStore(), httpapi.RefreshToken(app(refresh)))
		for _, step := range []struct {
			wait   time.Duration
			grants int
		}{{0, 1}, {28 * time.Minute, 1}, {90 * time.Second, 2}, {28 * time.Minute, 2}, {31 * time.Minute, 3}} {
			<-time.After(step.wait)
			if _, err := c.Do(t.Context(), get()); err != nil {
				t.Fatal(err)
			}
			if grants, _ := v.counts(); grants != step.grants {
				t.Errorf("after %s: %d refreshes, want %d", step.wait, grants, step.grants)
			}
		}
		if _, calls := v.counts(); calls != 5 {
			t.Errorf("%d calls: an expired token was tried", calls)
		}
	})
}

// x/oauth2 does not refresh on 401 at all.
func TestRevokedTokenCostsOneRefresh(t *testing.T) {
	for _, r := range []httpapi.Request{get(), post()} {
		synctest.Test(t, func(t *testing.T) {
			v, refresh := newVendor()
			c := oauth(t, v, newStore(), httpapi.RefreshToken(app(refresh)))
			if _, err := c.Do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			v.tokens.ExpireAll()
			if _, err := c.Do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if grants, calls := v.counts(); grants != 2 || calls != 3 {
				t.Errorf("%d refreshes and %d calls, want 2 and 3", grants, calls)
			}
			v.revoked = true
			_, err := c.Do(t.Context(), r)
			if f := class(t, err, fault.Auth); f.Next == "" {
				t.Error("no next step")
			}
			if grants, calls := v.counts(); grants != 3 || calls != 5 {
				t.Errorf("refused for good: %d refreshes and %d calls, want 3 and 5", grants, calls)
			}
		})
	}
}

// x/oauth2 has no place to store a rotated refresh token before its use.
func TestRotatedTokenIsDurableBeforeUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, refresh := newVendor()
		s := newStore()
		s.saved = func() {
			if _, calls := v.counts(); calls != 0 {
				t.Error("the token was used before it was saved")
			}
		}
		c := oauth(t, v, s, httpapi.RefreshToken(app(refresh)))
		s.fail = true
		_, err := c.Do(t.Context(), post())
		_ = class(t, err, fault.Transient)
		if grants, calls := v.counts(); grants != 1 || calls != 0 || !httpapi.NotSent(err) {
			t.Errorf("%d refreshes, %d calls", grants, calls)
		}
		s.fail = false // what was got is kept, saved and used: the spent one would be refused
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		if grants, _ := v.counts(); grants != 1 {
			t.Errorf("%d refreshes", grants)
		}
		// Another process, later, lives on what was stored.
		v.tokens.ExpireAll()
		s.saved = nil
		if _, err := oauth(t, v, s, httpapi.RefreshToken(app(refresh))).Do(t.Context(), post()); err != nil {
			t.Error(err)
		}
	})
}

func TestCallerWhoGivesUpDoesNotCostTheGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, refresh := newVendor()
		v.slow = 5 * time.Second
		s := newStore()
		c := oauth(t, v, s, httpapi.RefreshToken(app(refresh)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, get())
		_ = class(t, err, fault.Canceled)
		if s.saves != 1 {
			t.Errorf("%d tokens saved", s.saves)
		}
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Error(err)
		}
	})
}

func TestInvalidGrantAsksForLoginAndWipesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, refresh := newVendor()
		s := newStore()
		c := oauth(t, v, s, httpapi.RefreshToken(app(refresh)))
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		before, _ := s.Load(t.Context(), "crm")
		v.refusal = &answer{status: 400, body: `{"error":"invalid_grant","error_description":"canary@person.example"}`}
		v.tokens.ExpireAll()
		_, err := c.Do(t.Context(), get())
		if f := class(t, err, fault.Auth); !strings.Contains(f.Next, "tandem auth login crm") || f.Code != "invalid_grant" {
			t.Errorf("code %q, next %q", f.Code, f.Next)
		}
		if after, _ := s.Load(t.Context(), "crm"); string(after) != string(before) {
			t.Error("the stored token was touched")
		}
		grants, _ := v.counts()
		if grants > 3 {
			t.Errorf("%d token calls", grants)
		}
		v.refusal = nil
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Errorf("the good token was lost: %v", err)
		}
	})
}
