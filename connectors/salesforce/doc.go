// Package salesforce connects Tandem to a Salesforce organisation: leads,
// contacts, accounts, opportunities with their contact roles, campaigns with
// their members, tasks, events, users and queues, and the histories that
// Salesforce keeps of them.
package salesforce
