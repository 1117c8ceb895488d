// Package all lists the built-in connectors: one line each.
package all

import (
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/csv"
	"github.com/tandem-sync/tandem/connectors/espocrm"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/connectors/listmonk"
	"github.com/tandem-sync/tandem/connectors/mautic"
	"github.com/tandem-sync/tandem/connectors/odoo"
	"github.com/tandem-sync/tandem/connectors/rest"
	"github.com/tandem-sync/tandem/connectors/salesforce"
	"github.com/tandem-sync/tandem/connectors/sql"
	"github.com/tandem-sync/tandem/connectors/suitecrm"
	"github.com/tandem-sync/tandem/connectors/tryton"
	"github.com/tandem-sync/tandem/connectors/webhook"
)

// Registry returns the built-in connectors.
func Registry() connectors.Registry {
	return connectors.Registry{
		csv.Factory(),
		espocrm.Factory(),
		hubspot.Factory(),
		listmonk.Factory(),
		mautic.Factory(),
		odoo.Factory(),
		rest.Factory(),
		salesforce.Factory(),
		sql.Factory(),
		suitecrm.Factory(),
		tryton.Factory(),
		webhook.Factory(),
	}
}
