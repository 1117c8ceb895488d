// Package web is what the daemon shows: a plain status page, the same as JSON,
// health and metrics, and, for who holds the token, a way to start, pause and
// resume jobs. It knows the daemon by the small interfaces it defines.
package web
