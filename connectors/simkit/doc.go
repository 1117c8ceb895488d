// Package simkit holds what simulated vendor servers (twins) share: a loopback
// HTTP server, faults on demand, call counts, a movable clock and the pieces of
// an OAuth token server. A twin adds its vendor's state, routes and wording.
//
// Every twin answers these control calls, which are never counted nor faulted:
//
//	POST /__sim/fault              one Fault as JSON
//	POST /__sim/reset_faults
//	POST /__sim/expire_tokens
//	POST /__sim/automation         one Automation as JSON
//	POST /__sim/reset_automations
//	GET  /__sim/counts
//	POST /__sim/reset_counts
package simkit
