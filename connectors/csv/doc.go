// Package csv connects folders of CSV or JSON-lines files: exports of other
// systems as a source, and one file per object as a sink.
//
// A file is read in pages by byte offset, so that no page begins at the start
// again, and never held in memory: what stays of it is an index of 32 bytes a
// row. Its identity is a digest of its content; whatever changes the content
// makes the file be read again from the start. A sink is rewritten beside
// itself and put in place in one step; rows that a write does not concern are
// copied byte for byte.
package csv
