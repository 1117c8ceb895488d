// Package listmonk reads and writes the subscribers of a listmonk (1.x to 6.x),
// and reads its lists, campaigns and what subscribers did.
package listmonk
