package model

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"

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
// In a Unigram model, every way to spell the piece has an end at i, so that the
// best way is the best one of each side.
//
// For merging: taking a whole piece for the token that it is
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
// is. Anything above U+FFFF always counts as joined, and so does ASCII beside
// ASCII: words are not worth cutting.
type barriers struct {
	flags [1 << 16]uint8 // by character: what it may be part of
	full  []uint64       // hashed (A, B)
	// suffix and prefix are looked at only if the character's flag says so.
	suffix [1 << 10]uint64 // hashed (last byte of A, B)
	prefix [1 << 11]uint64 // hashed (A, B >> 6)
	// chars: a model of characters. Then all there is is in pairs.
	chars bool
	pairs *pairFilter
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

// newBarriers reads the tokens of a model. In a model of characters the tokens
// are whole characters, and only full|full occurs.
func newBarriers(m *vocab.Model) *barriers {
	f := &barriers{pairs: newPairFilter()}
	if f.chars = m.Chars || m.Kind == vocab.Unigram; f.chars {
		start := uint32(0)
		for _, end := range m.Tokens.Ends {
			f.addChars(m.Tokens.Bytes[start:end])
			start = end
		}
		return f
	}
	f.full = make([]uint64, 1<<fullBits/64)
	var ends, begins [256]bool // last bytes of suffixes, first ones of prefixes, that meet in a token
	start := uint32(0)
	for _, end := range m.Tokens.Ends {
		t := m.Tokens.Bytes[start:end]
		start = end
		if !isASCII(t) {
			f.addToken(t, &ends, &begins)
		}
	}
	var buf [utf8.UTFMax]byte
	for r := rune(utf8.RuneSelf); r < 1<<16 && ends != [256]bool{}; r++ {
		n := utf8.EncodeRune(buf[:], r)
		if ends[buf[n-1]] {
			f.flags[r] |= flagSuffixEnd
		}
		if begins[buf[0]] {
			f.flags[r] |= flagPrefixStart
		}
	}
	return f
}

// addChars files each two characters of a token of up to three bytes that stand
// side by side.
func (f *barriers) addChars(t []byte) {
	var prev []byte
	for len(t) > 0 {
		_, n := utf8.DecodeRune(t)
		if prev != nil && len(prev) <= 3 && n <= 3 {
			f.pairs.add(prev, t[:n])
		}
		prev, t = t[:n], t[n:]
	}
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
func (f *barriers) addToken(t []byte, ends, begins *[256]bool) {
	n := 0
	for n < len(t) && !utf8.RuneStart(t[n]) {
		n++
	}
	suffix, t := t[:n], t[n:] // of the token, then of what is left
	var prev []byte           // the character before, if there is one
	for len(t) > 0 {
		r, n := utf8.DecodeRune(t)
		if r == utf8.RuneError && n <= 1 {
			n = 1
			for n < len(t) && !utf8.RuneStart(t[n]) {
				n++
			}
			f.addPrefix(suffix, prev, t[:n], ends, begins)
			// What follows a broken beginning cannot be in a text beside it:
			// it is filed as if it stood alone.
			suffix, prev, t = nil, nil, t[n:]
			continue
		}
		switch {
		case prev != nil:
			p, _ := utf8.DecodeRune(prev)
			if p <= 0xFFFF && r <= 0xFFFF {
				f.addFull(p, r)
			}
			if beforeCJK(prev[0]) && isCJK(t[0]) {
				f.pairs.add(prev, t[:n])
			}
		case len(suffix) > 0 && r <= 0xFFFF:
			f.flags[r] |= flagAfterSuffix
			h := hashPair(uint32(suffix[len(suffix)-1]), uint32(r), 16)
			f.suffix[h>>6] |= 1 << (h & 63)
			f.pairs.addAfterSuffix(suffix, t[:n])
		}
		suffix, prev, t = nil, t[:n], t[n:]
	}
}

// addPrefix files the beginning of a character that ends a token, behind a
// character or behind the end of one.
func (f *barriers) addPrefix(suffix, prev, prefix []byte, ends, begins *[256]bool) {
	lead := prefix[0]
	if prev == nil {
		if len(suffix) > 0 {
			ends[suffix[len(suffix)-1]], begins[lead] = true, true
			f.pairs.addEnds(suffix, prefix)
		}
		return
	}
	r, _ := utf8.DecodeRune(prev)
	if r > 0xFFFF {
		return
	}
	f.pairs.addBeforePrefix(prev, prefix)
	f.flags[r] |= flagBeforePrefix
	add := func(high uint32) {
		h := hashPair(uint32(r), high, 17)
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

// partly reports whether a merge may cross between two characters, for the
// kinds of token that only few characters have.
func (f *barriers) partly(a, b rune) bool {
	if a|b > 0xFFFF {
		return true
	}
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

// cut fills out with the parts between barriers of text from pos, where a part
// begins, to end. The last of them ends there, or at a barrier where out is full.
func (f *barriers) cut(out []span, text string, pos, end int) []span {
	if f.chars {
		return f.pairs.cutText(out, text, pos, end)
	}
	text = text[:end]
	const (
		lastThree = 0x00C0C0F0 // of four bytes: is this a character of three?
		isThree   = 0x008080E0
	)
	n := 0
	prev := uint32(1 << 16) // joined with whatever follows
	for pos < len(text) {
		r, size := uint32(text[pos]), 1
		if r >= utf8.RuneSelf {
			if pos+4 <= len(text) {
				x := binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos))[:])
				if x&lastThree == isThree {
					r, size = x&0x0F<<12|x>>2&0x0FC0|x>>16&0x3F, 3
				}
			}
			if size == 1 {
				c, s := utf8.DecodeRuneInString(text[pos:])
				r, size = uint32(c), s
			}
		}
		joined := true
		if both := prev | r; both >= utf8.RuneSelf && both <= 0xFFFF {
			h := hashPair(prev, r, fullBits)
			joined = f.full[h>>6]>>(h&63)&1 != 0
			if f.flags[uint16(prev)]&(flagBeforePrefix|flagSuffixEnd)|f.flags[uint16(r)]&(flagAfterSuffix|flagPrefixStart) != 0 {
				joined = joined || f.partly(rune(prev), rune(r))
			}
		}
		if !joined {
			out[n] = span(pos) | partSpan
			if n++; n == len(out) {
				return out
			}
		}
		prev = r
		pos += size
	}
	out[n] = span(len(text)) | partSpan
	return out[:n+1]
}
