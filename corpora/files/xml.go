package files

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth bounds the nesting of elements.
const maxDepth = 256

// xmlReader reads a file of XML token by token. It expands no entities but
// the five of XML, fetches nothing, and refuses a document type that declares
// anything.
type xmlReader struct {
	name  string
	dec   *xml.Decoder
	lim   *limit
	depth int
	begun bool
	done  bool
}

// limit fails once a token is longer than it may be: the decoder would go on
// buffering it.
type limit struct {
	r    io.Reader
	n, m int64
}

func (l *limit) Read(p []byte) (int, error) {
	if l.n >= l.m {
		return 0, errTooLong
	}
	if int64(len(p)) > l.m-l.n {
		p = p[:l.m-l.n]
	}
	n, err := l.r.Read(p)
	l.n += int64(n)
	return n, err
}

func newXML(in *input) *xmlReader {
	x := &xmlReader{name: in.name, lim: &limit{r: in}}
	x.dec = xml.NewDecoder(x.lim)
	// The bytes are decoded already, by what the file declares.
	x.dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return x
}

// next returns the next token; io.EOF after the root element.
func (x *xmlReader) next() (xml.Token, error) {
	for {
		x.lim.m = x.dec.InputOffset() + MaxSegment + 64<<10
		t, err := x.dec.Token()
		if err == io.EOF {
			if !x.begun {
				return nil, x.errorf("no XML element in the file")
			}
			return nil, io.EOF
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				if syntax.Msg == "unexpected EOF" {
					return nil, errorAt(x.name, syntax.Line, errors.New("the file ends in the middle of an element: it is cut off"))
				}
				if strings.HasPrefix(syntax.Msg, "invalid character entity") {
					return nil, errorAt(x.name, syntax.Line, fmt.Errorf("%s: entities other than those of XML are refused", syntax.Msg))
				}
				return nil, errorAt(x.name, syntax.Line, fmt.Errorf("not well-formed XML: %s", syntax.Msg))
			}
			return nil, errorAt(x.name, x.line(), err)
		}
		switch t := t.(type) {
		case xml.Directive:
			if d := string(t); strings.ContainsAny(d, "[<") || !strings.HasPrefix(strings.ToUpper(d), "DOCTYPE") {
				return nil, x.errorf("a document type that declares entities or elements is refused: take it out")
			}
			continue
		case xml.StartElement:
			if x.done {
				return nil, x.errorf("a second root element")
			}
			x.begun = true
			if x.depth++; x.depth > maxDepth {
				return nil, x.errorf("elements are nested more than %d deep", maxDepth)
			}
		case xml.EndElement:
			x.depth--
			x.done = x.depth == 0
		case xml.Comment, xml.ProcInst:
			continue
		}
		return t, nil
	}
}

func (x *xmlReader) line() int {
	line, _ := x.dec.InputPos()
	return line
}

func (x *xmlReader) errorf(format string, args ...any) error {
	return errorAt(x.name, x.line(), fmt.Errorf(format, args...))
}

// attr returns an attribute by its local name, "" if there is none. Those in
// the namespace of XML (xml:lang) go first.
func attr(e xml.StartElement, name string) string {
	value := ""
	for _, a := range e.Attr {
		if a.Name.Local == name {
			if a.Name.Space == "xml" || a.Name.Space == "http://www.w3.org/XML/1998/namespace" {
				return a.Value
			}
			value = a.Value
		}
	}
	return value
}

// skip reads to the end of the element that was begun last.
func (x *xmlReader) skip() error {
	for depth := 1; depth > 0; {
		t, err := x.next()
		if err != nil {
			return x.unfinished(err)
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

func (x *xmlReader) unfinished(err error) error {
	if err == io.EOF {
		return x.errorf("the file ends in the middle of an element: it is cut off")
	}
	return err
}

// text reads the text of the element that was begun last. keep says whether
// the text of an element within counts, given whether that around it does;
// insert, if not nil, may put text in place of an element.
func (x *xmlReader) text(keep func(e xml.StartElement, around bool) bool, insert func(e xml.StartElement) (string, error)) (string, error) {
	var b strings.Builder
	stack := []bool{true}
	for {
		t, err := x.next()
		if err != nil {
			return "", x.unfinished(err)
		}
		top := stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if insert != nil && top {
				s, err := insert(t)
				if err != nil {
					return "", err
				}
				b.WriteString(s)
			}
			stack = append(stack, keep(t, top))
		case xml.EndElement:
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return b.String(), nil
			}
		case xml.CharData:
			if top {
				if b.Len()+len(t) > MaxSegment {
					return "", x.errorf("%w", errTooLong)
				}
				b.Write(t)
			}
		}
	}
}
