// Package httpapi is how connectors call HTTP APIs: retries, OAuth2, pacing,
// budgets, bounds, redaction and metrics are here once, not in each connector.
//
// A connector states its vendor's ways as a Profile, makes one Client for its
// account and calls Do or Stream. What comes back as an error is always a
// *fault.Error whose class is final: whatever may be retried has been.
//
//   - A call that is not repeatable is made again only if the reply, or the
//     lack of a connection, proves that nothing was done; else it ends as
//     fault.OutcomeUnknown.
//   - Time on the wire is bounded by Profile.Timeout and waiting by MaxWait,
//     each over all attempts. What would have to wait longer is returned as
//     fault.RateLimited or fault.Exhausted with Until.
//   - Access tokens are renewed ahead of their end, and once when a reply
//     refuses one; a new refresh token is durable before its token is used.
//   - No redirect or link is followed to another origin, no private address
//     dialled, no reply read beyond its bound.
//   - Nothing that is printed holds a URL's query, a body, a credential or an
//     e-mail address.
//
// Time is package time's, so tests run under testing/synctest with a
// transport of their own.
package httpapi
