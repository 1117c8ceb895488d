// Package suitecrmsim is a simulated SuiteCRM 7: the modules of its V8 API
// below `/Api`, with OAuth 2 client credentials. It answers as 7.14 and 7.15.0
// do by their sources, with their traps:
//
//   - times come without their seconds, as if they were nought, and are compared
//     with them; an offset in them means nothing;
//   - texts come with quotes and angle brackets as HTML entities, and lose one
//     layer of entities on their way in; they are cut at the field's length
//     without a word; no list of values is checked;
//   - every value is a string, an empty one is "" and not null;
//   - numbers sent as strings are read with the separators of the user;
//   - a filter joins all its conditions by one operator and takes one value for
//     a field and operator; pages are sorted by one field, and ties by nothing;
//   - a filter by email1 finds former and further addresses too;
//   - an address is a row of its own; a record made with the address of somebody
//     who opted out takes that back; PATCH neither changes an address that is
//     there nor an opt-out, which 7.15.1 half mends (Options.Mended);
//   - what is missing is 400, errors are one object, not a list, updates are
//     answered by 201, and an id that exists refuses a create;
//   - an unknown client is a server error, a wrong secret is 401;
//   - what is deleted is hidden, and a row deleted while a list is made spoils
//     the whole page.
//
// Besides simkit's faults it plays row_error and row_vanished.
package suitecrmsim
