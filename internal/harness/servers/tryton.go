package servers

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TrytonServer is a real Tryton with its CRM and marketing modules, a company,
// the party category "Opted out", and two users of its company.
type TrytonServer struct {
	*Running

	URL, Database          string
	Tandem, Person         string // logins
	TandemPass, PersonPass string

	dsn string
}

// SQL runs a statement past the server, in the database itself.
func (s *TrytonServer) SQL(ctx context.Context, statement string) error {
	_, err := psql{command: []string{"psql", "-w", "-d", s.dsn}}.sql(ctx, statement)
	return err
}

const trytonAdmin = "Qd8-mZ2x_Vw-admin"

// Tryton starts Debian's Tryton with a PostgreSQL database of its own, which
// takes a minute or two to fill. Debian's packages for it:
//
//	tryton-server tryton-modules-party tryton-modules-sale-opportunity tryton-modules-marketing
//	tryton-modules-marketing-email tryton-modules-marketing-automation tryton-modules-web-shortener
//	tryton-modules-web-user tryton-proteus python3-psycopg2
func Tryton(t *testing.T) *TrytonServer {
	t.Helper()
	need(t)
	if _, err := exec.LookPath("trytond"); err != nil {
		t.Fatal("there is no trytond; `make e2e` installs it, on Debian")
	}
	dsn := Postgres(t)
	db, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	database, port, dir := strings.TrimPrefix(db.Path, "/"), strconv.Itoa(FreePort(t)), t.TempDir()
	s := &TrytonServer{
		dsn: dsn,
		URL: "http://127.0.0.1:" + port, Database: database,
		Tandem: "tandem", TandemPass: "Kp4-sW7y_Lt-tandem", Person: "person", PersonPass: "Wn6-bX3z_Rq-person",
	}
	db.Scheme, db.Path, db.RawQuery = "postgresql", "/", ""
	config, password, setup := filepath.Join(dir, "trytond.conf"), filepath.Join(dir, "password"), filepath.Join(dir, "setup.py")
	for path, text := range map[string]string{
		config:   "[web]\nlisten = 127.0.0.1:" + port + "\n[database]\nuri = " + db.String() + "\n[session]\ntimeout = 86400\n",
		password: trytonAdmin + "\n",
		setup:    trytonSetup(s),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(env string, command ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
		cmd.Env = append(os.Environ(), env)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command[0], err, out)
		}
	}
	run("TRYTONPASSFILE="+password, "trytond-admin", "-c", config, "-d", database, "--all", "--activate-dependencies", "--email", "a@example.com",
		"-l", "en", "-u", "sale_opportunity", "marketing_email", "marketing_automation", "web_shortener")
	run("TRYTOND_CONFIG="+config, "/usr/bin/python3", setup) // Debian's own, which has its packages
	s.Running = Start(t, Process{
		Name: "trytond", Command: []string{"trytond", "-c", config, "-d", database},
		Ready: func(ctx context.Context) bool { return listening("127.0.0.1:"+port) && ctx.Err() == nil },
	})
	return s
}

// trytonSetup is a script of proteus, which works past the server.
func trytonSetup(s *TrytonServer) string {
	return `
import datetime, os
from decimal import Decimal
from proteus import Model, config
config.set_trytond("` + s.Database + `", user="admin", config_file=os.environ["TRYTOND_CONFIG"])
Party, Currency, Company, Employee = map(Model.get, ("party.party", "currency.currency", "company.company", "company.employee"))
User, Group, Category = map(Model.get, ("res.user", "res.group", "party.category"))
Category(name="Opted out").save()
euro = Currency(name="Euro", symbol="E", code="EUR")
euro.rates.new(date=datetime.date(2020, 1, 1), rate=Decimal(1))
euro.save()
own = Party(name="Our Company"); own.save()
company = Company(party=own, currency=euro); company.save()
who = Party(name="Emma Ployee"); who.save()
employee = Employee(party=who, company=company); employee.save()
for login, password in (("` + s.Tandem + `", "` + s.TandemPass + `"), ("` + s.Person + `", "` + s.PersonPass + `")):
    user = User(name=login, login=login, password=password)
    user.groups.extend(Group.find([]))
    user.companies.append(Company(company.id))
    user.company = company
    user.employees.append(Employee(employee.id))
    user.employee = employee
    user.save()
`
}
