// Package odoo reads and writes leads, opportunities and contacts of an Odoo,
// and reads its mailings, what became of them, activities and users.
package odoo
