// Package connectortest is the suite that every connector passes. A connector's
// own test builds a fresh twin, or a folder, and the connector against it:
//
//	func TestConnector(t *testing.T) {
//		connectortest.Run(t, connectortest.Setup{
//			Transport: connectortest.HTTP, Catalog: acme.Catalog(), Object: "contacts", Field: "city",
//			New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
//				twin := acmesim.New(acmesim.Options{})
//				base := o.Serve(twin.Handler())
//				return connectortest.Instance{Connector: build(t, o.Env, base), Bench: bench{twin}, Secrets: []string{key}}
//			},
//		})
//	}
//
// Each case runs in a bubble of testing/synctest over connections in memory:
// every wait is virtual, and a goroutine left behind fails the case. After
// each case its log, its errors and its metrics are searched for secrets and
// for the personal data the case used.
package connectortest
