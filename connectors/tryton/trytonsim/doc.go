// Package trytonsim is a simulated Tryton 6.0: the JSON-RPC of its models, as
// far as the connector and the tests use them. What it knows of the real one:
//
//   - Every call is a POST to the address of the database, every refusal by a
//     model an answer with status 200 and an error; a session that is not known
//     is status 401.
//   - The date of writing is empty until the first write. It is the moment at
//     which the transaction began: EditSince makes a change that appears behind
//     others.
//   - A contact mechanism or an address that is changed by itself does not move
//     the dates of its party.
//   - Of many rows written in one call, one that is refused lets all fail.
//   - A `_timestamp` in the context refuses what was written since.
//   - Inactive records are hidden unless the context says otherwise; deleted
//     ones leave no trace.
//   - An opportunity's state moves by its buttons alone, those that do not lead
//     on from where it stands do nothing, and it is won by confirming its sale.
//
// For faults and counts the path of a call is /<database>/<method>. Besides
// simkit's faults it plays rate_limit and row_error.
package trytonsim
