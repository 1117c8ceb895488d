// Package mautic reads and writes contacts and companies of a Mautic, and reads
// segments, campaigns, e-mails and what people did with them.
package mautic
