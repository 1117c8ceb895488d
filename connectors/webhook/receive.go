package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record/format"
)

// MaxBody is the longest body that is taken, in bytes.
func (c *Connector) MaxBody() int64 { return int64(c.cfg.MaxBody) }

// Retention is how long posts that were read are kept.
func (c *Connector) Retention() time.Duration { return c.cfg.Retention }

// Receive verifies a post and keeps it. When it returns nil the post is
// durable, now or since it came before, and may be answered. The fault is
// Unsupported for a content type that cannot be read, Auth if the post proves
// nothing, Invalid if the body cannot be read, RateLimited above the pace, else
// Transient: the sender sends it again.
func (c *Connector) Receive(ctx context.Context, d connectors.Delivery) error {
	const op = "receive a post"
	if !known(d.Header.Get("Content-Type")) || d.Header.Get("Content-Encoding") != "" {
		return c.fault(fault.Unsupported, op, errors.New("only application/json and application/x-www-form-urlencoded are taken, uncompressed"))
	}
	if err := c.prove(d); err != nil {
		return c.fault(fault.Auth, op, err)
	}
	body, err := read(d.Body)
	if err != nil {
		return c.fault(fault.Invalid, op, err)
	}
	if !c.pace.Allow() {
		return &fault.Error{Class: fault.RateLimited, System: c.name, Op: op, Until: time.Now().Add(time.Second), Err: errors.New("too many posts at once")}
	}
	if c.inbox == nil {
		return c.fault(fault.Transient, op, connectors.ErrNoInbox)
	}
	if err := c.inbox.Append(ctx, c.name, c.nameOf(d, body), d.Received, d.Body); err != nil {
		return c.fault(fault.Transient, op, errors.New("the post could not be kept"))
	}
	return nil
}

// nameOf is what a post is kept under, once. It is a digest, so that what
// senders take for an id may be long or personal. The body's digest is part of
// none but the last: an id is believed.
func (c *Connector) nameOf(d connectors.Delivery, body any) string {
	from, text := "body", string(d.Body)
	if v := d.Header.Get(c.cfg.Key.Header); c.cfg.Key.Header != "" && v != "" {
		from, text = "header", v
	} else if v, ok := c.key.find(body); c.cfg.Key.Path != "" && ok && plain(v) != "" {
		from, text = "path", plain(v)
	}
	sum := sha256.Sum256([]byte(from + "\x00" + text))
	return hex.EncodeToString(sum[:])
}

var (
	errToken   = errors.New("the header with the shared secret is missing or wrong")
	errSigned  = errors.New("the signature is missing or wrong")
	errTime    = errors.New("the time of the post is missing or cannot be read")
	errTooFar  = errors.New("the time of the post is too far from ours: it may have been sent again by others, or a clock is wrong")
	errNothing = errors.New("nothing proves who posts")
)

// prove checks everything that is configured.
func (c *Connector) prove(d connectors.Delivery) error {
	if c.cfg.Token.Header == "" && c.cfg.Signature.Header == "" {
		return errNothing
	}
	if t := c.cfg.Token; t.Header != "" {
		given, ok := strings.CutPrefix(d.Header.Get(t.Header), t.Prefix)
		if !ok || given == "" || !same(t.Secret, given) && !same(t.Previous, given) {
			return errToken
		}
	}
	if c.cfg.Signature.Header == "" {
		return nil
	}
	return c.cfg.Signature.check(d)
}

// same compares in constant time. A secret that is not set fits nothing.
func same(s secret.Secret, given string) bool {
	return s.Reveal() != "" && s.Equal(secret.New(given))
}

func (s Signature) check(d connectors.Delivery) error {
	given, ok := strings.CutPrefix(part(d.Header, s.Header, s.Part), s.Prefix)
	if !ok || given == "" {
		return errSigned
	}
	sum, err := s.decode(given)
	if err != nil {
		return errSigned
	}
	stamp := ""
	if s.timed() {
		if stamp = s.stamp(d.Header); stamp == "" {
			return errTime
		}
	}
	head, tail, _ := strings.Cut(s.Signed, bodyMark)
	head, tail = strings.ReplaceAll(head, timeMark, stamp), strings.ReplaceAll(tail, timeMark, stamp)
	fits := false
	for _, key := range []secret.Secret{s.Secret, s.Previous} {
		if key.Reveal() == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(key.Reveal()))
		for _, b := range [][]byte{[]byte(head), d.Body, []byte(tail)} {
			_, _ = mac.Write(b) // a hash takes everything
		}
		fits = hmac.Equal(mac.Sum(nil), sum) || fits
	}
	if !fits {
		return errSigned
	}
	if !s.timed() {
		return nil
	}
	return s.Timestamp.check(stamp, d.Received)
}

func (s Signature) decode(text string) ([]byte, error) {
	if s.Encoding == "base64" {
		return base64.StdEncoding.DecodeString(text)
	}
	return hex.DecodeString(text)
}

func (s Signature) timed() bool { return s.Timestamp.Header != "" || s.Timestamp.Part != "" }

func (s Signature) stamp(h http.Header) string {
	if s.Timestamp.Header != "" {
		return h.Get(s.Timestamp.Header)
	}
	return part(h, s.Header, s.Timestamp.Part)
}

func (t Timestamp) check(text string, now time.Time) error {
	layout, err := format.ParseLayout(t.Format, "")
	if err != nil {
		return errTime // the configuration allows known ones only
	}
	at, err := layout.ParseInstant(text)
	if err != nil {
		return errTime
	}
	if d := now.Sub(at); d > t.Tolerance || d < -t.Tolerance {
		return errTooFar
	}
	return nil
}

// part is a header, or what stands behind name= among its parts.
func part(h http.Header, header, name string) string {
	text := strings.TrimSpace(h.Get(header))
	if name == "" {
		return text
	}
	for p := range strings.SplitSeq(text, ",") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(p), name+"="); ok {
			return value
		}
	}
	return ""
}
