package format_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/record/format"
)

func layout(t *testing.T, pattern, zone string) format.Layout {
	t.Helper()
	l, err := format.ParseLayout(pattern, zone)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestParseInstant(t *testing.T) {
	const berlin = "Europe/Berlin"
	tests := []struct{ pattern, zone, text, want string }{
		{"dd.mm.yyyy hh:mm", berlin, "27.06.2023 11:28", "2023-06-27T09:28:00Z"},
		{"dd.mm.yyyy hh:mm", "", "27.06.2023 11:28", "2023-06-27T11:28:00Z"},
		{"DD.MM.YYYY HH:MM:SS", "", "27.06.2023 11:28:07", "2023-06-27T11:28:07Z"},
		{"mm/dd/yyyy h:mm am/pm", "", "06/27/2023 12:05 AM", "2023-06-27T00:05:00Z"},
		{"mm/dd/yyyy h:mm am/pm", "", "06/27/2023 1:05 pm", "2023-06-27T13:05:00Z"},
		{"yyyy-mm-ddThh:mm:ss.fffz", "", "2023-06-27T11:28:07.120+05:30", "2023-06-27T05:58:07.12Z"},
		{"d mmm yy 'at' hh:mm", "", "5 jun 23 at 09:00", "2023-06-05T09:00:00Z"},
		{"mmmm d, yyyy hh:mm", "", "May 5, 2023 09:00", "2023-05-05T09:00:00Z"},
		{"yyyymmddhhmmss", "", "20230627112807", "2023-06-27T11:28:07Z"},
		{"iso", "", "2023-06-30 08:43:00", "2023-06-30T08:43:00Z"},
		{"iso", berlin, "2023-06-30T08:43", "2023-06-30T06:43:00Z"},
		{"iso", berlin, "2023-06-30T08:43:00.123456789Z", "2023-06-30T08:43:00.123456789Z"},
		{"iso", "", "2023-06-30T08:43:00-0700", "2023-06-30T15:43:00Z"},
		{"unix", "", "1687851000", "2023-06-27T07:30:00Z"},
		{"unix", "", "1687851000.5", "2023-06-27T07:30:00.5Z"},
		{"unix", "", "-1", "1969-12-31T23:59:59Z"},
		{"unix_ms", "", "1687851000123", "2023-06-27T07:30:00.123Z"},
		{"dd.mm.yyyy hh:mm | iso", "", "2023-06-30 08:43:00", "2023-06-30T08:43:00Z"},
		// skipped and repeated hours
		{"dd.mm.yyyy hh:mm", berlin, "26.03.2023 02:30", "2023-03-26T01:30:00Z"},
		{"dd.mm.yyyy hh:mm", berlin, "26.03.2023 01:59", "2023-03-26T00:59:00Z"},
		{"dd.mm.yyyy hh:mm", berlin, "26.03.2023 03:00", "2023-03-26T01:00:00Z"},
		{"dd.mm.yyyy hh:mm", berlin, "29.10.2023 02:30", "2023-10-29T00:30:00Z"},
		{"dd.mm.yyyy hh:mm", berlin, "29.10.2023 03:00", "2023-10-29T02:00:00Z"},
		{"dd.mm.yyyy hh:mm", "America/New_York", "05.11.2023 01:30", "2023-11-05T05:30:00Z"},
		{"dd.mm.yyyy hh:mm", "Pacific/Apia", "30.12.2011 12:00", "2011-12-30T22:00:00Z"},
		{"dd.mm.yyyy hh:mm", "Australia/Lord_Howe", "01.10.2023 02:15", "2023-09-30T15:45:00Z"},
		// refused
		{"dd.mm.yyyy hh:mm", "", "7.06.2023 11:28", "!"},
		{"dd.mm.yyyy hh:mm", "", "27.06.2023", "!"},
		{"dd.mm.yyyy hh:mm", "", "31.06.2023 11:28", "!"},
		{"dd.mm.yyyy hh:mm", "", "27.06.2023 24:00", "!"},
		{"dd.mm.yyyy hh:mm", "", "27.06.2023 11:28:00", "!"},
		{"dd.mm.yyyy hh:mm", "", "#REF!", "!"},
		{"dd.mm.yyyy hh:mm", "", "", "!"},
		{"dd.mm.yyyy", "", "27.06.2023", "!"},
		{"iso", "", "2023-06-30", "!"},
		{"iso", "", "2023-06-30T08:43:60", "!"},
		{"iso", "", "2023-06-30T08:43:00+25:00", "!"},
		{"iso", "", "2023-06-30T08:43:00Zx", "!"},
		{"unix", "", "1e9", "!"},
		{"unix", "", "99999999999999", "!"},
		{"unix", "", "1-2", "!"},
		{"unix", "", ".", "!"},
		{"mm/dd/yyyy h:mm am/pm", "", "06/27/2023 13:05 am", "!"},
	}
	for _, tt := range tests {
		got, err := layout(t, tt.pattern, tt.zone).ParseInstant(tt.text)
		text := got.Format(time.RFC3339Nano)
		if err != nil {
			text = "!"
			if !errors.Is(err, format.ErrNoMatch) || len(tt.text) > 5 && strings.Contains(err.Error(), tt.text) {
				t.Errorf("%q: unexpected error %v", tt.text, err)
			}
		}
		if text != tt.want {
			t.Errorf("%q as %q in %q: %s, %v; want %s", tt.text, tt.pattern, tt.zone, text, err, tt.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	tests := []struct{ pattern, text, want string }{
		{"dd.mm.yyyy", "29.02.2024", "2024-02-29"},
		{"yyyy-mm-dd", "2024-02-29", "2024-02-29"},
		{"mm/dd/yyyy", "02/29/2024", "2024-02-29"},
		{"m/d/yy", "2/9/68", "2068-02-09"},
		{"m/d/yy", "12/31/69", "1969-12-31"},
		{"iso", "2024-02-29", "2024-02-29"},
		{"dd mmm yyyy", "01 DEC 2020", "2020-12-01"},
		{"dd.mm.yyyy | mm/dd/yyyy", "02/29/2024", "2024-02-29"},
		{"dd.mm.yyyy", "29.02.2024\u00a0", "2024-02-29"},
		{"dd.mm.yyyy", "29.02.2023", "!"},
		{"dd.mm.yyyy hh:mm", "29.02.2024 10:00", "!"},
		{"iso", "2024-02-29T10:00:00Z", "!"},
		{"unix", "1687851000", "!"},
		{"yyyy-mm-dd", "0000-01-01", "!"},
		{"dd/mm/yyyy | mm/dd/yyyy", "02/03/2024", "!"},
	}
	for _, tt := range tests {
		got, err := layout(t, tt.pattern, "").ParseDate(tt.text)
		text := got.String()
		if err != nil {
			text = "!"
		}
		if text != tt.want {
			t.Errorf("%q as %q: %s, %v; want %s", tt.text, tt.pattern, text, err, tt.want)
		}
	}
	if _, err := layout(t, "dd/mm/yyyy | mm/dd/yyyy", "").ParseDate("02/03/2024"); !errors.Is(err, format.ErrAmbiguous) {
		t.Errorf("a date read two ways gives %v", err)
	}
}

func TestLayoutsRefused(t *testing.T) {
	for _, tt := range [][2]string{
		{"", ""},
		{"hh:mm", ""},
		{"dd.mm", ""},
		{"dd.mm.yyy", ""},
		{"dd.mm.yyyy mm", ""},
		{"dd.dd.mm.yyyy", ""},
		{"dd.mm.yyyy 'x", ""},
		{"dd.mm.yyyy z", ""},
		{"dd.mm.yyyy hh:ss", ""},
		{"yyyy-mm-ddQ", ""},
		{"2006-01-02", ""},
		{"iso", "Local"},
		{"iso", "CEST"},
		{"iso", "../etc/passwd"},
	} {
		if l, err := format.ParseLayout(tt[0], tt[1]); err == nil {
			t.Errorf("%q in %q was accepted as %v", tt[0], tt[1], l)
		}
	}
}

func TestFormatRefusals(t *testing.T) {
	at := time.Date(2023, 6, 27, 9, 28, 7, 5, time.UTC)
	for _, pattern := range []string{"dd.mm.yyyy"} {
		if text, err := layout(t, pattern, "").FormatInstant(at); err == nil {
			t.Errorf("an instant was printed as the date %q", text)
		}
	}
	for _, pattern := range []string{"dd.mm.yyyy hh:mm", "unix"} {
		if text, err := layout(t, pattern, "").FormatDate(format.Date{Year: 2023, Month: 6, Day: 27}); err == nil {
			t.Errorf("a date was printed as the instant %q", text)
		}
	}
	if text, err := layout(t, "dd.mm.yy", "").FormatDate(format.Date{Year: 1950, Month: 6, Day: 27}); err == nil {
		t.Errorf("1950 was printed in two digits: %q", text)
	}
	if text, err := layout(t, "iso", "").FormatDate(format.Date{Year: 2023, Month: 2, Day: 30}); err == nil {
		t.Errorf("30 February was printed: %q", text)
	}
	if text, err := layout(t, "iso", "").FormatInstant(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Errorf("the year 10000 was printed: %q", text)
	}
}

func FuzzInstantRoundTrip(f *testing.F) {
	f.Add(int64(1698539400), int64(5), 0)
	f.Add(int64(-62135596800), int64(0), 3)
	f.Fuzz(func(t *testing.T, seconds, nanos int64, which int) {
		patterns := []struct {
			pattern string
			unit    time.Duration
		}{
			{"iso", 1},
			{"unix", time.Second},
			{"unix_ms", time.Millisecond},
			{"yyyy-mm-ddThh:mm:ss.fffffffffz", 1},
			{"dd.mm.yyyy hh:mm z", time.Minute},
			{"mmmm d, yyyy h:mm:ss.ff am/pm", 10 * time.Millisecond},
		}
		p := patterns[int(uint(which)%uint(len(patterns)))]
		at := time.Unix(seconds%250000000000, nanos%1e9).UTC()
		if at.Year() < 2 || at.Year() > 9998 {
			return
		}
		zone := "Etc/GMT-3"
		l := layout(t, p.pattern, zone)
		text, err := l.FormatInstant(at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.ParseInstant(text)
		if err != nil || at.Sub(got) < 0 || at.Sub(got) >= p.unit && p.unit > 1 || p.unit == 1 && !got.Equal(at) {
			t.Fatalf("%v printed as %q and read as %v, %v", at, text, got, err)
		}
	})
}

func FuzzLayout(f *testing.F) {
	f.Add("dd.mm.yyyy hh:mm", "27.06.2023 11:28")
	f.Add("iso", "2023-06-30 08:43:00")
	f.Add("d mmm yy 'x' | unix", "5 jun 23 x")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		l, err := format.ParseLayout(pattern, "Europe/Berlin")
		if err != nil {
			return
		}
		if d, err := l.ParseDate(text); err == nil && !d.Valid() {
			t.Fatalf("%q as %q is %v", text, pattern, d)
		}
		if at, err := l.ParseInstant(text); err == nil && at.Location() != time.UTC {
			t.Fatalf("%q as %q is not in UTC", text, pattern)
		}
	})
}
