// Package hubspotsim is a simulated HubSpot portal: an HTTP server on loopback
// that keeps state and answers as HubSpot documents and as its recorded answers
// show, for dated paths (/crm/objects/2026-03/contacts) and /crm/v3 alike.
//
// A Twin is driven through its API like the real thing, seeded and edited
// directly from Go, and made to misbehave through /__sim/fault. Beside simkit's
// faults of transport it knows, in HubSpot's own words:
//
//	rate_limit           429 TEN_SECONDLY_ROLLING; Value becomes Retry-After
//	rate_limit_secondly  429 of search, without headers
//	rate_limit_daily     429 DAILY
//	row_lock             423 on a write
//	row_error            one row of a batch is refused (Rows, else the first):
//	                     207 where every input has a trace id, else all of it
//	whole_batch_error    the batch is refused for one row (Rows, else always)
//	lag                  search hides what changed less than Value ago
//	late_visible         search hides Rows (else every other row) though newer ones show
//	stale_read           a read by id shows the state before the last write
//	repeated_page        a page comes again, with its cursor
//	empty_page           no results, and more to come
//	foreign_next         paging.next.link leads to another origin (Value)
//	expired_cursor       400 on after
//	merge                merges two records (Rows, else the first two) after a read
//	token_reuse          a refresh is refused and its family revoked
package hubspotsim
