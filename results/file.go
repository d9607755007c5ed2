package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// maxLine bounds one line of a file: about two million segments.
const maxLine = 64 << 20

// A Writer writes items as JSON lines, each flushed as it is written, so that
// an interrupted run keeps what it finished.
type Writer struct{ w io.Writer }

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w} }

// Write checks and writes one item in one call of the underlying Write.
func (w *Writer) Write(it Item) error {
	if err := it.Check(); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(it); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	_, err := w.w.Write(buf.Bytes())
	return err
}

// Read yields the items of a file in order. name is for error messages, which
// give the line. It stops at the first error. A line that ends in the middle of
// a value is reported as truncated.
func Read(r io.Reader, name string) iter.Seq2[Item, error] {
	var line int
	return read(r, name, &line)
}

// read is Read; it keeps the number of the line it is at in line.
func read(r io.Reader, name string, line *int) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		sc := bufio.NewScanner(r)
		sc.Buffer(make([]byte, 0, 1<<16), maxLine)
		*line = 0
		for sc.Scan() {
			*line++
			b := bytes.TrimSpace(sc.Bytes())
			if len(b) == 0 {
				continue
			}
			it, err := decode(b)
			if err != nil {
				yield(Item{}, fmt.Errorf("%s:%d: %w", name, *line, err))
				return
			}
			if !yield(it, nil) {
				return
			}
		}
		if err := sc.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = fmt.Errorf("line longer than %d bytes: not a file of babelmeter records", maxLine)
			}
			yield(Item{}, fmt.Errorf("%s:%d: %w", name, *line+1, err))
		}
	}
}

// decode reads one line.
func decode(b []byte) (Item, error) {
	var it Item
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := dec.Decode(&it)
	if err != nil {
		// A run of a newer schema may have fields that this one has not: the
		// schema is what to speak of.
		var head struct {
			Run *struct {
				Schema  int    `json:"schema"`
				Version string `json:"version"`
			} `json:"run"`
		}
		if json.Unmarshal(b, &head) == nil && head.Run != nil && head.Run.Schema > Schema {
			return it, (&Run{Schema: head.Run.Schema, Version: head.Run.Version}).check()
		}
	}
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("more than one JSON value on the line")
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the line ends in the middle of a value: the file is truncated; measure again or delete the line")
	}
	if err == nil {
		err = it.Check()
	}
	return it, err
}

// Set is a whole file in memory, checked as a whole.
type Set struct {
	Run     Run
	Texts   []Texts
	Records []Record
	Wholes  []Whole
}

// ReadSet reads a whole file. Beyond what Read checks it wants: the Run first
// and once, no text and no record twice, the same segments in every language of
// a domain, and the counts of each record beside the sizes of the same text.
func ReadSet(r io.Reader, name string) (*Set, error) {
	var line int
	return collect(read(r, name, &line), name, func() string { return fmt.Sprintf("%s:%d", name, line) })
}

// Collect makes a Set of items that come from a run, with the same checks as
// ReadSet.
func Collect(items iter.Seq2[Item, error]) (*Set, error) {
	n := 0
	counted := func(yield func(Item, error) bool) {
		for it, err := range items {
			n++
			if err == nil {
				if err = it.Check(); err != nil {
					err = fmt.Errorf("results: item %d: %w", n, err)
				}
			}
			if !yield(it, err) {
				return
			}
		}
	}
	return collect(counted, "results", func() string { return fmt.Sprintf("results: item %d", n) })
}

