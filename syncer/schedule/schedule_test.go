package schedule_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/syncer/schedule"
)

// runsOf runs one job from a start for a while of fake time and returns when
// it ran.
func runsOf(t *testing.T, spec, zone string, start time.Time, span, work time.Duration) []time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var runs []time.Time
	synctest.Test(t, func(t *testing.T) {
		wait(t, start)
		s := schedule.New(0, zerolog.Nop())
		err := s.Add(schedule.Job{Name: "j", Spec: spec, Zone: loc, LastRun: time.Now(), Run: func(ctx context.Context) error {
			mu.Lock()
			runs = append(runs, time.Now().UTC())
			mu.Unlock()
			pause(ctx, work)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), span)
		defer cancel()
		s.Run(ctx)
	})
	return runs
}

// wait moves fake time to an instant.
func wait(t *testing.T, to time.Time) {
	t.Helper()
	<-time.After(time.Until(to))
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func TestSlots(t *testing.T) {
	const ny = "America/New_York"
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	cases := []struct {
		name, spec, zone, from string
		span                   time.Duration
		want                   []string
	}{
		{
			"a slot in the skipped hour runs once", "30 2 * * *", ny, "2026-03-07T12:00:00Z", 48 * time.Hour,
			[]string{"2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"},
		},
		{
			"a slot in the doubled hour runs once", "30 1 * * *", ny, "2026-10-31T12:00:00Z", 48 * time.Hour,
			[]string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"},
		},
		{
			"every half hour goes on through the doubled hour", "*/30 * * * *", ny, "2026-11-01T05:10:00Z", 2 * time.Hour,
			[]string{"2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"},
		},
		{
			"UTC does not move", "0 2 * * *", "UTC", "2026-03-07T12:00:00Z", 48 * time.Hour,
			[]string{"2026-03-08T02:00:00Z", "2026-03-09T02:00:00Z"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range runsOf(t, c.spec, c.zone, at(c.from), c.span, 0) {
				got = append(got, r.Format(time.RFC3339))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("ran at %v, want %v", got, c.want)
			}
		})
	}
}

func TestADayOfFiveMinuteSlots(t *testing.T) {
	if n := len(runsOf(t, "*/5 * * * *", "UTC", time.Date(2026, 6, 1, 0, 0, 1, 0, time.UTC), 24*time.Hour, 0)); n != 288 {
		t.Errorf("%d runs in a day, want 288", n)
	}
}

func TestALongRunSkipsItsOwnSlotsAndNeverOverlaps(t *testing.T) {
	runs := runsOf(t, "*/5 * * * *", "UTC", time.Date(2026, 6, 1, 0, 0, 1, 0, time.UTC), time.Hour, 12*time.Minute)
	if len(runs) != 4 {
		t.Errorf("%d runs of 12 minutes in an hour, want 4: %v", len(runs), runs)
	}
}

func TestAPanicDoesNotEndTheJob(t *testing.T) {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		s := schedule.New(0, zerolog.Nop())
		if err := s.Add(schedule.Job{Name: "j", Spec: "* * * * *", LastRun: time.Now(), Run: func(context.Context) error {
			n++
			panic("boom")
		}}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute+time.Second)
		defer cancel()
		s.Run(ctx)
		if st := s.Status()[0]; !strings.Contains(st.Error, "boom") || st.Running {
			t.Errorf("status %+v does not tell of the panic", st)
		}
	})
	if n != 5 {
		t.Errorf("ran %d of 5", n)
	}
}

func TestOneMissedSlotIsCaughtUp(t *testing.T) {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		s := schedule.New(0, zerolog.Nop())
		err := s.Add(schedule.Job{Name: "j", Spec: "0 * * * *", LastRun: time.Now().Add(-10 * time.Hour), Run: func(context.Context) error {
			n++
			return errors.New("no matter")
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.Run(ctx)
	})
	if n != 1 {
		t.Errorf("caught up %d times, want once", n)
	}
}

func TestTriggerPauseResume(t *testing.T) {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		s := schedule.New(0, zerolog.Nop())
		if err := s.Add(schedule.Job{Name: "j", Spec: "0 * * * *", LastRun: time.Now(), Run: func(context.Context) error { n++; return nil }}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		synctest.Wait()
		if !s.Trigger("j") || s.Trigger("other") {
			t.Error("Trigger knows the wrong jobs")
		}
		synctest.Wait()
		if n != 1 {
			t.Errorf("triggered runs: %d, want 1", n)
		}
		s.Pause("j")
		<-time.After(3 * time.Hour)
		synctest.Wait()
		if st := s.Status()[0]; n != 1 || st.Skipped == 0 {
			t.Errorf("ran %d times while paused, skipped %d", n-1, st.Skipped)
		}
		s.Resume("j")
		<-time.After(time.Hour)
		synctest.Wait()
		if n != 2 {
			t.Errorf("%d runs after resuming, want 2", n)
		}
		cancel()
		<-done
	})
}

func TestBadSpecs(t *testing.T) {
	for _, spec := range []string{"", "TZ=UTC", "0 0 30 2 *", "* * * *", "61 * * * *", "tuesday"} {
		s := schedule.New(0, zerolog.Nop())
		if err := s.Add(schedule.Job{Name: "j", Spec: spec}); err == nil {
			t.Errorf("spec %q was taken", spec)
		}
	}
}
