// Package mauticsim is a simulated Mautic: contacts, companies, segments,
// campaigns, e-mails and the statistics tables behind `/api`, with Basic auth
// and OAuth 2 client credentials. It answers as Mautic 5 does, with its traps:
//
//   - a contact created with the address of another is merged into that one,
//     and so is one edited to have it: the loser's id then names the winner
//     when read singly and nothing in a list or batch;
//   - dateModified is null until the first change, and an opt-out does not
//     move it; dates have no fractions of seconds;
//   - a PATCH drops what PHP takes for zero, and blanks unless
//     overwriteWithBlank is set;
//   - the count of a contact list is remembered for five seconds, and a
//     remembered nought hides the rows;
//   - lists in PHP are objects as soon as an index is missing; booleans and
//     numbers come as strings in lists and as themselves elsewhere;
//   - values in `where` are HTML-escaped, which only `in` undoes, and names in
//     nested conditions must be those of the columns;
//   - the statistics answer 200 with an error inside.
//
// Besides simkit's faults it plays rate_limit, row_error, repeated_page,
// empty_page, stats_error, api_disabled and basic_disabled.
package mauticsim
