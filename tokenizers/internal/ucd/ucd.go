// Package ucd holds the properties of Unicode characters, by Unicode version.
//
// Whether a character is a letter decides where a tokenizer cuts, and so how
// many tokens a text costs. Package unicode of the standard library changes
// its answer with the compiler, so the tables here are our own: a [Tables]
// gives the answers of one Unicode version, for ever. Take one with [At],
// then ask it for sets of code points ([Tables.Class], by the names used in
// regular expressions), for single code points ([Tables.Category] and so on),
// or for what normalisation needs.
//
// # Which version a reference uses
//
// Not the newest, and not one for all its parts. Found by asking each
// reference about every code point (scripts/unicode/references.py); all are
// exact but where a difference is given.
//
//	tiktoken 0.14.0
//	  patterns: \p{…}, \s, \d, (?i:…)              16.0.0
//	  \w                                            16.0.0, Word
//	Hugging Face tokenizers 0.23.3
//	  Split, Replace, ByteLevel (Oniguruma)         16.0.0
//	  \w there                                      16.0.0, WordOniguruma in brackets,
//	                                                WordOnigurumaAlone outside
//	  Whitespace (Rust's regex): \w, \s             16.0.0, Word
//	  single_word of added tokens: \w               16.0.0, Word
//	  Digits: Nd, Nl, No; Lowercase (Rust)          17.0.0
//	  Punctuation, BertPreTokenizer: P              8.0.0, and all ASCII punctuation
//	  BertNormalizer clean_text: Cc, Cf, Co         8.0.0
//	  BertNormalizer strip_accents: Mn              8.0.0, behind NFD
//	  StripAccents: Mn, Mc, Me                      9.0.0
//	  NFC, NFD, NFKC, NFKD                          9.0.0
//	  UnicodeScripts                                9.0.0, Hiragana, Katakana and U+30FC
//	                                                as Han, Unknown and U+0020 as any
//	  Precompiled: grapheme clusters                17.0.0
//	  WhitespaceSplit, Strip, …: White_Space        the same in all versions
//	SentencePiece 0.2.3                             none: its tables are in the model file
package ucd

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Default is the version that [At] takes for the empty string: the newest one
// that both tiktoken's and Hugging Face's regular expressions use.
const Default = "16.0.0"

// Tables are the properties of one Unicode version. They are immutable and
// safe for concurrent use.
type Tables struct {
	src     *source
	index   int // into src.versions
	cat     *table[uint8]
	scripts func() *table[uint8]
	folds   func() folding
	lowers  func() map[rune]string
	marks   func() *table[uint8]
	decomps func() *decompositions
}

// At returns the tables of a Unicode version, "16.0.0" or "16.0"; the empty
// string means [Default]. The result is shared by all who ask for the version.
func At(version string) (*Tables, error) {
	src, err := unpacked()
	if err != nil {
		return nil, err
	}
	if version == "" {
		version = Default
	}
	i := slices.IndexFunc(src.versions, func(v string) bool {
		return v == version || strings.TrimSuffix(v, ".0") == version || strings.TrimSuffix(v, ".0.0") == version
	})
	if i < 0 {
		return nil, fmt.Errorf("ucd: no tables for Unicode %q, have %s", version, strings.Join(src.versions, ", "))
	}
	return src.tables[i](), nil
}

// Versions lists the versions that [At] knows, oldest first.
func Versions() []string {
	src, err := unpacked()
	if err != nil {
		return nil // At tells why
	}
	return slices.Clone(src.versions)
}

func newTables(src *source, i int) *Tables {
	t := &Tables{src: src, index: i}
	b := newBuilder[uint8]()
	runs(src.category[i], func(lo, hi rune, v byte) { b.set(lo, hi, v) })
	t.cat = b.t
	t.scripts = sync.OnceValue(func() *table[uint8] {
		b := newBuilder[uint8]()
		runs(src.script[i], func(lo, hi rune, v byte) { b.set(lo, hi, v) })
		return b.t
	})
	t.folds = sync.OnceValue(func() folding { return readFolding(src.fold[i]) })
	t.lowers = sync.OnceValue(func() map[rune]string { return readLower(src.lower[i]) })
	t.marks = sync.OnceValue(func() *table[uint8] {
		b := newBuilder[uint8]()
		runs(src.ccc, func(lo, hi rune, v byte) {
			for r := lo; v != 0 && r <= hi; r++ {
				if t.Category(r) != Cn {
					b.set(r, r, v)
				}
			}
		})
		return b.t
	})
	t.decomps = sync.OnceValue(func() *decompositions { return readDecompositions(t) })
	return t
}

// Version returns the Unicode version, such as "16.0.0".
func (t *Tables) Version() string { return t.src.versions[t.index] }

// A Category is a general category.
type Category uint8

// The general categories.
const (
	Cn Category = iota // unassigned, and what is no code point
	Lu                 // uppercase letter
	Ll                 // lowercase letter
	Lt                 // titlecase letter
	Lm                 // modifier letter
	Lo                 // other letter
	Mn                 // nonspacing mark
	Mc                 // spacing mark
	Me                 // enclosing mark
	Nd                 // decimal number
	Nl                 // letter number
	No                 // other number
	Pc                 // connector punctuation
	Pd                 // dash punctuation
	Ps                 // open punctuation
	Pe                 // close punctuation
	Pi                 // initial punctuation
	Pf                 // final punctuation
	Po                 // other punctuation
	Sm                 // math symbol
	Sc                 // currency symbol
	Sk                 // modifier symbol
	So                 // other symbol
	Zs                 // space separator
	Zl                 // line separator
	Zp                 // paragraph separator
	Cc                 // control
	Cf                 // format
	Cs                 // surrogate
	Co                 // private use
)

var categoryNames = [...]struct{ short, long string }{
	{"Cn", "Unassigned"}, {"Lu", "Uppercase_Letter"}, {"Ll", "Lowercase_Letter"}, {"Lt", "Titlecase_Letter"},
	{"Lm", "Modifier_Letter"}, {"Lo", "Other_Letter"}, {"Mn", "Nonspacing_Mark"}, {"Mc", "Spacing_Mark"},
	{"Me", "Enclosing_Mark"}, {"Nd", "Decimal_Number"}, {"Nl", "Letter_Number"}, {"No", "Other_Number"},
	{"Pc", "Connector_Punctuation"}, {"Pd", "Dash_Punctuation"}, {"Ps", "Open_Punctuation"}, {"Pe", "Close_Punctuation"},
	{"Pi", "Initial_Punctuation"}, {"Pf", "Final_Punctuation"}, {"Po", "Other_Punctuation"}, {"Sm", "Math_Symbol"},
	{"Sc", "Currency_Symbol"}, {"Sk", "Modifier_Symbol"}, {"So", "Other_Symbol"}, {"Zs", "Space_Separator"},
	{"Zl", "Line_Separator"}, {"Zp", "Paragraph_Separator"}, {"Cc", "Control"}, {"Cf", "Format"},
	{"Cs", "Surrogate"}, {"Co", "Private_Use"},
}

// String returns the two-letter name.
func (c Category) String() string {
	if int(c) < len(categoryNames) {
		return categoryNames[c].short
	}
	return fmt.Sprintf("Category(%d)", uint8(c))
}

// Category returns the general category of r.
func (t *Tables) Category(r rune) Category { return Category(t.cat.at(r)) }

// Script returns the name of the script of r, as "Latin", "Han", "Common";
// "Unknown" for unassigned code points.
func (t *Tables) Script(r rune) string { return t.src.scripts[t.scripts().at(r)].long }
