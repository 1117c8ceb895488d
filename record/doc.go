// Package record holds the canonical model: objects, values and fields as
// every part of Tandem speaks of them. It is pure and imports nothing of ours.
package record
