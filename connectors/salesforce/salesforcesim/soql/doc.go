// Package soql reads the query language of Salesforce and tests rows against
// its filters. It is pure: what objects and fields there are, and what a row
// holds, the caller says through Env.
package soql
