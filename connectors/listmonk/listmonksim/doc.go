// Package listmonksim is a simulated listmonk: subscribers, lists, campaigns,
// bounces and what subscribers did, behind `/api` and the public pages of
// unsubscribing and clicking. It answers as version 6 does, or as version 1,
// with their traps:
//
//   - who unsubscribes moves the date of the subscription only, and in version
//     1 none at all; a hard bounce blocklists without moving any;
//   - a deleted subscriber leaves no trace, and deleting one that is not there
//     succeeds; one that is missing answers 400;
//   - a PUT takes the lists it is given for all there are, an absent status or
//     an empty name for no change, and asks those who have not confirmed a
//     double opt-in to do so again;
//   - a POST with the address of another subscriber answers 409 in version 6;
//     version 1 answers 200 with that subscriber, puts it on the lists and
//     moves its date;
//   - `order` other than asc in small letters is desc, and there is no order by
//     id; a missing permission and wrong credentials are both 403 (401 in
//     version 1);
//   - `query` is a condition in SQL: a part of PostgreSQL is understood, the
//     rest is refused as a mistake in SQL would be.
//
// Besides simkit's faults it plays rate_limit, row_error, no_sql and
// created_meanwhile.
package listmonksim
