package listmonk

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"time"
)

// pageOf is a page of anything. A listmonk that has none of it sends an empty
// list in its place.
type pageOf[T any] struct {
	Results []T `json:"results"`
	Total   int `json:"total"`
	PerPage int `json:"per_page"`
}

// UnmarshalJSON takes a list for a page without results.
func (p *pageOf[T]) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' {
		return nil
	}
	type plain pageOf[T]
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	return dec.Decode((*plain)(p))
}

// data is what every answer is wrapped in.
type data[T any] struct {
	Data T `json:"data"`
}

// subscriber is a subscriber with its subscriptions.
type subscriber struct {
	ID      int64          `json:"id"`
	UUID    string         `json:"uuid"`
	Email   string         `json:"email"`
	Name    string         `json:"name"`
	Attribs map[string]any `json:"attribs"`
	Status  string         `json:"status"`
	Created time.Time      `json:"created_at"`
	Updated time.Time      `json:"updated_at"`
	Lists   []subscription `json:"lists"`
}

// subscription is a list that a subscriber is on. Early versions do not tell
// when it changed.
type subscription struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Optin   string    `json:"optin"`
	Status  string    `json:"subscription_status"`
	Created time.Time `json:"subscription_created_at"`
	Updated time.Time `json:"subscription_updated_at"`
}

const (
	blocklisted  = "blocklisted"
	unsubscribed = "unsubscribed"
)

// optedOut tells who is not to be sent mail: who is blocklisted, or has
// unsubscribed from all the lists that count and that they are on.
func (s *subscriber) optedOut(counted []int64) bool {
	if s.Status == blocklisted {
		return true
	}
	out := false
	for _, l := range s.Lists {
		switch {
		case len(counted) > 0 && !slices.Contains(counted, l.ID):
		case l.Status != unsubscribed:
			return false
		default:
			out = true
		}
	}
	return out
}

// awaited tells whether a subscription still has to be confirmed: listmonk asks
// for that again, by mail, at every change of the subscriber.
func (s *subscriber) awaited() bool {
	return slices.ContainsFunc(s.Lists, func(l subscription) bool { return l.Optin == "double" && l.Status == "unconfirmed" })
}

// changed is when the subscriber or a subscription last changed, as far as
// listmonk tells.
func (s *subscriber) changed() time.Time {
	at := s.Updated
	for _, l := range s.Lists {
		if l.Updated.After(at) {
			at = l.Updated
		}
	}
	return at.UTC()
}

// version changes with the content: a status can change without moving any
// date.
func (s *subscriber) version() string {
	h := fnv.New64a()
	attribs, _ := json.Marshal(s.Attribs) // it came as JSON
	for _, part := range []string{s.Email, s.Name, s.Status, string(attribs)} {
		_, _ = h.Write([]byte(part + "\x00")) // never fails
	}
	var states []string
	for _, l := range s.Lists {
		states = append(states, strconv.FormatInt(l.ID, 10)+l.Status)
	}
	slices.Sort(states)
	for _, state := range states {
		_, _ = h.Write([]byte(state + "\x00"))
	}
	return strconv.FormatInt(s.changed().UnixMicro(), 36) + "-" + strconv.FormatUint(h.Sum64(), 36)
}
