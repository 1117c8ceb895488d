// Package tryton reads and writes the parties of a Tryton (6.0 and later), with
// their contact mechanisms, addresses and leads as one record, and its
// opportunities, notes, mailing-list members and marketing activities.
package tryton
