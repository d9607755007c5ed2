// Package textsize measures a text without a tokenizer: its bytes, characters
// and words, the denominators that token counts are divided by.
//
// None of them compares across languages. In one corpus of translated news
// the same content takes 2.6 times the bytes of English in Thai and about the
// same bytes in Chinese, in a third of the characters. They describe a text, and they are named in
// every unit: tokens per byte, per code point, per grapheme.
//
// Graphemes and words follow Unicode 17 (UAX #29), whatever Unicode version
// the Go release has, so that a measure does not move with the compiler.
package textsize

import (
	"iter"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/words"
)

// Unicode is the version of the Unicode rules for graphemes and words.
const Unicode = "17.0.0"

// A Size is the size of a text in several units. A text of 4 GiB or more, far
// beyond any segment, is given as the largest number there is.
type Size struct {
	// Bytes is the length in UTF-8.
	Bytes uint32
	// Chars is the number of code points. Each byte that is not part of valid
	// UTF-8 counts as one, U+FFFD, as it does in a range loop.
	Chars uint32
	// Graphemes is the number of extended grapheme clusters (UAX #29): what a
	// reader calls a character. A family emoji is one, an Indic conjunct is
	// one, CRLF is one.
	Graphemes uint32
	// Words is the number of segments between UAX #29 word boundaries that
	// hold a letter (L) or a decimal digit (Nd): words and numbers without
	// blanks, punctuation and symbols.
	//
	// The rules use no dictionary. They cut Han and Hiragana after every
	// character, and Thai, Lao, Khmer and Burmese after every letter with its
	// marks: there the number says little, and tokens per word must not be
	// computed from it. In Korean it counts eojeol, between blanks.
	Words uint32
}

// Of returns the size of text.
func Of(text string) Size {
	s := Size{
		Bytes: clamp(len(text)),
		Chars: clamp(utf8.RuneCountInString(text)),
	}
	if !utf8.ValidString(text) {
		// The rules are for code points; a stray byte stands for U+FFFD.
		text = string([]rune(text))
	}
	n := 0
	for g := graphemes.FromString(text); g.Next(); {
		n++
	}
	s.Graphemes = clamp(n)

	n = 0
	for range Words(text) {
		n++
	}
	s.Words = clamp(n)
	return s
}

// Words yields the words of a text that Size.Words counts, in order, each with
// whether a blank (U+0020) stands right before it. The text must be UTF-8.
func Words(text string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		blank := false
		for w := words.FromString(text); w.Next(); {
			v := w.Value()
			if isWord(v) && !yield(v, blank) {
				return
			}
			blank = strings.HasSuffix(v, " ")
		}
	}
}

func isWord(segment string) bool {
	for _, r := range segment {
		if r < utf8.RuneSelf {
			if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
				return true
			}
			continue
		}
		if unicode.Is(letterOrDigit, r) {
			return true
		}
	}
	return false
}

func clamp(n int) uint32 { return uint32(min(uint64(n), math.MaxUint32)) }
