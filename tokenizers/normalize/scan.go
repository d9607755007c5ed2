package normalize

import (
	"math/bits"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/ucd"
)

// decode returns the code point at text[i:] and its length, or -1 and 1 for a
// byte that begins none. All steps go by it, so that what a step calls
// unchanged it also copies. Three bytes, CJK, are the common case here and
// are taken apart in line.
func decode(text string, i int) (rune, int) {
	if c := text[i]; c&0xF0 == 0xE0 && i+2 < len(text) {
		b, d := text[i+1], text[i+2]
		r := rune(c&0xF)<<12 | rune(b&0x3F)<<6 | rune(d&0x3F)
		if b&0xC0 == 0x80 && d&0xC0 == 0x80 && r >= 0x800 && r&0xF800 != 0xD800 {
			return r, 3
		}
	}
	r, n := utf8.DecodeRuneInString(text[i:])
	if r == utf8.RuneError && n == 1 {
		return -1, 1
	}
	return r, n
}

// ascii returns the first place from i on where text has a byte that is not
// ASCII, or its length.
func ascii(text string, i int) int {
	for i+8 <= len(text) {
		w := uint64(text[i]) | uint64(text[i+1])<<8 | uint64(text[i+2])<<16 | uint64(text[i+3])<<24 |
			uint64(text[i+4])<<32 | uint64(text[i+5])<<40 | uint64(text[i+6])<<48 | uint64(text[i+7])<<56
		if w &= 0x8080808080808080; w != 0 {
			return i + bits.TrailingZeros64(w)/8
		}
		i += 8
	}
	for i < len(text) && text[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// A runeTable gives each code point a number, 0 unless set: pages of 256 code
// points, those of one number only once.
type runeTable struct {
	page  [utf8.MaxRune>>8 + 1]uint16
	value []uint16
	full  map[uint16]uint16 // by number, the page that has no other; not to be written
	ascii bool              // an ASCII code point has a number
}

func newRuneTable() *runeTable {
	return &runeTable{value: make([]uint16, 256), full: map[uint16]uint16{0: 0}}
}

// at returns the number of r, 0 for -1.
func (t *runeTable) at(r rune) uint16 {
	if uint32(r) > utf8.MaxRune {
		return 0
	}
	return t.value[int(t.page[r>>8])<<8|int(r&0xFF)]
}

// isFull reports whether p, which begins with v, is one of full.
func (t *runeTable) isFull(p, v uint16) bool {
	f, ok := t.full[v]
	return ok && f == p
}

func (t *runeTable) set(r rune, v uint16) {
	t.ascii = t.ascii || r < utf8.RuneSelf && v != 0
	p := t.page[r>>8]
	if first := t.value[int(p)<<8]; t.isFull(p, first) {
		if v == first {
			return
		}
		old := t.value[int(p)<<8:][:256]
		p = uint16(len(t.value) >> 8)
		t.page[r>>8] = p
		t.value = append(t.value, old...)
	}
	t.value[int(p)<<8|int(r&0xFF)] = v
}

// setAll gives each code point of s the number v.
func (t *runeTable) setAll(s ucd.Set, v uint16) {
	for _, x := range s.Ranges() {
		for r := x.Lo; r <= x.Hi; {
			if r&0xFF != 0 || r|0xFF > x.Hi {
				t.set(r, v)
				r++
				continue
			}
			p, ok := t.full[v]
			if !ok {
				p = uint16(len(t.value) >> 8)
				for range 256 {
					t.value = append(t.value, v)
				}
				t.full[v] = p
			}
			t.page[r>>8] = p
			t.ascii = t.ascii || r == 0 && v != 0
			r += 256
		}
	}
}

// skip returns the first place from i on where text has a code point with a
// number, or a byte that begins no code point, or the length of text. It does
// what decode and at do, in line for all but the rare.
func (t *runeTable) skip(text string, i int) int {
	low := t.value[int(t.page[0])<<8:][:256]
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			if !t.ascii {
				i = ascii(text, i)
				continue
			}
			if low[c] != 0 {
				return i
			}
			i++
			continue
		}
		if c&0xF0 == 0xE0 && i+2 < len(text) {
			b, d := text[i+1]^0x80, text[i+2]^0x80
			r := rune(c&0xF)<<12 | rune(b)<<6 | rune(d)
			if b|d < 0x40 && r >= 0x800 && r&0xF800 != 0xD800 {
				if t.value[int(t.page[r>>8])<<8|int(r&0xFF)] != 0 {
					return i
				}
				i += 3
				continue
			}
		}
		r, n := decode(text, i)
		if r < 0 || t.at(r) != 0 {
			return i
		}
		i += n
	}
	return i
}
