package files

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"github.com/babelmeter/babelmeter/corpora"
)

// xliffKeep drops native code: bpt, ept, ph, it of 1.2, whose text is that of
// the original file. Placeholders of 2.x are empty. Kept is the text of g, mrk,
// pc, and of sub within native code.
func xliffKeep(e xml.StartElement, around bool) bool {
	switch e.Name.Local {
	case "bpt", "ept", "ph", "it":
		return false
	case "sub":
		return true
	}
	return around
}

// xliff reads an XLIFF file of version 1.2 or 2.x: a unit a trans-unit or
// segment (mrk of seg-source), with the original of the file as its document
// and the unit's id behind it as its key. The category of a file (1.2) or its
// note of that category "domain" (2.x) is the domain.
//
// Left out are units that are not to be translated or have no target, and
// those that say that they are not done: approved="no", a state of "new",
// "initial" or "needs-…".
func (l *loader) xliff(name string, yield func(unit) error) error {
	in, err := l.open(name, "")
	if err != nil {
		return err
	}
	defer in.Close()
	f := &xliffFile{l: l, x: newXML(in), yield: yield}
	if err := f.read(); err != nil {
		return err
	}
	if f.unready > 0 {
		l.note("%s: %d units left out: not translated, or not final", name, f.unready)
	}
	return nil
}

type xliffFile struct {
	l              *loader
	x              *xmlReader
	yield          func(unit) error
	two            bool // version 2.x
	source, target corpora.Lang
	doc, domain    string
	unready        int
}

func (f *xliffFile) read() error {
	root := true
	for {
		t, err := f.x.next()
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
		if root && e.Name.Local != "xliff" {
			return f.x.errorf("the root element is <%s>, expected <xliff>", e.Name.Local)
		}
		root = false
		switch e.Name.Local {
		case "xliff":
			v := attr(e, "version")
			if f.two = strings.HasPrefix(v, "2."); !f.two && !strings.HasPrefix(v, "1.") {
				return f.x.errorf("XLIFF of version %q; expected 1.2 or 2.x", v)
			}
			if f.two {
				if err := f.langs(attr(e, "srcLang"), attr(e, "trgLang")); err != nil {
					return err
				}
			}
		case "file":
			f.doc, f.domain = attr(e, "original"), attr(e, "category")
			if f.two && f.doc == "" {
				f.doc = attr(e, "id")
			}
			if !f.two {
				if err := f.langs(attr(e, "source-language"), attr(e, "target-language")); err != nil {
					return err
				}
			}
		case "note":
			category := attr(e, "category")
			s, err := f.x.text(xliffKeep, nil)
			if err != nil {
				return err
			}
			if category == "domain" {
				f.domain = s
			}
		case "trans-unit", "unit":
			if err := f.unit(e); err != nil {
				return err
			}
		case "skeleton", "header", "internal-file":
			if err := f.x.skip(); err != nil {
				return err
			}
		}
	}
}

func (f *xliffFile) langs(source, target string) error {
	if source == "" || target == "" {
		return f.x.errorf("the file names no source and target language")
	}
	var err error
	if f.source, err = f.l.lang(source); err == nil {
		f.target, err = f.l.lang(target)
	}
	if err != nil {
		return f.x.errorf("%w", err)
	}
	return nil
}

// pair is a segment of a unit.
type pair struct {
	id             string
	source, target string
	has            bool // a target
}

