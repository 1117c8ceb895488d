// Package sqlite keeps the ledger in one SQLite file, in pure Go. One
// connection writes, a few read; an operating-system lock on a file beside it
// keeps a second daemon out.
//
// Rows are written in groups at the end of a transaction, or when something
// reads them before: see txn. The layout of the file is in migrations.
package sqlite
