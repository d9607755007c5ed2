package normalize

import (
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"

	"github.com/babelmeter/babelmeter/tokenizers/internal/bytealphabet"
)

// An affix is Prepend or Append.
type affix struct {
	content string
	front   bool
}

func (a affix) unchanged(text string) bool { return text == "" }

func (a affix) append(dst []byte, text string, _ *scratch) []byte {
	if text == "" {
		return dst
	}
	if a.front {
		dst = append(dst, a.content...)
	}
	dst = append(dst, text...)
	if !a.front {
		dst = append(dst, a.content...)
	}
	return dst
}

// strip is Strip.
type strip struct{ left, right bool }

// White_Space is the same in all Unicode versions here.
var spaces = ucd.NewSet(
	ucd.Range{Lo: 0x09, Hi: 0x0D}, ucd.Range{Lo: 0x20, Hi: 0x20}, ucd.Range{Lo: 0x85, Hi: 0x85},
	ucd.Range{Lo: 0xA0, Hi: 0xA0}, ucd.Range{Lo: 0x1680, Hi: 0x1680}, ucd.Range{Lo: 0x2000, Hi: 0x200A},
	ucd.Range{Lo: 0x2028, Hi: 0x2029}, ucd.Range{Lo: 0x202F, Hi: 0x202F}, ucd.Range{Lo: 0x205F, Hi: 0x205F},
	ucd.Range{Lo: 0x3000, Hi: 0x3000},
)

func (s strip) trim(text string) string {
	if s.left {
		text = strings.TrimLeftFunc(text, spaces.Contains)
	}
	if s.right {
		text = strings.TrimRightFunc(text, spaces.Contains)
	}
	return text
}

func (s strip) unchanged(text string) bool { return len(s.trim(text)) == len(text) }

func (s strip) append(dst []byte, text string, _ *scratch) []byte {
	return append(dst, s.trim(text)...)
}

// byteLevel is ByteLevel: each byte as a character of GPT-2's alphabet.
type byteLevel struct{}

func (byteLevel) unchanged(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

func (byteLevel) append(dst []byte, text string, _ *scratch) []byte {
	for i := range len(text) {
		if c := text[i]; c > ' ' && c < utf8.RuneSelf-1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, bytealphabet.Rune(c))
		}
	}
	return dst
}
