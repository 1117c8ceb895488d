package mautic

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// text is a scalar however PHP writes it: "1", 1 or true; null is unset. A list
// is joined by the bar that Mautic joins it by.
type text struct {
	s   string
	set bool
}

// UnmarshalJSON takes any value; what is no scalar or list of them is empty.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = text{}
	switch b = bytes.TrimSpace(b); b[0] {
	case 'n':
	case 't':
		*t = text{"1", true}
	case 'f':
		*t = text{"0", true}
	case '"':
		t.set = true
		return json.Unmarshal(b, &t.s)
	case '[':
		var list []text
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
		parts := make([]string, len(list))
		for i := range list {
			parts[i] = list[i].s
		}
		*t = text{strings.Join(parts, "|"), true}
	case '{':
	default:
		*t = text{string(b), true}
	}
	return nil
}

func (t text) number() int64 { return number(t.s) }

// number reads an id; what is none is 0, which no record has.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// bag is a PHP array: a list while its keys count from nought, else an object.
type bag[T any] struct {
	keys  []string
	items []T
}

// UnmarshalJSON keeps the order of the keys; null is empty.
func (b *bag[T]) UnmarshalJSON(raw []byte) error {
	*b = bag[T]{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	open, err := dec.Token()
	if err != nil || open == nil {
		return err
	}
	for i := 0; dec.More(); i++ {
		key := strconv.Itoa(i)
		if open == json.Delim('{') {
			name, err := dec.Token()
			if err != nil {
				return err
			}
			key, _ = name.(string)
		}
		var item T
		if err := dec.Decode(&item); err != nil {
			return err
		}
		b.keys, b.items = append(b.keys, key), append(b.items, item)
	}
	return nil
}

func (b bag[T]) at(key string) (item T, found bool) {
	for i, k := range b.keys {
		if k == key {
			return b.items[i], true
		}
	}
	return item, false
}

// stamp is a moment: the API's own dates have a zone, those of fields and
// tables have none and are in UTC.
type stamp struct{ time.Time }

// UnmarshalJSON leaves what is no moment at nought.
func (s *stamp) UnmarshalJSON(b []byte) error {
	var t text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	s.Time = instant(t.s)
	return nil
}

func instant(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", time.DateTime, "2006-01-02 15:04"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// sql writes a moment as Mautic's database holds it.
func sql(at time.Time) string { return at.UTC().Format(time.DateTime) }
