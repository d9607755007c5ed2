package files

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/babelmeter/babelmeter/corpora"
)

// langFile is a file of one language.
type langFile struct {
	lang   corpora.Lang
	path   string
	domain string
}

// aligned reads files that correspond line by line, in step. about, if not
// nil, says what is known of a line, and is asked for each; aboutName is the
// file that it reads, "" if none. A missing or a spare line is an error with the
// number of lines of both files.
func (l *loader) aligned(files []langFile, about func(n int) (unit, error), aboutName string) error {
	var readers []*lines
	for _, f := range files {
		in, err := l.open(f.path, f.lang)
		if err != nil {
			return err
		}
		defer in.Close()
		readers = append(readers, newLines(in))
	}
	for n := 0; ; n++ {
		u := unit{file: files[0].path, line: n + 1}
		var aboutErr error
		if about != nil {
			var known unit
			if known, aboutErr = about(n); aboutErr != nil && aboutErr != io.EOF {
				return aboutErr
			}
			u.key, u.doc, u.domain = known.key, known.doc, known.domain
		}
		u.texts = u.texts[:0]
		ended := -1
		for i, r := range readers {
			s, err := r.next()
			if err == io.EOF {
				if ended < 0 {
					ended = i
				}
				continue
			}
			if err != nil {
				return err
			}
			u.texts = append(u.texts, text{files[i].lang, s})
		}
		if ended < 0 && aboutErr == io.EOF {
			return fmt.Errorf("%s: %d lines about segments, but %s has more", aboutName, n, files[0].path)
		}
		if ended >= 0 {
			if len(u.texts) == 0 {
				if aboutName != "" && aboutErr == nil {
					return fmt.Errorf("%s: %d lines, but %s tells of more", files[0].path, n, aboutName)
				}
				if n == 0 {
					return errorAt(files[0].path, 0, errors.New("the file is empty"))
				}
				return nil
			}
			longer := 0
			for files[longer].lang != u.texts[0].lang || readers[longer].no <= readers[ended].no {
				longer++
			}
			for {
				if _, err := readers[longer].next(); err == io.EOF {
					break
				} else if err != nil {
					return err
				}
			}
			return fmt.Errorf("%s: %d lines, but %s has %d: a line is missing or doubled, and from there on the segments do not correspond",
				files[ended].path, readers[ended].no, files[longer].path, readers[longer].no)
		}
		if err := l.table.add(u); err != nil {
			return err
		}
	}
}

// documentIDs returns what DOCUMENT_IDS.tsv, a document a line, says of a
// line.
func (l *loader) documentIDs(name, domain string) (func(int) (unit, error), func(), error) {
	in, err := l.open(name, "")
	if err != nil {
		return nil, nil, err
	}
	r := newLines(in)
	return func(int) (unit, error) {
		s, err := r.next()
		if err != nil {
			return unit{}, err
		}
		if s = strings.TrimSpace(s); s == "" {
			return unit{}, errorAt(name, r.no, errors.New("the line is empty, expected a document"))
		}
		return unit{doc: s, domain: domain}, nil
	}, in.Close, nil
}

// floresMetadata returns what metadata_SPLIT.tsv says of a line: the page as
// the document, the kind of text as the domain.
func (l *loader) floresMetadata(name, split string) (func(int) (unit, error), func(), error) {
	in, err := l.open(name, "")
	if err != nil {
		return nil, nil, err
	}
	r := newLines(in)
	head, err := r.next()
	if err != nil {
		in.Close()
		if err == io.EOF {
			err = errorAt(name, 0, errors.New("the file is empty"))
		}
		return nil, nil, err
	}
	url, domain := -1, -1
	names := strings.Split(head, "\t")
	for i, n := range names {
		switch strings.ToLower(strings.TrimSpace(n)) {
		case "url":
			url = i
		case "domain":
			domain = i
		}
	}
	if url < 0 || domain < 0 {
		in.Close()
		return nil, nil, errorAt(name, 1, errors.New("expected a header with URL and domain"))
	}
	return func(n int) (unit, error) {
		s, err := r.next()
		if err != nil {
			return unit{}, err
		}
		row := strings.Split(s, "\t")
		if len(row) != len(names) {
			return unit{}, errorAt(name, r.no, fmt.Errorf("%d columns, expected %d as in the header", len(row), len(names)))
		}
		return unit{key: fmt.Sprintf("%s.%d", split, n+1), doc: strings.TrimSpace(row[url]), domain: strings.TrimSpace(row[domain])}, nil
	}, in.Close, nil
}
