package config_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/tandem-sync/tandem/config"
)

func exampleFiles(connector string) fstest.MapFS {
	return fstest.MapFS{"tandem.yaml": file(""), "connectors/hubspot.yaml": file(connector)}
}

func TestParseCron(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone database here")
	}
	from := time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		text string
		zone *time.Location
		next string // "" if refused
	}{
		{"*/5 * * * *", time.UTC, "2026-07-01T12:05:00Z"},
		{"30 8 * * MON-FRI", time.UTC, "2026-07-02T08:30:00Z"},
		{"0 15 * * *", berlin, "2026-07-01T13:00:00Z"},
		{"@hourly", time.UTC, "2026-07-01T13:00:00Z"},
		{"@every 10m", time.UTC, "2026-07-01T12:10:00Z"},
		{"0 0 29 2 *", time.UTC, "2028-02-29T00:00:00Z"},
		{"0 0 30 2 *", time.UTC, ""},
		{"0 0 31 4,6,9,11 *", time.UTC, ""},
		{"TZ=UTC", time.UTC, ""}, // makes the parser below panic
		{"CRON_TZ=UTC", time.UTC, ""},
		{"CRON_TZ=Europe/Berlin 0 3 * * *", time.UTC, ""},
		{"", time.UTC, ""},
		{"@", time.UTC, ""},
		{"@every 1ms", time.UTC, ""},
		{"@every -5m", time.UTC, ""},
		{"@reboot", time.UTC, ""},
		{"* * * *", time.UTC, ""},
		{"0 * * * * *", time.UTC, ""},
		{"*/0 * * * *", time.UTC, ""},
		{"off", time.UTC, ""},
	}
	for _, c := range cases {
		s, err := config.ParseCron(c.text, c.zone)
		got := ""
		if err == nil {
			got = s.Next(from).UTC().Format(time.RFC3339)
		}
		if got != c.next {
			t.Errorf("%q: next is %q (%v), want %q", c.text, got, err, c.next)
		}
	}
}

func FuzzParseCron(f *testing.F) {
	for _, seed := range []string{"*/5 * * * *", "TZ=UTC", "@every", "@daily", "1-2-3 * * * *", "? ? ? ? ?"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := config.ParseCron(text, time.UTC)
		if (s == nil) != (err != nil) {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	})
}
