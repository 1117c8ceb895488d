// Package odoosim is a simulated Odoo with CRM and Email Marketing: its models
// behind JSON-2 (`/json/2/<model>/<method>`) and JSON-RPC (`/jsonrpc`). It
// answers as Odoo does, with its traps:
//
//   - write_date is stored in microseconds, compared in microseconds and
//     printed in seconds;
//   - archived records, lost leads among them, are hidden unless the context
//     says active_test = false or the domain names active;
//   - false stands for whatever is empty, and a many2one is [id, name];
//   - write sets the same values in all its records, create takes all of its
//     list or nothing, and an import with one bad row is undone as a whole;
//   - an entry of the blacklist writes nothing to the records of its address,
//     and creating it again does not restore one that was archived;
//   - two records may have one address, and a deleted one leaves nothing;
//   - JSON-RPC answers errors with status 200, JSON-2 with 4xx and 5xx; the
//     names of parameters count in JSON-2, and ids given to a method of the
//     model itself are refused.
//
// Besides simkit's faults it plays rate_limit, row_error, row_lock,
// whole_batch_error and repeated_page.
package odoosim
