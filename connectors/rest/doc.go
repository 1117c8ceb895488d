// Package rest connects systems that have no connector of their own: a YAML
// manifest tells how their HTTP API with JSON is signed, paged, filtered and
// written. docs/manifests.md is its reference.
//
// What a manifest says is compiled when the connector is made; every mistake in
// it is told with its line. What to ask next, what an answer means and what a
// row holds are worked out by pure functions (template.go, paging.go,
// decode.go, answer.go); the calls themselves go through httpapi.
package rest
