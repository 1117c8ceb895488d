package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/tandem-sync/tandem/connectors/fault"
)

var errTooLarge = errors.New("the reply is larger than allowed")

// bounded reads a body up to a number of uncompressed bytes. It counts after
// decompression, so a small compressed body cannot fill the memory.
type bounded struct {
	body io.ReadCloser
	left int64
	err  error // what ended it, other than io.EOF
}

func newBounded(body io.ReadCloser, most int64) *bounded { return &bounded{body: body, left: most} }

// Read reads from the body, failing at the first byte too many.
func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), errTooLarge
	}
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// Close lets go of the connection.
func (b *bounded) Close() error { return b.body.Close() }

// fault tells what ended the body early; nil if err is not of its making.
func (b *bounded) fault(err error) *fault.Error {
	switch {
	case b.err == nil:
		return nil
	case errors.Is(b.err, errTooLarge):
		return &fault.Error{Class: fault.Malformed, Err: errTooLarge, Next: "ask for fewer records or fields at once"}
	case errors.Is(b.err, io.ErrUnexpectedEOF):
		return &fault.Error{Class: fault.Malformed, Err: errors.New("the reply is cut short")}
	case errors.Is(err, b.err):
		return &fault.Error{Class: fault.Transient, Err: errors.New("the connection broke while the reply was read")}
	}
	return nil
}

// checkForm finds what a good status hides: a web page, nothing, half an
// answer, or JSON nested deeper than anything we ask for.
func checkForm(k *call, res *http.Response) *fault.Error {
	body := k.reply.Body
	malformed := func(text string) *fault.Error {
		return &fault.Error{Class: fault.Malformed, Err: errors.New(text)}
	}
	if len(body) == 0 {
		if k.req.Into != nil && res.StatusCode != http.StatusNoContent || k.req.Method == http.MethodGet && res.StatusCode == http.StatusOK {
			return malformed("the reply is empty")
		}
		return nil
	}
	if !k.req.wantsJSON() {
		return nil
	}
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	first := strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n\ufeff")
	if strings.HasPrefix(first, "<") || kind == "text/html" {
		return malformed("the reply is a web page, not JSON")
	}
	if kind != "" && !strings.Contains(kind, "json") && kind != "text/plain" && kind != "application/octet-stream" {
		return malformed("the reply is " + word(kind) + ", not JSON")
	}
	if problem := scanJSON(body, k.c.profile.MaxDepth); problem != "" {
		return malformed(problem)
	}
	return nil
}

// scanJSON checks that brackets and strings close and do not nest too deep. It
// is much cheaper than decoding and finds a cut reply while it can be retried.
func scanJSON(body []byte, deepest int) string {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch ch := body[i]; {
		case inString && ch == '\\':
			i++
		case ch == '"':
			inString = !inString
		case inString:
		case ch == '{' || ch == '[':
			if depth++; depth > deepest {
				return "the reply is nested too deep"
			}
		case ch == '}' || ch == ']':
			depth--
		}
	}
	if inString || depth != 0 {
		return "the reply is cut short"
	}
	return ""
}
