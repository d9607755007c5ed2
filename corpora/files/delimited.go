package files

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/corpora"
)

// header says what the columns of a table, or the fields of a JSON object,
// are: keys, documents, domains, and either a language each or one of texts
// beside one of languages.
type header struct {
	key, doc, domain int
	lang, text       int // of a table with a row for each language
	langs            []column
}

type column struct {
	at   int
	lang corpora.Lang
}

// columnNames are the names by which a column is known, in lower case.
var columnNames = map[string][]string{
	"key":    {"id", "key", "segment", "segment_id"},
	"doc":    {"doc", "document", "document_id", "doc_id"},
	"domain": {"domain"},
	"lang":   {"lang", "language"},
	"text":   {"text"},
}

// notColumns are words that tables use and that are codes of languages, too;
// Options.As says where one is meant.
var notColumns = []string{"bar", "cat", "foo", "hit", "img", "num", "pos", "ref", "row", "seg", "set", "src", "sum", "tag", "tgt", "url", "var"}

func columnOf(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	for of, names := range columnNames {
		if slices.Contains(names, name) {
			return of
		}
	}
	return ""
}

// header reads the names of columns. A column that is none of these is left
// out with a note, so that a table may hold remarks. "id" is Indonesian, too: it
// is that beside another column of keys, or if Indonesian was asked for;
// otherwise it is the keys, and a note says so.
func (l *loader) header(names []string) (header, error) {
	h := header{key: -1, doc: -1, domain: -1, lang: -1, text: -1}
	var codes []string
	var at []int
	var others []string
	indonesian := slices.Contains(l.o.Langs, "id") || slices.ContainsFunc(names, func(n string) bool {
		return columnOf(n) == "key" && strings.TrimSpace(n) != "id"
	})
	for i, name := range names {
		name = strings.TrimSpace(name)
		if _, as := l.o.As[name]; !as && !(name == "id" && indonesian) {
			place := map[string]*int{"key": &h.key, "doc": &h.doc, "domain": &h.domain, "lang": &h.lang, "text": &h.text}[columnOf(name)]
			if place != nil {
				if *place >= 0 {
					return h, fmt.Errorf("columns %q and %q are the same", names[*place], name)
				}
				*place = i
				if name == "id" && l.o.Langs == nil {
					l.note(`column "id" is taken for the keys; if it is Indonesian, ask for that language or name the keys "key"`)
				}
				continue
			}
			if !l.isLang(name) || slices.Contains(notColumns, name) {
				others = append(others, fmt.Sprintf("%q", name))
				continue
			}
		}
		codes = append(codes, name)
		at = append(at, i)
	}
	if (h.lang >= 0) != (h.text >= 0) {
		return h, errors.New("columns of language and of text (lang, text) go together")
	}
	if h.lang >= 0 {
		if h.key < 0 {
			return h, errors.New("a table with a row for each language needs a column of keys (id)")
		}
		return h, nil
	}
	if len(codes) == 0 {
		return h, fmt.Errorf("no column is named for a language; the header is %s", strings.Join(others, ", "))
	}
	if len(others) > 0 {
		l.note("columns left out: %s", strings.Join(others, ", "))
	}
	langs, err := l.resolve(codes)
	if err != nil {
		return h, err
	}
	for i, c := range codes {
		h.langs = append(h.langs, column{at[i], langs[c]})
	}
	return h, nil
}

// unit makes a unit of a row.
func (l *loader) unit(h *header, row []string, file string, line int) (unit, error) {
	u := unit{file: file, line: line}
	get := func(i int) string {
		if i < 0 {
			return ""
		}
		return row[i]
	}
	u.key, u.doc, u.domain = get(h.key), get(h.doc), get(h.domain)
	if h.key >= 0 && u.key == "" {
		return u, errorAt(file, line, fmt.Errorf("no key in the column of keys"))
	}
	if h.lang >= 0 {
		lang, err := l.lang(row[h.lang])
		if err != nil {
			return u, errorAt(file, line, err)
		}
		u.texts = []text{{lang, row[h.text]}}
		return u, nil
	}
	for _, c := range h.langs {
		if l.wants(c.lang) {
			u.texts = append(u.texts, text{c.lang, row[c.at]})
		}
	}
	return u, nil
}

// maxColumns bounds the columns of a table and the names of an object.
const maxColumns = 10_000

// tsv reads a table separated by tabs: everything between two tabs is text,
// quotes too. A text with a tab or a line feed needs another format.
func (l *loader) tsv(name string) error {
	in, err := l.open(name, "")
	if err != nil {
		return err
	}
	defer in.Close()
	r := newLines(in)
	var h header
	width := 0
	for {
		s, err := r.next()
		if err == io.EOF {
			if r.no == 0 {
				return errorAt(name, 0, errors.New("the file is empty; expected a header"))
			}
			return nil
		}
		if err != nil {
			return err
		}
		n := 1 + strings.Count(s, "\t")
		if r.no == 1 {
			if n > maxColumns {
				return errorAt(name, 1, fmt.Errorf("%d columns; at most %d are read", n, maxColumns))
			}
			if h, err = l.header(strings.Split(s, "\t")); err != nil {
				return errorAt(name, 1, err)
			}
			width = n
			continue
		}
		if n != width {
			return errorAt(name, r.no, fmt.Errorf("%d columns, expected %d as in the header", n, width))
		}
		row := strings.Split(s, "\t")
		u, err := l.unit(&h, row, name, r.no)
		if err == nil {
			err = l.table.add(u)
		}
		if err != nil {
			return err
		}
	}
}

// csv reads a table separated by commas, with fields in double quotes as RFC
// 4180 has it. Line feeds within quotes are text; a CR before one is not.
func (l *loader) csv(name string) error {
	in, err := l.open(name, "")
	if err != nil {
		return err
	}
	defer in.Close()
	lim := &limit{r: in}
	r := csv.NewReader(lim)
	r.ReuseRecord = true
	var h header
	last := 0 // line on which the last record began
	for n := 0; ; n++ {
		lim.m = r.InputOffset() + MaxSegment + 64<<10
		row, err := r.Read()
		if err == io.EOF {
			if n == 0 {
				return errorAt(name, 0, errors.New("the file is empty; expected a header"))
			}
			return nil
		}
		if err != nil {
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				if errors.Is(parse.Err, csv.ErrFieldCount) {
					return errorAt(name, parse.Line, fmt.Errorf("%d columns, expected %d as in the header", len(row), r.FieldsPerRecord))
				}
				return errorAt(name, parse.Line, parse.Err)
			}
			return errorAt(name, last+1, err)
		}
		line, _ := r.FieldPos(0)
		last = line
		if n == 0 {
			if h, err = l.header(slices.Clone(row)); err != nil {
				return errorAt(name, line, err)
			}
			continue
		}
		u, err := l.unit(&h, row, name, line)
		if err == nil {
			err = l.table.add(u)
		}
		if err != nil {
			return err
		}
	}
}
