// Package espocrm reads and writes an EspoCRM through its REST API.
package espocrm