// collect makes a Set; where tells the place of the item it is at.
func collect(items iter.Seq2[Item, error], name string, where func() string) (*Set, error) {
	s := new(Set)
	haveRun := false
	type domainKey struct{ corpus, domain string }
	type textKey struct{ corpus, domain, lang string }
	type recordKey struct {
		textKey
		vocab, engine string
	}
	wholes := make(map[recordKey]bool)
	langs := make(map[textKey]bool) // without domain: those that have texts
	first := make(map[domainKey]*Texts)
	sizes := make(map[textKey]int)
	seen := make(map[recordKey]bool)
	for it, err := range items {
		if err != nil {
			return nil, err
		}
		switch {
		case it.Run != nil:
			if haveRun {
				return nil, fmt.Errorf("%s: a second run in one file; report each file alone", where())
			}
			haveRun = true
			s.Run = *it.Run
		case !haveRun:
			return nil, fmt.Errorf("%s: expected the run first; is the beginning of the file missing?", where())
		case it.Texts != nil:
			k := textKey{it.Texts.Corpus, it.Texts.Domain, it.Texts.Lang}
			if _, dup := sizes[k]; dup {
				return nil, fmt.Errorf("%s: texts %s/%s/%s twice", where(), k.corpus, k.domain, k.lang)
			}
			d := domainKey{k.corpus, k.domain}
			if first[d] == nil {
				first[d] = it.Texts
			} else if err := aligned(first[d], it.Texts); err != nil {
				return nil, fmt.Errorf("%s: %w", where(), err)
			}
			sizes[k] = len(it.Texts.Keys)
			langs[textKey{corpus: k.corpus, lang: k.lang}] = true
			s.Texts = append(s.Texts, *it.Texts)
		case it.Record != nil:
			rec := it.Record
			k := recordKey{textKey{rec.Corpus, rec.Domain, rec.Lang}, rec.Vocab, rec.Engine}
			if seen[k] {
				return nil, fmt.Errorf("%s: record %s/%s/%s/%s/%s twice", where(), rec.Vocab, rec.Engine, rec.Corpus, rec.Domain, rec.Lang)
			}
			seen[k] = true
			want, ok := sizes[k.textKey]
			if !ok {
				return nil, fmt.Errorf("%s: record of %s/%s/%s, but its texts do not stand before it", where(), rec.Corpus, rec.Domain, rec.Lang)
			}
			if rec.Err == "" && len(rec.Tokens) != want {
				return nil, fmt.Errorf("%s: %d counts for %d segments of %s/%s/%s", where(), len(rec.Tokens), want, rec.Corpus, rec.Domain, rec.Lang)
			}
			s.Records = append(s.Records, *rec)
		case it.Whole != nil:
			w := it.Whole
			k := recordKey{textKey{corpus: w.Corpus, lang: w.Lang}, w.Vocab, w.Engine}
			if wholes[k] {
				return nil, fmt.Errorf("%s: whole %s/%s/%s/%s twice", where(), w.Vocab, w.Engine, w.Corpus, w.Lang)
			}
			wholes[k] = true
			if !langs[k.textKey] {
				return nil, fmt.Errorf("%s: whole of %s/%s, but its texts do not stand before it", where(), w.Corpus, w.Lang)
			}
			s.Wholes = append(s.Wholes, *w)
		}
	}
	if !haveRun {
		return nil, fmt.Errorf("%s: no records in it; `babelmeter measure > FILE` makes such a file", name)
	}
	return s, nil
}

// aligned reports where two languages of a domain do not have the same
// segments in the same order: ratios of their counts would compare different
// content.
func aligned(a, b *Texts) error {
	for i := range min(len(a.Keys), len(b.Keys)) {
		if a.Keys[i] != b.Keys[i] || a.Docs[i] != b.Docs[i] {
			return fmt.Errorf("texts %s/%s: segment %d is %q of %q in %s but %q of %q in %s", a.Corpus, a.Domain, i+1, a.Keys[i], a.Docs[i], a.Lang, b.Keys[i], b.Docs[i], b.Lang)
		}
	}
	if len(a.Keys) != len(b.Keys) {
		return fmt.Errorf("texts %s/%s: %d segments in %s but %d in %s", a.Corpus, a.Domain, len(a.Keys), a.Lang, len(b.Keys), b.Lang)
	}
	return nil
}
