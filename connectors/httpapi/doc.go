// Package httpapi is how connectors call HTTP APIs: retries, OAuth2, pacing,
// budgets, bounds, redaction and metrics are here once, not in each connector.
package httpapi
