// Package all lists the built-in connectors: one line each.
package all

import (
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/csv"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/connectors/mautic"
	"github.com/tandem-sync/tandem/connectors/salesforce"
)

// Registry returns the built-in connectors.
func Registry() connectors.Registry {
	return connectors.Registry{
		csv.Factory(),
		hubspot.Factory(),
		mautic.Factory(),
		salesforce.Factory(),
	}
}
