package tokenizers

import (
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/valid"
)

// ValidUTF8 returns text with each maximal ill-formed part replaced by one
// U+FFFD, as Unicode recommends (section 3.9, "U+FFFD Substitution of Maximal
// Subparts") and as Python's and Rust's lossy decoders do. Well-formed text is
// returned as it is, without allocation.
func ValidUTF8(text string) string {
	if valid.UTF8(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 8)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r != utf8.RuneError || n > 1 {
			b.WriteString(text[i : i+n])
			i += n
			continue
		}
		b.WriteString("\ufffd")
		i += subpart(text[i:])
	}
	return b.String()
}

// subpart returns the length of the maximal subpart of an ill-formed sequence
// at the start of s: the longest beginning of a well-formed sequence, or one
// byte. Bounds of the second byte: Unicode table 3-7.
func subpart(s string) int {
	lo, hi, n := byte(0x80), byte(0xBF), 0
	switch c := s[0]; {
	case c >= 0xC2 && c <= 0xDF:
		n = 1
	case c >= 0xE0 && c <= 0xEF:
		n = 2
		switch c {
		case 0xE0:
			lo = 0xA0
		case 0xED:
			hi = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		n = 3
		switch c {
		case 0xF0:
			lo = 0x90
		case 0xF4:
			hi = 0x8F
		}
	}
	i := 1
	for ; i <= n && i < len(s); i++ {
		if s[i] < lo || s[i] > hi {
			break
		}
		lo, hi = 0x80, 0xBF
	}
	return i
}
