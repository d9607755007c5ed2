// Package vectors carries the reference vectors: texts of ours with the ids
// that each vocabulary's reference implementation gives them. README.md tells
// how they were made.
//
// It is a package so that the program, and not only its tests, can hold an
// engine to them before a figure is believed.
package vectors

import (
	"bufio"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
)

//go:embed *.jsonl.gz
var files embed.FS

// Header is the first line of a file of vectors.
type Header struct {
	Vocab     string `json:"vocab"`
	Reference string `json:"reference"`
	Version   string `json:"version"`
	// CountsOnly: the number of ids is certain, the ids are not.
	CountsOnly bool `json:"counts_only"`
}

// Vector is a text with the reference's ids. A nil IDs means that the
// reference refuses the text.
type Vector struct {
	Text string
	IDs  []uint32
}

// Has reports whether there are vectors for a vocabulary.
func Has(vocab string) bool {
	_, err := fs.Stat(files, vocab+".jsonl.gz")
	return err == nil
}

// Texts returns the texts that all vocabularies share, in order.
func Texts() ([]string, error) {
	var texts []string
	for line, err := range lines("texts.jsonl.gz") {
		if err != nil {
			return nil, err
		}
		var t struct {
			I    *int   `json:"i"`
			Text string `json:"text"`
		}
		if err := json.Unmarshal(line, &t); err != nil {
			return nil, fmt.Errorf("vectors: texts: %w", err)
		}
		if t.I == nil {
			continue // the header
		}
		if *t.I != len(texts) {
			return nil, fmt.Errorf("vectors: texts: text %d where %d was expected", *t.I, len(texts))
		}
		texts = append(texts, t.Text)
	}
	return texts, nil
}

// Open returns the header and the vectors of a vocabulary.
func Open(vocab string) (Header, iter.Seq2[Vector, error], error) {
	var h Header
	if !Has(vocab) {
		return h, nil, fmt.Errorf("vectors: none for %s: %w", vocab, fs.ErrNotExist)
	}
	texts, err := Texts()
	if err != nil {
		return h, nil, err
	}
	name := vocab + ".jsonl.gz"
	for line, err := range lines(name) {
		if err == nil {
			err = json.Unmarshal(line, &h)
		}
		if err != nil {
			return h, nil, fmt.Errorf("vectors: %s: %w", name, err)
		}
		break
	}
	return h, func(yield func(Vector, error) bool) {
		first := true
		for line, err := range lines(name) {
			if err != nil {
				yield(Vector{}, fmt.Errorf("vectors: %s: %w", name, err))
				return
			}
			if first {
				first = false
				continue
			}
			var v struct {
				I   int      `json:"i"`
				IDs []uint32 `json:"ids"`
			}
			if err := json.Unmarshal(line, &v); err != nil || v.I < 0 || v.I >= len(texts) {
				yield(Vector{}, fmt.Errorf("vectors: %s: bad line %.60q: %w", name, line, errors.Join(err, io.ErrUnexpectedEOF)))
				return
			}
			if !yield(Vector{texts[v.I], v.IDs}, nil) {
				return
			}
		}
	}, nil
}

func lines(name string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f, err := files.Open(name)
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			yield(nil, err)
			return
		}
		sc := bufio.NewScanner(z)
		sc.Buffer(nil, 16<<20)
		for sc.Scan() {
			if !yield(sc.Bytes(), nil) {
				return
			}
		}
		if err := sc.Err(); err != nil {
			yield(nil, err)
		}
	}
}
