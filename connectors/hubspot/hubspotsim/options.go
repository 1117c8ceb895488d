package hubspotsim

import (
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options are the traits of a simulated portal; the zero value is a portal
// with every tier, no rate limit and no latency.
type Options struct {
	// PortalID is the account's id; 44237313 when nought.
	PortalID int64
	// Clock tells the portal's time; the machine's when nil.
	Clock *simkit.Clock
	// Latency is how long every call takes at least.
	Latency time.Duration
	// Lag is how long the search index trails behind writes.
	Lag time.Duration
	// RateLimits are off unless set.
	RateLimits RateLimits
	// Without lists scopes this account's tier or its credentials lack, such as
	// marketing.campaigns.read; calls that need them answer 403 MISSING_SCOPES.
	Without []string
	// DefaultLifecycle is the stage the portal gives contacts created by API
	// without one; portals have this as a setting. Empty gives none.
	DefaultLifecycle string
	// RotateRefreshTokens makes each refresh token good for one use.
	RotateRefreshTokens bool
	// TokenTTL is how long access tokens live; 30 minutes when nought.
	TokenTTL time.Duration
	// Credentials fixes what is otherwise drawn at random.
	Credentials Credentials
}

// RateLimits are the limits a portal keeps to; nought means none.
type RateLimits struct {
	// Burst is calls per ten rolling seconds; search does not count.
	Burst int
	// Search is searches per rolling second.
	Search int
	// Daily is calls per day; not for OAuth.
	Daily int
}

// Professional returns the limits of a Professional or Enterprise account.
func Professional() RateLimits { return RateLimits{Burst: 190, Search: 5, Daily: 650_000} }

// Credentials let a client in.
type Credentials struct {
	// AccessToken is a Service Key: a bearer that never expires.
	AccessToken string
	// ClientID and ClientSecret are the OAuth app's.
	ClientID, ClientSecret string
	// RefreshToken starts the OAuth refresh grant.
	RefreshToken string
}

// Actor is who changes a record, as property history tells it.
type Actor struct {
	// SourceType is HubSpot's change source, such as CRM_UI or INTEGRATION.
	SourceType string
	// SourceID is the app, workflow or session.
	SourceID string
	// UserID is the person's user id, or nought.
	UserID int64
	// At backdates the change; the portal's time when zero.
	At time.Time
}

// UserActor is a person who edits in HubSpot's own pages.
func UserActor(userID int64) Actor {
	return Actor{SourceType: "CRM_UI", SourceID: "userId:" + itoa(userID), UserID: userID}
}

// IntegrationActor is an app that writes through the API.
func IntegrationActor(appID string) Actor { return Actor{SourceType: "INTEGRATION", SourceID: appID} }

// WorkflowActor is a workflow of the customer's own.
func WorkflowActor(flowID string) Actor {
	return Actor{SourceType: "AUTOMATION_PLATFORM", SourceID: "enrollmentId:" + flowID}
}

// ImportActor is a file imported by a person.
func ImportActor(importID string) Actor { return Actor{SourceType: "IMPORT", SourceID: importID} }
