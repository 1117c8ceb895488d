package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/tandem-sync/tandem/config/diag"
)

// off is written for what is not to happen at all.
const off = "off"

// Cron is a schedule: five fields or a descriptor such as @hourly, or off.
type Cron struct{ text string }

// String returns the expression as it was written.
func (c Cron) String() string { return c.text }

// Off tells that the work is only done when somebody asks for it.
func (c Cron) Off() bool { return c.text == off }

// In returns the schedule with its times in the zone. It fails for off.
func (c Cron) In(zone Zone) (cron.Schedule, error) { return ParseCron(c.text, zone.Location()) }

// DecodeNode reads and checks an expression.
func (c *Cron) DecodeNode(n diag.Node) diag.List {
	var problems diag.List
	text := strings.TrimSpace(n.Str(&problems))
	if len(problems) > 0 {
		return problems
	}
	c.text = text
	if text == off {
		return nil
	}
	if _, err := ParseCron(text, time.UTC); err != nil {
		return diag.List{n.Errorf("%s", err.Error()).WithHint("%s", cronHint(text, err))}
	}
	return nil
}

func (Cron) shape() shape {
	return shape{name: "cron expression or off", schema: map[string]any{"type": "string"}}
}

func cronHint(text string, err error) string {
	switch {
	case errors.Is(err, errZone):
		return "remove it and set schedule.zone in tandem.yaml"
	case errors.Is(err, errNever):
		return "correct the day or the month, or write off"
	case errors.Is(err, errOften):
		return "write a longer time, such as @every 10m"
	case len(strings.Fields(text)) == 6:
		return "there is no field for seconds; the five are minute, hour, day of the month, month and day of the week"
	default:
		return `write minute, hour, day of the month, month and day of the week, such as "*/5 * * * *", or @hourly, @every 10m, off`
	}
}

// errors of an expression that the parser accepts.
var (
	errZone  = errors.New("a schedule must not carry its own time zone")
	errNever = errors.New("this schedule never comes: no such day exists")
	errOften = errors.New("a schedule must leave at least a second between two starts")
)

// ParseCron reads a schedule of five fields or a descriptor, with its times in
// the zone. Unlike the parser below it, it neither panics on a damaged
// expression nor accepts one that never fires.
func ParseCron(text string, zone *time.Location) (schedule cron.Schedule, err error) {
	defer func() {
		if recover() != nil { // the parser slices without looking
			schedule, err = nil, fmt.Errorf("%q is not a schedule", text)
		}
	}()
	if strings.Contains(text, "TZ=") {
		return nil, errZone
	}
	if every, ok := strings.CutPrefix(text, "@every "); ok {
		if d, err := time.ParseDuration(strings.TrimSpace(every)); err == nil && d < time.Second {
			return nil, errOften
		}
	}
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a schedule: %w", text, err)
	}
	if spec, ok := parsed.(*cron.SpecSchedule); ok {
		spec.Location = zone
	}
	// From a fixed day, so that the answer does not depend on when it is asked;
	// the leap day is within the five years that are searched.
	if parsed.Next(time.Date(2023, time.January, 1, 0, 0, 0, 0, zone)).IsZero() {
		return nil, errNever
	}
	return parsed, nil
}

// Zone is a time zone of the IANA database.
type Zone struct{ at *time.Location }

// Location returns the zone; UTC if none was set.
func (z Zone) Location() *time.Location {
	if z.at == nil {
		return time.UTC
	}
	return z.at
}

// String returns the zone's name.
func (z Zone) String() string { return z.Location().String() }

// DecodeNode reads a name such as UTC or Europe/Berlin.
func (z *Zone) DecodeNode(n diag.Node) diag.List {
	var problems diag.List
	name := n.Str(&problems)
	if len(problems) > 0 {
		return problems
	}
	at, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return diag.List{n.Errorf("%q is not a time zone", name).WithHint("write a name of the IANA database, such as UTC or Europe/Berlin")}
	}
	z.at = at
	return nil
}

func (Zone) shape() shape { return shape{name: "time zone", schema: map[string]any{"type": "string"}} }
