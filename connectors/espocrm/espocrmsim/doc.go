// Package espocrmsim is a simulated EspoCRM: the entities of its Crm module
// behind `/api/v1`, for API users who sign by a key or by HMAC. It answers as
// EspoCRM 9 does by its sources, with its traps:
//
//   - an e-mail address is a row of its own that all records with it share; the
//     opt-out stands on it, so that one set on a contact shows on the lead too
//     and moves no modifiedAt but that of the record written; the link in a
//     mail moves none at all and leaves a CampaignLogRecord;
//   - a record that is given another's address carries its own opt-out over to
//     it, which takes one back;
//   - `in` compares e-mail addresses with their lower-case form and does not
//     lower what it is given, and finds them among the further addresses too;
//   - a create that looks like a record there is, by name or by address, is
//     refused with 409 and those records, unless X-Skip-Duplicate-Check is set;
//   - a list takes at most 200 rows (403 beyond), cuts long texts at 10,000
//     characters, and tells -1 or -2 for the total under X-No-Total;
//   - times have whole seconds, in UTC without saying so;
//   - an update that changes nothing moves nothing;
//   - X-Version-Number is heeded by entities with optimistic concurrency
//     control only, and only for fields that differ;
//   - what is deleted is gone without a trace: 404;
//   - unknown and read-only attributes are dropped without a word;
//   - most errors have no body, only the header X-Status-Reason.
//
// Besides simkit's faults it plays row_error and maintenance.
package espocrmsim
