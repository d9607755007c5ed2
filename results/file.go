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
// give the line. It stops at the first error. A last line without a line feed
// that is not whole JSON is reported as truncated.
func Read(r io.Reader, name string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		sc := bufio.NewScanner(r)
		sc.Buffer(make([]byte, 0, 1<<16), maxLine)
		line := 0
		for sc.Scan() {
			line++
			b := bytes.TrimSpace(sc.Bytes())
			if len(b) == 0 {
				continue
			}
			var it Item
			dec := json.NewDecoder(bytes.NewReader(b))
			dec.DisallowUnknownFields()
			err := dec.Decode(&it)
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
			if err != nil {
				yield(Item{}, fmt.Errorf("%s:%d: %w", name, line, err))
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
			yield(Item{}, fmt.Errorf("%s:%d: %w", name, line+1, err))
		}
	}
}

// Set is a whole file in memory, checked as a whole.
type Set struct {
	Run     Run
	Texts   []Texts
	Records []Record
}

// ReadSet reads a whole file. Beyond what Read checks it wants: the Run first
// and once, no text and no record twice, and the counts of each record beside
// the sizes of the same text.
func ReadSet(r io.Reader, name string) (*Set, error) { return collect(Read(r, name), name) }

// Collect makes a Set of items that come from a run, with the same checks as
// ReadSet.
func Collect(items iter.Seq2[Item, error]) (*Set, error) { return collect(items, "results") }

func collect(items iter.Seq2[Item, error], name string) (*Set, error) {
	s := new(Set)
	haveRun := false
	type textKey struct{ corpus, domain, lang string }
	type recordKey struct {
		textKey
		vocab, engine string
	}
	sizes := make(map[textKey]int)
	seen := make(map[recordKey]bool)
	n := 0
	for it, err := range items {
		if err != nil {
			return nil, err
		}
		n++
		switch {
		case it.Run != nil:
			if haveRun {
				return nil, fmt.Errorf("%s: item %d: a second run in one file; report each file alone", name, n)
			}
			haveRun = true
			s.Run = *it.Run
		case !haveRun:
			return nil, fmt.Errorf("%s: item %d: expected the run first; is the beginning of the file missing?", name, n)
		case it.Texts != nil:
			k := textKey{it.Texts.Corpus, it.Texts.Domain, it.Texts.Lang}
			if _, dup := sizes[k]; dup {
				return nil, fmt.Errorf("%s: item %d: texts %s/%s/%s twice", name, n, k.corpus, k.domain, k.lang)
			}
			sizes[k] = len(it.Texts.Keys)
			s.Texts = append(s.Texts, *it.Texts)
		case it.Record != nil:
			rec := it.Record
			k := recordKey{textKey{rec.Corpus, rec.Domain, rec.Lang}, rec.Vocab, rec.Engine}
			if seen[k] {
				return nil, fmt.Errorf("%s: item %d: record %s/%s/%s/%s/%s twice", name, n, rec.Vocab, rec.Engine, rec.Corpus, rec.Domain, rec.Lang)
			}
			seen[k] = true
			want, ok := sizes[k.textKey]
			if !ok {
				return nil, fmt.Errorf("%s: item %d: record of %s/%s/%s, but its texts do not stand before it", name, n, rec.Corpus, rec.Domain, rec.Lang)
			}
			if rec.Err == "" && len(rec.Tokens) != want {
				return nil, fmt.Errorf("%s: item %d: %d counts for %d segments of %s/%s/%s", name, n, len(rec.Tokens), want, rec.Corpus, rec.Domain, rec.Lang)
			}
			s.Records = append(s.Records, *rec)
		}
	}
	if !haveRun {
		return nil, fmt.Errorf("%s: no records in it; `babelmeter measure > FILE` makes such a file", name)
	}
	return s, nil
}
