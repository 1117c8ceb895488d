package sql_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/sql"
)

func TestWhatDatabasesAnswer(t *testing.T) {
	pg := func(code string) error {
		return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code, Message: "canary"})
	}
	my := func(number uint16) error {
		return fmt.Errorf("wrapped: %w", &mysql.MySQLError{Number: number, Message: "canary"})
	}
	tests := []struct {
		driver string
		err    error
		class  fault.Class
		scope  fault.Scope
		alone  bool // the rows beside it go without it
	}{
		{"postgres", pg("23505"), fault.Conflict, fault.ScopeCall, true},
		{"postgres", pg("22001"), fault.Invalid, fault.ScopeRow, true},
		{"postgres", pg("23502"), fault.Invalid, fault.ScopeRow, true},
		{"postgres", pg("P0001"), fault.Invalid, fault.ScopeRow, true}, // a trigger's own
		{"postgres", pg("40001"), fault.Locked, fault.ScopeCall, false},
		{"postgres", pg("40P01"), fault.Locked, fault.ScopeCall, false},
		{"postgres", pg("28P01"), fault.Auth, fault.ScopeSystem, false},
		{"postgres", pg("42501"), fault.Permission, fault.ScopeObject, false},
		{"postgres", pg("42P01"), fault.Missing, fault.ScopeObject, false},
		{"postgres", pg("53300"), fault.Transient, fault.ScopeSystem, false},
		{"postgres", pg("57P01"), fault.Transient, fault.ScopeSystem, false},
		{"postgres", pg("XX000"), fault.Unclassified, fault.ScopeObject, false},
		{"postgres", io.ErrUnexpectedEOF, fault.Transient, fault.ScopeSystem, false},
		{"postgres", fmt.Errorf("tls: %w", x509.UnknownAuthorityError{}), fault.Forbidden, fault.ScopeSystem, false},
		{"mysql", my(1062), fault.Conflict, fault.ScopeCall, true},
		{"mysql", my(1406), fault.Invalid, fault.ScopeCall, true},
		{"mysql", my(1048), fault.Invalid, fault.ScopeCall, true},
		{"mysql", my(1644), fault.Invalid, fault.ScopeCall, true}, // a trigger's own
		{"mysql", my(1213), fault.Locked, fault.ScopeCall, false},
		{"mysql", my(1205), fault.Locked, fault.ScopeCall, false},
		{"mysql", my(1045), fault.Auth, fault.ScopeSystem, false},
		{"mysql", my(1142), fault.Permission, fault.ScopeObject, false},
		{"mysql", my(1146), fault.Missing, fault.ScopeObject, false},
		{"mysql", my(1040), fault.Transient, fault.ScopeSystem, false},
		{"mysql", mysql.ErrPktTooLarge, fault.Invalid, fault.ScopeCall, true},
		{"mysql", mysql.ErrInvalidConn, fault.Transient, fault.ScopeSystem, false},
		{"sqlite", errors.New("anything else"), fault.Transient, fault.ScopeSystem, false},
	}
	for _, test := range tests {
		class, scope, alone := sql.Judge(test.driver, test.err)
		if class != test.class || scope != test.scope || alone != test.alone {
			t.Errorf("%s %v: %s, scope %d, alone %t", test.driver, test.err, class, scope, alone)
		}
	}
}
