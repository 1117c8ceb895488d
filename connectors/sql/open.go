package sql

import (
	"crypto/tls"
	stdsql "database/sql"
	"errors"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// The texts of these tell nothing of the address: it holds a password.
var (
	errAddress = errors.New("the address cannot be read: write it as postgres://user:password@host:5432/database or mysql://user:password@host:3306/database, special characters in the password as %40")
	errPlain   = errors.New("the connection would not be encrypted: add ?sslmode=verify-full (PostgreSQL) or ?tls=true (MySQL) to the address, or set plaintext: true for a network you trust")
)

const (
	dialWithin  = 10 * time.Second
	idleFor     = time.Minute
	connLives   = 15 * time.Minute
	lockSeconds = 10 // a row that others hold is waited for, at most
)

// lockWait is how long a row that others hold is waited for, in seconds: less
// than a call may take, so that it ends as what it is.
func lockWait(cfg Config) int { return min(max(1, int(cfg.Timeout/time.Second)/2), lockSeconds) }

// target is a database that can be opened. Nothing is opened yet.
type target struct {
	open func() (*stdsql.DB, error)
	// id names the database without its user and password.
	id, name string
}

func aim(cfg Config) (target, error) {
	switch cfg.Driver {
	case driverPostgres:
		return aimPostgres(cfg)
	case driverMySQL:
		return aimMySQL(cfg)
	default:
		return aimSQLite(cfg)
	}
}

// bounded limits a pool.
func bounded(db *stdsql.DB, cfg Config) *stdsql.DB {
	db.SetMaxOpenConns(cfg.Connections)
	db.SetMaxIdleConns(cfg.Connections)
	db.SetConnMaxIdleTime(idleFor)
	db.SetConnMaxLifetime(connLives)
	return db
}

// parseAddress wants everything to be said: what is left out would be taken
// from the environment or from files of the user.
func parseAddress(text string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" && u.Query().Get("host") == "" || u.User == nil || u.User.Username() == "" || len(u.Path) < 2 {
		return nil, errAddress
	}
	if !slices.Contains(schemes, u.Scheme) {
		return nil, errAddress
	}
	return u, nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.HasPrefix(host, "/") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func aimPostgres(cfg Config) (target, error) {
	if _, err := parseAddress(cfg.DSN.Reveal(), "postgres", "postgresql"); err != nil {
		return target{}, err
	}
	conn, err := pgx.ParseConfig(cfg.DSN.Reveal())
	if err != nil {
		return target{}, errAddress
	}
	plain := conn.TLSConfig == nil && !loopback(conn.Host)
	for _, f := range conn.Fallbacks {
		plain = plain || f.TLSConfig == nil && !loopback(f.Host)
	}
	if plain && !cfg.Plaintext {
		return target{}, errPlain
	}
	conn.ConnectTimeout = dialWithin
	milliseconds := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	maps.Copy(conn.RuntimeParams, map[string]string{
		"timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "iso_8601", "extra_float_digits": "1", "application_name": "tandem",
		"statement_timeout": milliseconds(cfg.Timeout), "lock_timeout": strconv.Itoa(lockWait(cfg) * 1000),
		"idle_in_transaction_session_timeout": milliseconds(cfg.Timeout), "standard_conforming_strings": "on", "client_encoding": "UTF8",
	})
	id := net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port))) + "/" + conn.Database
	return target{id: "postgres://" + id, name: "PostgreSQL " + id, open: func() (*stdsql.DB, error) {
		return bounded(stdlib.OpenDB(*conn), cfg), nil
	}}, nil
}

func aimMySQL(cfg Config) (target, error) {
	u, err := parseAddress(cfg.DSN.Reveal(), "mysql", "mariadb")
	if err != nil {
		return target{}, err
	}
	conn := mysql.NewConfig()
	conn.User = u.User.Username()
	conn.Passwd, _ = u.User.Password()
	conn.DBName = strings.TrimPrefix(u.Path, "/")
	conn.Net, conn.Addr = "tcp", net.JoinHostPort(u.Hostname(), orText(u.Port(), "3306"))
	host := u.Hostname()
	if path := u.Query().Get("socket"); path != "" {
		conn.Net, conn.Addr, host = "unix", path, "localhost"
	}
	switch u.Query().Get("tls") {
	case "":
		if !cfg.Plaintext && !loopback(host) {
			return target{}, errPlain
		}
	case "true":
		conn.TLS = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	case "skip-verify": // encrypted, for a server whose certificate nobody signed
		conn.TLS = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12} //nolint:gosec // asked for by name
	default:
		return target{}, errPlain
	}
	// The call's own context ends first; these are for a server that fell silent.
	conn.Timeout, conn.ReadTimeout, conn.WriteTimeout = dialWithin, cfg.Timeout+dialWithin, cfg.Timeout+dialWithin
	conn.Collation, conn.Loc, conn.ParseTime = "utf8mb4_general_ci", time.UTC, false
	conn.MultiStatements, conn.AllowAllFiles = false, false
	conn.Logger = &mysql.NopLogger{}
	// Without the strict mode MySQL cuts what is too long and says nothing.
	conn.Params = map[string]string{
		"time_zone": "'+00:00'", "sql_mode": "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
		"innodb_lock_wait_timeout": strconv.Itoa(lockWait(cfg)),
	}
	id := conn.Addr + "/" + conn.DBName
	return target{id: "mysql://" + id, name: "MySQL " + id, open: func() (*stdsql.DB, error) {
		c, err := mysql.NewConnector(conn)
		if err != nil {
			return nil, errAddress
		}
		return bounded(stdsql.OpenDB(c), cfg), nil
	}}, nil
}

func aimSQLite(cfg Config) (target, error) {
	path, err := filepath.Abs(cfg.File)
	if err != nil {
		return target{}, errors.New("the path of the file cannot be found out")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{
		"mode": {"rw"}, "_txlock": {"immediate"},
		"_pragma": {"busy_timeout(" + strconv.Itoa(lockWait(cfg)*1000) + ")", "foreign_keys(1)", "trusted_schema(0)"},
	}.Encode()}
	return target{id: "sqlite:" + path, name: "SQLite " + filepath.Base(path), open: func() (*stdsql.DB, error) {
		c, err := sqlite.NewConnector(u.String())
		if err != nil {
			return nil, errors.New("the file cannot be opened")
		}
		return bounded(stdsql.OpenDB(c), cfg), nil
	}}, nil
}
