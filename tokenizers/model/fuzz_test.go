package model_test

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzz holds models of the given kinds to the book: the fuzzer chooses the
// vocabulary by its seed, and the piece.
func fuzz(f *testing.F, isKind func(name string) bool) {
	for seed := range uint64(8) {
		for _, letters := range alphabets {
			f.Add(seed, strings.Join(letters, ""))
			f.Add(seed, strings.Repeat(letters[0], 300)+letters[1])
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64, piece string) {
		if len(piece) > 600 || !utf8.ValidString(piece) {
			return // the book is slow; pieces are valid UTF-8
		}
		tried := 0
		for _, k := range kinds {
			if !isKind(k.name) {
				continue
			}
			tried++
			m := newMaker(seeded(seed))
			b := newBoth(t, k.make(m))
			b.check(t, piece)
			b.check(t, m.text(b.def))
		}
		if tried == 0 {
			t.Fatal("no such kind of model")
		}
	})
}

func isUnigram(name string) bool   { return strings.HasPrefix(name, "unigram") }
func isWordPiece(name string) bool { return name == "wordpiece" }

func FuzzBPE(f *testing.F) {
	fuzz(f, func(name string) bool { return !isUnigram(name) && !isWordPiece(name) })
}
func FuzzUnigram(f *testing.F)   { fuzz(f, isUnigram) }
func FuzzWordPiece(f *testing.F) { fuzz(f, isWordPiece) }
