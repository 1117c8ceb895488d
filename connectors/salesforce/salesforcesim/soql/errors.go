package soql

import (
	"fmt"
	"strings"
)

// Error is a refusal in the vendor's words.
type Error struct {
	// Code is the vendor's error code.
	Code string
	// Message is the whole message.
	Message string
}

// Error returns code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// ErrorAt builds a refusal that points at a place in the query, as the vendor
// prints it: the text around it, a caret, row and column.
func ErrorAt(code, text string, pos int, message string) *Error {
	return &Error{Code: code, Message: where(text, pos) + message}
}

func where(text string, pos int) string {
	const before, after = 32, 24
	pos = min(max(pos, 0), len(text))
	start, end := max(0, pos-before), min(len(text), pos+after)
	row := 1 + strings.Count(text[:pos], "\n")
	col := pos - strings.LastIndex(text[:pos], "\n")
	around := strings.ReplaceAll(text[start:end], "\n", " ")
	return fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n", around, strings.Repeat(" ", pos-start), row, col)
}

// NoColumn is the refusal of a field that is not there or not visible.
func NoColumn(text string, pos int, field, object string) *Error {
	return ErrorAt("INVALID_FIELD", text, pos, fmt.Sprintf("No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", field, object))
}

// NoObject is the refusal of an object that is not there.
func NoObject(text string, pos int, object string) *Error {
	return ErrorAt("INVALID_TYPE", text, pos, fmt.Sprintf("sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", object))
}

// NoRelation is the refusal of a relationship that is not there.
func NoRelation(text string, pos int, name string) *Error {
	return ErrorAt("INVALID_FIELD", text, pos, fmt.Sprintf("Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name))
}
