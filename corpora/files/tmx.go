package files

import (
	"encoding/xml"
	"io"
)

// tmxKeep drops what TMX says is native code (bpt, ept, ph, it, ut), not the
// text within it that is to be translated (sub), and keeps all other text, as
// that of hi.
func tmxKeep(e xml.StartElement, around bool) bool {
	switch e.Name.Local {
	case "bpt", "ept", "ph", "it", "ut":
		return false
	case "sub":
		return true
	}
	return around
}

// tmx reads a translation memory: a unit a tu, with the tuid as its key, and
// its props of type document and domain (or x-document, x-domain).
func (l *loader) tmx(name string, yield func(unit) error) error {
	in, err := l.open(name, "")
	if err != nil {
		return err
	}
	defer in.Close()
	x := newXML(in)
	root := true
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
		if root && e.Name.Local != "tmx" {
			return x.errorf("the root element is <%s>, expected <tmx>", e.Name.Local)
		}
		root = false
		if e.Name.Local == "tu" {
			u, err := l.tu(x, e)
			if err != nil {
				return err
			}
			if err := yield(u); err != nil {
				return err
			}
		}
	}
}

func (l *loader) tu(x *xmlReader, e xml.StartElement) (unit, error) {
	u := unit{key: attr(e, "tuid"), file: x.name, line: x.line()}
	for {
		t, err := x.next()
		if err != nil {
			return u, x.unfinished(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return u, nil
		case xml.StartElement:
			switch t.Name.Local {
			case "tuv":
				if err := l.tuv(x, t, &u); err != nil {
					return u, err
				}
			case "prop":
				s, err := x.text(tmxKeep, nil)
				if err != nil {
					return u, err
				}
				switch attr(t, "type") {
				case "document", "x-document":
					u.doc = s
				case "domain", "x-domain":
					u.domain = s
				}
			default:
				if err := x.skip(); err != nil {
					return u, err
				}
			}
		}
	}
}

func (l *loader) tuv(x *xmlReader, e xml.StartElement, u *unit) error {
	code := attr(e, "lang")
	if code == "" {
		return x.errorf("<tuv> has no xml:lang")
	}
	lang, err := l.lang(code)
	if err != nil {
		return x.errorf("<tuv>: %w", err)
	}
	for {
		t, err := x.next()
		if err != nil {
			return x.unfinished(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if t.Name.Local != "seg" || !l.wants(lang) {
				if err := x.skip(); err != nil {
					return err
				}
				continue
			}
			s, err := x.text(tmxKeep, nil)
			if err != nil {
				return err
			}
			u.texts = append(u.texts, text{lang, s})
		}
	}
}
