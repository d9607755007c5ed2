package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/babelmeter/babelmeter/corpora"
)

// object is a line of a JSON lines file: its names and values in order. Values
// that are no strings are their JSON.
type object struct {
	names  []string
	values []string
	line   int
}

// get returns the value of a name.
func (o *object) get(name string) string {
	if i := slices.Index(o.names, name); i >= 0 {
		return o.values[i]
	}
	return ""
}

func (o *object) has(name string) bool { return slices.Contains(o.names, name) }

// objects yields the objects of a file, a line each. Blank lines are passed
// over.
func objects(in *input, yield func(*object) error) error {
	r := newLines(in)
	for {
		s, err := r.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.TrimSpace(s) == "" {
			continue
		}
		o, err := parseObject(s)
		if err != nil {
			return errorAt(in.name, r.no, err)
		}
		o.line = r.no
		if err := yield(o); err != nil {
			return err
		}
	}
}

func parseObject(s string) (*object, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	bad := func(err error) error {
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("the JSON object is cut off: expected one whole object a line")
		}
		return fmt.Errorf("not JSON: %w", err)
	}
	t, err := dec.Token()
	if err != nil {
		return nil, bad(err)
	}
	if t != json.Delim('{') {
		return nil, errors.New("expected a JSON object, one a line")
	}
	o := &object{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, bad(err)
		}
		name, _ := t.(string)
		if len(o.names) == maxColumns {
			return nil, fmt.Errorf("more than %d names in an object", maxColumns)
		}
		if o.has(name) {
			return nil, fmt.Errorf("name %q twice in the object", name)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, bad(err)
		}
		value := string(raw)
		switch {
		case value == "null":
			value = ""
		case value[0] == '"':
			if err := json.Unmarshal(raw, &value); err != nil {
				return nil, bad(err)
			}
			// The decoder puts U+FFFD for half of a surrogate pair.
			if n := strings.Count(value, "\ufffd"); n > 0 {
				written := bytes.Count(raw, []byte("\ufffd")) + bytes.Count(bytes.ToLower(raw), []byte(`\ufffd`))
				if n > written {
					return nil, fmt.Errorf("%q has an escape of half a surrogate pair, which is no character", name)
				}
			}
			if strings.IndexByte(value, 0) >= 0 {
				return nil, fmt.Errorf("%q has a NUL character", name)
			}
		}
		o.names = append(o.names, name)
		o.values = append(o.values, value)
	}
	if _, err := dec.Token(); err != nil {
		return nil, bad(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value on the line")
	}
	return o, nil
}

// jsonl reads JSON lines with a name for each language ({"id": …, "en": …,
// "ja": …}), or an object for each language ({"id": …, "lang": …, "text": …}).
func (l *loader) jsonl(name string) error {
	in, err := l.open(name, "")
	if err != nil {
		return err
	}
	defer in.Close()
	var h header
	var names []string
	noted := false
	return objects(in, func(o *object) error {
		if names == nil || !slices.Equal(names, o.names) {
			names = slices.Clone(o.names)
			before := len(l.notes)
			if h, err = l.header(names); err != nil {
				return errorAt(name, o.line, err)
			}
			if noted { // once is enough
				l.notes = l.notes[:before]
			}
			noted = noted || len(l.notes) > before
		}
		u, err := l.unit(&h, o.values, name, o.line)
		if err != nil {
			return err
		}
		return l.table.add(u)
	})
}

// wmt24pp reads one file of WMT24++: English and one language. Left out are
// the sources that the makers call bad, and the canary.
func (l *loader) wmt24pp(name string, lang corpora.Lang, first bool) error {
	in, err := l.open(name, lang)
	if err != nil {
		return err
	}
	defer in.Close()
	bad := 0
	err = objects(in, func(o *object) error {
		for _, n := range []string{"domain", "document_id", "segment_id", "source", "target"} {
			if !o.has(n) {
				return errorAt(name, o.line, fmt.Errorf("no %q in the object: not a file of WMT24++", n))
			}
		}
		if o.get("domain") == "canary" {
			return nil
		}
		if o.get("is_bad_source") == "true" {
			bad++
			return nil
		}
		doc := o.get("document_id")
		return l.table.add(unit{key: doc + "." + o.get("segment_id"), doc: doc, domain: o.get("domain"), file: name, line: o.line,
			texts: []text{{"en", o.get("source")}, {lang, o.get("target")}}})
	})
	if err == nil && bad > 0 && first {
		l.note("%d segments left out: their source is marked as bad", bad)
	}
	return err
}

// massive reads one locale of MASSIVE: utterances by id, the scenario as the
// domain.
func (l *loader) massive(name string, lang corpora.Lang, split string) error {
	in, err := l.open(name, lang)
	if err != nil {
		return err
	}
	defer in.Close()
	return objects(in, func(o *object) error {
		for _, n := range []string{"id", "partition", "scenario", "utt"} {
			if !o.has(n) {
				return errorAt(name, o.line, fmt.Errorf("no %q in the object: not a file of MASSIVE", n))
			}
		}
		if split != "all" && o.get("partition") != split {
			return nil
		}
		return l.table.add(unit{key: o.get("id"), domain: o.get("scenario"), file: name, line: o.line,
			texts: []text{{lang, o.get("utt")}}})
	})
}

// floresPlus reads one language of one split of FLORES+, with the page as the
// document.
func (l *loader) floresPlus(name string, lang corpora.Lang, split string) error {
	in, err := l.open(name, lang)
	if err != nil {
		return err
	}
	defer in.Close()
	n := 0
	return objects(in, func(o *object) error {
		if !o.has("text") {
			return errorAt(name, o.line, errors.New(`no "text" in the object: not a file of FLORES+`))
		}
		n++
		id := o.get("id")
		if id == "" {
			id = strconv.Itoa(n)
		}
		return l.table.add(unit{key: split + "." + id, doc: o.get("url"), domain: o.get("domain"), file: name, line: o.line,
			texts: []text{{lang, o.get("text")}}})
	})
}
