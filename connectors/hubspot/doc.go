// Package hubspot connects HubSpot: its CRM objects both ways, and for reading
// what touches and stage times are made of: campaigns, lists, forms, marketing
// e-mail events, event occurrences and the history of properties.
package hubspot