// unit reads a trans-unit or a unit.
func (f *xliffFile) unit(e xml.StartElement) error {
	line := f.x.line()
	id := attr(e, "id")
	ready := attr(e, "translate") != "no" && attr(e, "approved") != "no"
	var whole pair   // of 1.2, or a segment of 2.x
	var parts []pair // segments
	state := func(s string) bool { return s != "new" && s != "initial" && !strings.HasPrefix(s, "needs-") }
	final := true
	inSegment := false
	for depth := 1; depth > 0; {
		t, err := f.x.next()
		if err != nil {
			return f.x.unfinished(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			depth--
			if t.Name.Local == "segment" && inSegment {
				inSegment = false
				if final {
					parts = append(parts, whole)
				} else {
					f.unready++
				}
			}
		case xml.StartElement:
			switch t.Name.Local {
			case "segment":
				depth++
				inSegment = true
				whole = pair{id: attr(t, "id")}
				final = state(attr(t, "state"))
			case "source":
				if whole.source, err = f.x.text(xliffKeep, insertCP(f.x)); err != nil {
					return err
				}
			case "seg-source", "target":
				isTarget := t.Name.Local == "target"
				if isTarget && !f.two {
					final = final && state(attr(t, "state"))
				}
				s, marks, err := f.marks()
				if err != nil {
					return err
				}
				if isTarget {
					whole.target, whole.has = s, true
				}
				for _, m := range marks {
					if !isTarget {
						parts = append(parts, pair{id: m.id, source: m.source})
						continue
					}
					for i := range parts {
						if parts[i].id == m.id {
							parts[i].target, parts[i].has = m.source, true
						}
					}
				}
			case "ignorable", "alt-trans", "notes", "note", "originalData", "bin-unit":
				if err := f.x.skip(); err != nil {
					return err
				}
			default:
				depth++
			}
		}
	}
	if !f.two && (!final || !ready) || f.two && !ready {
		f.unready++
		return nil
	}
	if !f.two && len(parts) == 0 {
		parts = []pair{whole}
		parts[0].id = ""
	}
	for i, p := range parts {
		if !p.has || strings.TrimSpace(p.target) == "" {
			f.unready++
			continue
		}
		key := id
		if key == "" {
			return errorAt(f.x.name, line, errNoID)
		}
		if f.doc != "" {
			key = f.doc + "." + key
		}
		if len(parts) > 1 {
			part := p.id
			if part == "" {
				part = strconv.Itoa(i + 1)
			}
			key += "." + part
		}
		u := unit{key: key, doc: f.doc, domain: f.domain, file: f.x.name, line: line,
			texts: []text{{f.source, p.source}, {f.target, p.target}}}
		if err := f.yield(u); err != nil {
			return err
		}
	}
	return nil
}

// marks reads the text of a target or seg-source, and that of the marks of
// segments in it.
func (f *xliffFile) marks() (string, []pair, error) {
	var whole strings.Builder
	var marks []pair
	for {
		t, err := f.x.next()
		if err != nil {
			return "", nil, f.x.unfinished(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return whole.String(), marks, nil
		case xml.CharData:
			if whole.Len()+len(t) > MaxSegment {
				return "", nil, f.x.errorf("%w", errTooLong)
			}
			whole.Write(t)
		case xml.StartElement:
			cp, err := insertCP(f.x)(t)
			if err != nil {
				return "", nil, err
			}
			whole.WriteString(cp)
			mark := t.Name.Local == "mrk" && attr(t, "mtype") == "seg"
			id := attr(t, "mid")
			keep := xliffKeep(t, true)
			s, err := f.x.text(xliffKeep, insertCP(f.x))
			if err != nil {
				return "", nil, err
			}
			if mark {
				marks = append(marks, pair{id: id, source: s})
			}
			if whole.Len()+len(s) > MaxSegment {
				return "", nil, f.x.errorf("%w", errTooLong)
			}
			if keep {
				whole.WriteString(s)
			}
		}
	}
}

// insertCP gives the character that <cp hex="…"/> of XLIFF 2 stands for: one
// that XML cannot hold.
func insertCP(x *xmlReader) func(e xml.StartElement) (string, error) {
	return func(e xml.StartElement) (string, error) {
		if e.Name.Local != "cp" {
			return "", nil
		}
		n, err := strconv.ParseUint(attr(e, "hex"), 16, 32)
		if err != nil || n > 0x10ffff || n >= 0xd800 && n < 0xe000 || n == 0 {
			return "", x.errorf("<cp hex=%q>: expected a character in hexadecimal", attr(e, "hex"))
		}
		return string(rune(n)), nil
	}
}
