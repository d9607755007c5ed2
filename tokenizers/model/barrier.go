package model

import (
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// barriers tells between which neighbouring characters no merge can ever
// happen, so that a piece may be cut there and its parts merged alone.
//
// The rule, and why it is exact. Let V be all strings that a symbol can ever
// be: every token, the unreachable and the unused too. Let i be an offset
// inside a piece between two characters A|B. If no string of V that occurs in
// the piece straddles i, then
//
//	merge(x + y) = merge(x) ++ merge(y), cut at i.
//
// For every symbol that exists while merging is a string of V, a byte or a
// character, and covers a contiguous range. A merge across i would make a
// symbol that straddles i, so none happens. The candidates left of i and
// those right of it then never share a symbol, so that "the lowest rank, the
// leftmost first" restricted to a side picks in the same order as that side
// alone. Nothing is assumed about the order of ranks.
//
// This is about merging only. Taking a whole piece for the token that it is
// (vocab.Model.IgnoreMerges) comes before, on the whole piece.
//
// A token that straddles A|B covers all or the end of A and all or the
// beginning of B. Four filters hold what the tokens have:
//
//	full|full      characters (A, B) side by side
//	suffix|full    the token begins with the last bytes of A
//	full|prefix    the token ends with the first bytes of B
//	suffix|prefix  both
//
// The filters are hashed bits, or coarser: they may say "joined" where nothing
// is, which only makes a part longer. They never say "barrier" where something
// is. ASCII beside ASCII, and anything above U+FFFF, always counts as joined.
type barriers struct {
	flags [1 << 16]uint8 // by character: what it may be part of
	full  []uint64       // hashed (A, B)
	// suffix and prefix are looked at only if the character's flag says so.
	suffix [1 << 10]uint64 // hashed (last byte of A, B)
	prefix [1 << 11]uint64 // hashed (A, B >> 6)
}

const (
	flagAfterSuffix  = 1 << iota // some token is an end of a character, then this one
	flagBeforePrefix             // some token ends with this one and a beginning of another
	flagSuffixEnd                // some token is an end like this one's, then a beginning
	flagPrefixStart              // some token is an end, then a beginning like this one's
)

// hashPair spreads two characters over so many bits.
func hashPair(a, b uint32, bits uint) uint32 {
	return uint32((uint64(a)<<16 | uint64(b)) * 0x9E3779B97F4A7C15 >> (64 - bits))
}

const fullBits = 20

func (f *barriers) addFull(a, b rune) {
	h := hashPair(uint32(a), uint32(b), fullBits)
	f.full[h>>6] |= 1 << (h & 63)
}

func (f *barriers) hasFull(a, b rune) bool {
	h := hashPair(uint32(a), uint32(b), fullBits)
	return f.full[h>>6]>>(h&63)&1 != 0
}

// newBarriers reads the tokens of a model. In a model of characters the tokens
// are whole characters, and only full|full occurs.
func newBarriers(m *vocab.Model) *barriers {
	f := &barriers{full: make([]uint64, 1<<fullBits/64)}
	type half struct{ a, b uint32 } // a suffix's last byte, a prefix's first byte
	both := make(map[half]bool)
	for id := range m.Tokens.Len() {
		t := m.Tokens.At(vocab.ID(id))
		if isASCII(t) {
			continue // always joined
		}
		if !f.addToken(t, func(last, lead byte) { both[half{uint32(last), uint32(lead)}] = true }) {
			continue
		}
	}
	if len(both) > 0 {
		var buf [utf8.UTFMax]byte
		for r := rune(0x80); r < 1<<16; r++ {
			if !utf8.ValidRune(r) {
				continue
			}
			n := utf8.EncodeRune(buf[:], r)
			for h := range both {
				if uint32(buf[n-1]) == h.a {
					f.flags[r] |= flagSuffixEnd
				}
				if uint32(buf[0]) == h.b {
					f.flags[r] |= flagPrefixStart
				}
			}
		}
	}
	return f
}

func isASCII(t []byte) bool {
	for _, c := range t {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// addToken cuts a token into units (the end of a character, characters, the
// beginning of one) and files each two neighbours. Bytes that no well-formed
// text contains are filed as ends or beginnings: an extra entry is harmless.
func (f *barriers) addToken(t []byte, both func(last, lead byte)) bool {
	n := 0
	for n < len(t) && !utf8.RuneStart(t[n]) {
		n++
	}
	suffix, t := t[:n], t[n:]
	prev, havePrev := rune(0), false
	for len(t) > 0 {
		r, n := utf8.DecodeRune(t)
		if r == utf8.RuneError && n <= 1 {
			f.addPrefix(suffix, prev, havePrev, t, both)
			// What follows a broken beginning cannot be in a text beside it;
			// file it as if it stood alone.
			rest := t[1:]
			for len(rest) > 0 && !utf8.RuneStart(rest[0]) {
				rest = rest[1:]
			}
			suffix, prev, havePrev, t = nil, 0, false, rest
			continue
		}
		switch {
		case havePrev:
			if prev <= 0xFFFF && r <= 0xFFFF {
				f.addFull(prev, r)
			}
		case len(suffix) > 0 && r <= 0xFFFF:
			f.flags[r] |= flagAfterSuffix
			h := hashPair(uint32(suffix[len(suffix)-1]), uint32(r), 16)
			f.suffix[h>>6] |= 1 << (h & 63)
		}
		suffix, prev, havePrev = nil, r, true
		t = t[n:]
	}
	return true
}

// addPrefix files the beginning of a character that ends a token.
func (f *barriers) addPrefix(suffix []byte, prev rune, havePrev bool, prefix []byte, both func(last, lead byte)) {
	lead := prefix[0]
	if !havePrev {
		if len(suffix) > 0 {
			both(suffix[len(suffix)-1], lead)
		}
		return
	}
	if prev > 0xFFFF {
		return
	}
	f.flags[prev] |= flagBeforePrefix
	add := func(high uint32) {
		h := hashPair(uint32(prev), high, 17)
		f.prefix[h>>6] |= 1 << (h & 63)
	}
	switch {
	case lead >= 0xC0 && lead < 0xE0: // of two bytes
		add(uint32(lead & 0x1F))
	case lead >= 0xE0 && lead < 0xF0 && len(prefix) > 1: // two of three
		add(uint32(lead&0x0F)<<6 | uint32(prefix[1]&0x3F))
	case lead >= 0xE0 && lead < 0xF0: // one of three
		for low := range uint32(64) {
			add(uint32(lead&0x0F)<<6 | low)
		}
	} // above U+FFFF: always joined
}

// joined reports whether a merge may cross between two characters.
func (f *barriers) joined(a, b rune) bool {
	if a < utf8.RuneSelf && b < utf8.RuneSelf || a|b > 0xFFFF {
		return true
	}
	return f.hasFull(a, b) || f.partly(a, b)
}

// partly is joined for the kinds that only few characters have.
func (f *barriers) partly(a, b rune) bool {
	fa, fb := f.flags[uint16(a)], f.flags[uint16(b)]
	if fa&(flagBeforePrefix|flagSuffixEnd) == 0 && fb&flagAfterSuffix == 0 {
		return false
	}
	if fa&flagBeforePrefix != 0 && b >= utf8.RuneSelf {
		h := hashPair(uint32(a), uint32(b)>>6, 17)
		if f.prefix[h>>6]>>(h&63)&1 != 0 {
			return true
		}
	}
	if fb&flagAfterSuffix != 0 && a >= utf8.RuneSelf {
		h := hashPair(uint32(a)&0x3F|0x80, uint32(b), 16)
		if f.suffix[h>>6]>>(h&63)&1 != 0 {
			return true
		}
	}
	return fa&flagSuffixEnd != 0 && fb&flagPrefixStart != 0
}
