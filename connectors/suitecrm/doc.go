// Package suitecrm reads and writes a SuiteCRM through its V8 API.
package suitecrm
