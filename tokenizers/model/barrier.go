package model

import (
	"encoding/binary"
	"math/bits"
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
// is. Anything above U+FFFF always counts as joined, and so do an ASCII letter
// beside another and, in a model of bytes, ASCII beside ASCII: there words are
// pieces, and not worth cutting.
type barriers struct {
	flags [1 << 16]uint8 // by character: what it may be part of
	full  []uint64       // hashed (A, B)
	// suffix and prefix are looked at only if the character's flag says so.
	suffix [1 << 10]uint64 // hashed (last byte of A, B)
	prefix [1 << 11]uint64 // hashed (A, B >> 6)
	// ascii has a bit for each two of ASCII that some token has side by side;
	// nil in a model of bytes.
	ascii *[128][2]uint64
	cjk   cjkFilter
}

// cjkFilter has all four kinds in one for two characters of three bytes, of
// which the second is in U+3000 to U+DFFF and the first not before U+2000.
type cjkFilter struct {
	// pairs are hashed bits by the six bytes of the two. They are few in the
	// vocabularies there are: some ten thousand tokens have two such characters
	// side by side, and suffix|full and full|prefix, with the missing bytes filled
	// in in every way, are some ten thousand pairs more.
	pairs [1 << cjkBits / 64]uint64
	// ends is suffix|prefix: by the last byte of the first character, less its
	// uppermost bits, a bit for each first byte of the second.
	ends [64]uint16
}

const cjkBits = 20

// hashCJK spreads the six bytes that load6 gives.
func hashCJK(x uint64) uint64 { return x * hashLo >> (64 - cjkBits) }

// isCJK reports whether a character of U+3000 to U+DFFF begins with c.
func isCJK(c byte) bool { return c-0xE3 < 0xEE-0xE3 }

// beforeCJK reports whether one of U+2000 to U+FFFF does.
func beforeCJK(c byte) bool { return c-0xE2 < 0xF0-0xE2 }

// barrier returns 1 if no merge crosses between the two such characters at pos,
// 0 otherwise.
func (f *cjkFilter) barrier(text string, pos int) int {
	x := load6(text, pos)
	h := hashCJK(x)
	joined := f.pairs[h>>6]>>(h&63) | uint64(f.ends[x>>32&63]>>(x>>40&15))
	return int(^joined & 1)
}

// add files two such characters, each as its bytes.
func (f *cjkFilter) add(a, b uint32) {
	h := hashCJK(uint64(b)<<40 | uint64(a)<<16)
	f.pairs[h>>6] |= 1 << (h & 63)
}

// bytes3 is up to three bytes as one number, the first lowest.
func bytes3(s []byte) (x uint32) {
	for i, c := range s {
		x |= uint32(c) << (8 * i)
	}
	return x
}

// addAfterSuffix files each character that ends with suffix, then b.
func (f *cjkFilter) addAfterSuffix(suffix []byte, b []byte) {
	if !isCJK(b[0]) || len(suffix) > 2 {
		return // no such character
	}
	end := bytes3(suffix) << (24 - 8*len(suffix))
	for lead := uint32(0xE2); lead <= 0xEF; lead++ {
		if len(suffix) == 2 {
			f.add(end|lead, bytes3(b))
			continue
		}
		for mid := uint32(0x80); mid < 0xC0; mid++ {
			f.add(end|mid<<8|lead, bytes3(b))
		}
	}
}

// addBeforePrefix files a, then each character that begins with prefix.
func (f *cjkFilter) addBeforePrefix(a []byte, prefix []byte) {
	if !beforeCJK(a[0]) || !isCJK(prefix[0]) || len(prefix) > 2 {
		return
	}
	begin := bytes3(prefix)
	for last := uint32(0x80); last < 0xC0; last++ {
		if len(prefix) == 2 {
			f.add(bytes3(a), begin|last<<16)
			continue
		}
		for mid := uint32(0x80); mid < 0xC0; mid++ {
			f.add(bytes3(a), begin|mid<<8|last<<16)
		}
	}
}

// addEnds files a suffix, then a prefix.
func (f *cjkFilter) addEnds(suffix, prefix []byte) {
	if isCJK(prefix[0]) {
		f.ends[suffix[len(suffix)-1]&63] |= 1 << (prefix[0] & 15)
	}
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
	f := &barriers{full: make([]uint64, 1<<fullBits/64)}
	if m.Chars || m.Kind == vocab.Unigram {
		f.ascii = new([128][2]uint64)
	}
	var ends, begins [256]bool // last bytes of suffixes, first ones of prefixes, that meet in a token
	start := uint32(0)
	for _, end := range m.Tokens.Ends {
		t := m.Tokens.Bytes[start:end]
		start = end
		if !isASCII(t) {
			f.addToken(t, &ends, &begins)
		}
		for i := 1; i < len(t) && f.ascii != nil; i++ {
			if t[i-1]|t[i] < utf8.RuneSelf {
				f.ascii[t[i-1]][t[i]>>6] |= 1 << (t[i] & 63)
			}
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
				f.cjk.add(bytes3(prev), bytes3(t[:n]))
			}
		case len(suffix) > 0 && r <= 0xFFFF:
			f.flags[r] |= flagAfterSuffix
			h := hashPair(uint32(suffix[len(suffix)-1]), uint32(r), 16)
			f.suffix[h>>6] |= 1 << (h & 63)
			f.cjk.addAfterSuffix(suffix, t[:n])
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
			f.cjk.addEnds(suffix, prefix)
		}
		return
	}
	r, _ := utf8.DecodeRune(prev)
	if r > 0xFFFF {
		return
	}
	f.cjk.addBeforePrefix(prev, prefix)
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

// cut fills out with the parts between barriers of text from pos on, where a
// part begins. The last of them ends with the text, or at a barrier where out
// is full.
func (f *barriers) cut(out []span, text string, pos int) []span {
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
		switch both := prev | r; {
		case both < utf8.RuneSelf:
			joined = f.ascii == nil || f.ascii[prev&0x7F][r>>6&1]>>(r&63)&1 != 0
		case both <= 0xFFFF:
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
		switch {
		case isLetter(r):
			// Letters of ASCII are joined with each other.
			pos += letters(text, pos)
			prev = uint32(text[pos-1])
		case size == 3 && r >= 0x2000 && pos+3 <= len(text) && isCJK(text[pos]):
			// In a run of such characters no step waits for the one before. What may
			// not fit any more is left to the next call.
			end := min(len(text), pos+3*(len(out)-1-n))
			for ; pos+3 <= end && isCJK(text[pos]); pos += 3 {
				out[n] = span(pos) | partSpan
				n += f.cjk.barrier(text, pos-3)
			}
			prev = uint32(text[pos-3])&0x0F<<12 | uint32(text[pos-2])&0x3F<<6 | uint32(text[pos-1])&0x3F
		}
	}
	out[n] = span(len(text)) | partSpan
	return out[:n+1]
}

func isLetter(r uint32) bool { return r|0x20-'a' < 26 }

// letters returns how many letters of ASCII text has from pos on, by eights:
// what is left at the end of the text is not looked at.
func letters(text string, pos int) int {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	from := pos
	for pos+8 <= len(text) {
		x := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), pos))[:])
		b := (x | 0x20*ones) &^ high
		// The high bit of a byte: it is a or above, and not above z, and ASCII.
		in := (b + (0x80-'a')*ones) &^ (b + (0x80-'z'-1)*ones) &^ x & high
		n := bits.TrailingZeros64(in^high) >> 3
		pos += n
		if n < 8 {
			break
		}
	}
	return pos - from
}
