package httpapi

import (
	stdjson "encoding/json"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads one JSON value strictly: names match by case, a name given
// twice is an error, nothing may follow, and a number that goes into an `any`
// is kept digit by digit as a json.Number. Its errors carry no content.
func Decode(body []byte, into any) error {
	err := json.Unmarshal(body, into,
		json.WithUnmarshalers(json.UnmarshalFromFunc(keepNumber)),
		jsontext.AllowInvalidUTF8(true),
	)
	if err == nil {
		return nil
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return errors.New("the reply gives a name twice in one object")
	}
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return errors.New("the reply is not valid JSON")
	}
	return errors.New("the reply has another shape than expected")
}

func keepNumber(dec *jsontext.Decoder, into *any) error {
	if dec.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	*into = stdjson.Number(string(raw))
	return nil
}
