package schedule

import (
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// slots gives the instants of a cron expression, each intended slot exactly
// once. An expression that names hours of the day is evaluated on the wall
// clock: a slot inside the hour that daylight saving skips runs when that hour
// would have ended, a slot inside the hour that comes twice runs the first
// time. An expression for every hour goes by elapsed time, so that it neither
// pauses nor doubles when the clock is put back.
type slots struct {
	schedule cron.Schedule
	zone     *time.Location
	wall     bool
}

// everyHour is how the parser marks a star in the hours field.
const everyHour = 1 << 63

func parse(spec string, zone *time.Location) (s slots, err error) {
	defer func() {
		if p := recover(); p != nil { // the parser panics on "TZ=UTC" without fields
			err = fmt.Errorf("the schedule %q cannot be read: want five fields, as in */5 * * * *", spec)
		}
	}()
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return slots{}, fmt.Errorf("the schedule %q cannot be read: %w", spec, err)
	}
	s = slots{schedule: schedule, zone: zone}
	if fixed, ok := schedule.(*cron.SpecSchedule); ok {
		s.wall = fixed.Hour&everyHour == 0
		fixed.Location = time.UTC
		if !s.wall {
			fixed.Location = zone
		}
	}
	if s.next(time.Now()).IsZero() {
		return slots{}, errors.New("the schedule \"" + spec + "\" never comes: no such day exists")
	}
	return s, nil
}

// next returns the first slot after t; the zero time if there is none.
func (s slots) next(t time.Time) time.Time {
	if !s.wall {
		return s.schedule.Next(t.In(s.zone))
	}
	// One day back, so that a slot moved by a skipped hour is not lost.
	local := t.In(s.zone)
	wall := wallOf(local.AddDate(0, 0, -1))
	for {
		wall = s.schedule.Next(wall)
		if wall.IsZero() {
			return wall
		}
		at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, s.zone)
		if got := wallOf(at); got.Before(wall) {
			at = at.Add(wall.Sub(got)) // no such time on that day: go on past the gap
		}
		if at.After(t) {
			return at
		}
	}
}

func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
