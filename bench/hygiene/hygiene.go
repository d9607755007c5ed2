// Package hygiene writes a text in other forms that look the same, or nearly
// so, and that a tokenizer may take for something else: other normal forms,
// other widths, other line ends, characters that nobody sees.
//
// Think of a [Form] as an accident that happens to text on its way: a file
// system that decomposes, a form that widens, a page that breaks lines. What it
// costs is the change in tokens against the text as it is.
package hygiene

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Unicode is the version of the tables of the normal forms: those of
// golang.org/x/text, which move with the Go release.
const Unicode = norm.Version

// Form is one other form of a text.
type Form struct {
	Name  string // [a-z0-9_]+
	Title string // of a column
	Note  string // what is done
	Of    func(text string) string
	// Plain is what Of(text) is compared with, nil for the text as it is.
	Plain func(text string) string
}

// Forms returns all forms.
func Forms() []Form {
	return []Form{
		{Name: "nfc", Title: "NFC", Note: "normal form C", Of: norm.NFC.String},
		{Name: "nfd", Title: "NFD", Note: "normal form D: accents, kana marks and Hangul letters apart", Of: norm.NFD.String},
		{Name: "nfkc", Title: "NFKC", Note: "normal form KC: full-width and other compatibility characters made plain", Of: norm.NFKC.String},
		{Name: "half_width", Title: "half width", Note: "full-width letters, digits, punctuation and kana made narrow", Of: halfWidth},
		{Name: "full_width", Title: "full width", Note: "ASCII letters, digits and punctuation made wide, blanks left", Of: fullWidth},
		{Name: "ideographic_space", Title: "U+3000", Note: "each blank made an ideographic space (U+3000)", Of: func(s string) string { return strings.ReplaceAll(s, " ", "\u3000") }},
		{Name: "crlf", Title: "CRLF", Note: "each segment ended by CR LF, and LF inside made CR LF, over the same with LF",
			Of: func(s string) string {
				return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n") + "\r\n"
			},
			Plain: func(s string) string { return s + "\n" }},
		{Name: "zero_width_space", Title: "U+200B", Note: "one zero-width space (U+200B) in the middle of each segment", Of: zeroWidth},
		{Name: "byte_order_mark", Title: "U+FEFF", Note: "a byte order mark (U+FEFF) before each segment", Of: func(s string) string { return "\ufeff" + s }},
	}
}

// halfWidth makes what is wide narrow. A voiced kana has no narrow form but is
// written as two characters, the letter and its mark.
func halfWidth(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 'ァ' || r > 'ヺ' {
			b.WriteRune(r)
			continue
		}
		letter, mark := r, ""
		if parts := []rune(norm.NFD.String(string(r))); len(parts) == 2 {
			letter = parts[0]
			switch parts[1] {
			case '\u3099':
				mark = "ﾞ"
			case '\u309a':
				mark = "ﾟ"
			}
		}
		if len(mark) > 0 && width.Narrow.String(string(letter)) == string(letter) {
			letter, mark = r, "" // a letter without a narrow form keeps its mark
		}
		b.WriteRune(letter)
		b.WriteString(mark)
	}
	return width.Narrow.String(b.String())
}

// fullWidth makes the printable ASCII characters wide (U+FF01 to U+FF5E).
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

func zeroWidth(s string) string {
	middle := utf8.RuneCountInString(s) / 2
	for i := range s {
		if middle == 0 {
			return s[:i] + "\u200b" + s[i:]
		}
		middle--
	}
	return s + "\u200b"
}

// Normal forms by name, for a corpus that is to be counted in one.
var normal = map[string]norm.Form{"nfc": norm.NFC, "nfd": norm.NFD, "nfkc": norm.NFKC}

// Normalizations are the names that Normalize knows.
var Normalizations = []string{"none", "nfc", "nfd", "nfkc"}

// Normalize returns the function that brings a text to a normal form, nil for
// "none" and "", and false for another name.
func Normalize(name string) (func(string) string, bool) {
	if name == "none" || name == "" {
		return nil, true
	}
	f, ok := normal[name]
	return f.String, ok
}

// IsNFC reports whether a text is in normal form C.
func IsNFC(text string) bool { return norm.NFC.IsNormalString(text) }
