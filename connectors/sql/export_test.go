package sql

import "github.com/tandem-sync/tandem/connectors/fault"

// Judge lets tests ask about errors that no server here gives.
func Judge(driver string, err error) (class fault.Class, scope fault.Scope, alone bool) {
	v := dialectOf(driver).judge(err)
	return v.class, v.scope, v.one()
}
