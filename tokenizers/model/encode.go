package model

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// The fast road through BPE. A piece is looked up in a cache; what is not
// there is cut at barriers (see barriers) into parts, most of which are one
// character, whose ids are in a table, or short enough for the cache; only the
// rest is merged.
//
// Whether a part is remembered apart from a whole piece of the same bytes
// matters where a token does not encode to itself by merging: as a piece it is
// taken whole, as a part it is not. Keys of parts carry segmentFlag for that.

// cuttable reports whether pieces may be cut at barriers.
func (b *bpe) cuttable() bool {
	m := b.m
	if b.marked != nil || b.unused {
		// A mark depends on the place in the word; unused pieces are split by
		// what was merged last anywhere in the piece.
		return false
	}
	if m.ByteFallback && !b.sp || m.Unknown != vocab.NoID {
		// Tokens that stand for what is unknown must not merge: they may meet
		// at a barrier. Nor may they be made: two that meet there would be
		// taken for unknown ones.
		stands := func(id vocab.ID) bool {
			return id == m.Unknown || m.ByteFallback && slices.Contains(m.ByteTokens, id)
		}
		for _, s := range b.units {
			if !b.sp && stands(s) {
				return false
			}
		}
		for _, mg := range m.Merges {
			if stands(mg.Left) || stands(mg.Right) || stands(mg.Into) {
				return false
			}
		}
	}
	if m.ByteFallback && slices.Contains(m.ByteTokens, vocab.NoID) {
		return false // a waiting unknown unit would be overtaken, see fallBack
	}
	if !m.Chars && slices.Contains(b.bytes[:], noSymbol) || m.Chars && !b.sp && !m.ByteFallback && m.Unknown == vocab.NoID {
		return false // what is unknown vanishes, and its neighbours meet
	}
	return true
}

// makeChars fills the table of single characters.
func (b *bpe) makeChars() {
	b.chars = make([]packed, 1<<16)
	w := &work{}
	var buf [utf8.UTFMax]byte
	for r := rune(0); r < 1<<16; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		w.ids = b.merge(w, w.ids[:0], string(buf[:utf8.EncodeRune(buf[:], r)]))
		if len(w.ids) >= 1 && len(w.ids) <= 3 && !slices.ContainsFunc(w.ids, func(id vocab.ID) bool { return id >= maxPackedID }) {
			b.chars[r] = pack(w.ids)
		}
		if b.barriers.flags[r]&(flagBeforePrefix|flagSuffixEnd) != 0 {
			b.chars[r] |= flagRareLeft
		}
		if b.barriers.flags[r]&(flagAfterSuffix|flagPrefixStart) != 0 {
			b.chars[r] |= flagRareRight
		}
	}
}

func (b *bpe) AppendEncode(dst []vocab.ID, piece string) []vocab.ID {
	return b.AppendPieces(dst, piece, 0, []int32{int32(len(piece))})
}

func (b *bpe) Count(piece string) int {
	return b.CountPieces(piece, 0, []int32{int32(len(piece))})
}

// room makes room for n more ids.
func room(dst []vocab.ID, n int) []vocab.ID {
	if cap(dst)-len(dst) < n {
		dst = slices.Grow(dst, max(n, cap(dst)/2))
	}
	return dst
}

// appendPacked appends the ids of a value, of which dst has room for three.
func appendPacked(dst []vocab.ID, v packed) []vocab.ID {
	n := len(dst)
	d := dst[n : n+3]
	d[0] = vocab.ID(v>>2) & (maxPackedID - 1)
	d[1] = vocab.ID(v>>22) & (maxPackedID - 1)
	d[2] = vocab.ID(v>>42) & (maxPackedID - 1)
	return dst[:n+int(v&3)]
}

func (b *bpe) AppendPieces(dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	w := b.pool.get()
	c := w.cache
	dst = room(dst, 4)
	for _, e := range ends {
		end := int(e)
		if end < 0 {
			start = int(^e)
			continue
		}
		n := end - start
		if cap(dst)-len(dst) < 4 {
			dst = room(dst, 1024)
		}
		if n > maxCacheKey || n == 0 || n > 7 && b.barriers != nil && hanKana(text[start]) {
			dst = b.piece(w, dst, text[start:end])
			start = end
			continue
		}
		k0, k1 := key(text, start, n)
		var v packed
		if n < 8 {
			v = c.getSmall(k0)
		} else {
			v = c.getMid(k0, k1)
		}
		switch {
		case v&3 != 0:
			dst = appendPacked(dst, v)
		case v != notCached:
			dst = append(dst, c.longIDs(v)...)
		default:
			first := len(dst)
			dst = b.piece(w, dst, text[start:end])
			c.put(k0, k1, dst[first:])
		}
		start = end
	}
	b.pool.put(w)
	return dst
}

func (b *bpe) CountPieces(text string, start int, ends []int32) int {
	w := b.pool.get()
	c := w.cache
	total := 0
	for _, e := range ends {
		end := int(e)
		if end < 0 {
			start = int(^e)
			continue
		}
		n := end - start
		var k0, k1 uint64
		v := notCached
		if n <= maxCacheKey && n > 0 && !(n > 7 && b.barriers != nil && hanKana(text[start])) {
			k0, k1 = key(text, start, n)
			if n < 8 {
				v = c.getSmall(k0)
			} else {
				v = c.getMid(k0, k1)
			}
		}
		switch {
		case v&3 != 0:
			total += int(v & 3)
		case v != notCached:
			total += len(c.longIDs(v))
		default:
			w.ids = b.piece(w, w.ids[:0], text[start:end])
			total += len(w.ids)
			if k0 != 0 {
				c.put(k0, k1, w.ids)
			}
		}
		start = end
	}
	b.pool.put(w)
	return total
}

// hanKana reports whether a character of U+3000 to U+9FFF begins with c: such a
// piece seldom comes again, but its parts do.
func hanKana(c byte) bool { return c >= 0xE3 && c <= 0xE9 }

// piece encodes a piece that is not in the cache.
func (b *bpe) piece(w *work, dst []vocab.ID, piece string) []vocab.ID {
	if b.barriers == nil || !wide(piece) && b.user == nil {
		return b.encode(w, dst, piece)
	}
	if b.user != nil {
		return b.withUser(w, dst, piece)
	}
	if b.m.FuseUnknown && b.m.Unknown != vocab.NoID {
		return b.cut(w, dst, piece)
	}
	return b.cutFast(w, dst, piece)
}

// wide reports whether s has a character above ASCII.
func wide(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// withUser cuts user-defined pieces out, longest first at each place, and
// encodes what lies between them.
func (b *bpe) withUser(w *work, dst []vocab.ID, piece string) []vocab.ID {
	rest, first := 0, len(dst)
	for i := 0; i < len(piece); {
		if !b.user.first[piece[i]] {
			i++
			continue
		}
		id, n := b.user.longest(piece[i:])
		if n == 0 {
			i += runeLen(piece[i:])
			continue
		}
		if rest < i {
			dst = b.cutAfter(w, dst, piece[rest:i], first)
		}
		dst = append(dst, id)
		i += n
		rest = i
	}
	if rest < len(piece) {
		dst = b.cutAfter(w, dst, piece[rest:], first)
	}
	return dst
}

// cutAfter is cut for a part of a piece: an unknown token at its beginning is
// one with that at the end of what stands before it, if they fuse.
func (b *bpe) cutAfter(w *work, dst []vocab.ID, part string, first int) []vocab.ID {
	n := len(dst)
	dst = b.cut(w, dst, part)
	if b.m.FuseUnknown && n > first && len(dst) > n && dst[n] == b.m.Unknown && dst[n-1] == b.m.Unknown {
		dst = append(dst[:n], dst[n+1:]...)
	}
	return dst
}

// cut encodes a piece by its parts between barriers.
func (b *bpe) cut(w *work, dst []vocab.ID, piece string) []vocab.ID {
	f := b.barriers
	fuse := b.m.FuseUnknown && b.m.Unknown != vocab.NoID
	first := len(dst)
	start, chars := 0, 0 // of the part that is open
	var prev rune
	for i := 0; i < len(piece); {
		r, n := rune(piece[i]), 1
		switch {
		case r < utf8.RuneSelf:
		case r >= 0xE0 && r < 0xF0 && i+2 < len(piece):
			r, n = r&0x0F<<12|rune(piece[i+1]&0x3F)<<6|rune(piece[i+2]&0x3F), 3
		default:
			r, n = utf8.DecodeRuneInString(piece[i:])
		}
		if chars > 0 && !f.joined(prev, r) {
			at := len(dst)
			if v := b.chars[uint16(prev)]; chars == 1 && v&3 != 0 && prev <= 0xFFFF {
				if cap(dst)-len(dst) < 4 {
					dst = room(dst, 1024)
				}
				dst = appendPacked(dst, v)
			} else {
				dst = b.part(w, dst, piece, start, i, false)
			}
			if fuse && at > first && dst[at] == b.m.Unknown && dst[at-1] == b.m.Unknown {
				dst = append(dst[:at], dst[at+1:]...)
			}
			start, chars = i, 0
		}
		prev = r
		chars++
		i += n
	}
	if start == 0 {
		return b.encode(w, dst, piece)
	}
	at := len(dst)
	dst = b.part(w, dst, piece, start, len(piece), false)
	if fuse && at > first && dst[at] == b.m.Unknown && dst[at-1] == b.m.Unknown {
		dst = append(dst[:at], dst[at+1:]...)
	}
	return dst
}

// cutFast is cut for models in which no unknown tokens fuse. It reads the
// character table once a character: what a character is as a part of its own,
// and whether the rare kinds of barrier must be looked at.
func (b *bpe) cutFast(w *work, dst []vocab.ID, piece string) []vocab.ID {
	const (
		lastThree = 0x00C0C0F0 // of four bytes: is this a character of three?
		isThree   = 0x008080E0
	)
	full, chars := b.barriers.full, b.chars
	// No part has more tokens than bytes.
	dst = room(dst, len(piece)+4)
	start, i := 0, 0
	single := true // the open part is one character
	byChar := true // it may be merged from its characters, see mergeChars
	prev := uint32(0)
	pv := notCached
	for i < len(piece) {
		r, n := uint32(piece[i]), 1
		if r >= utf8.RuneSelf {
			if i+4 <= len(piece) {
				x := binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(piece)), i))[:])
				if x&lastThree == isThree {
					r, n = x&0x0F<<12|x>>2&0x0FC0|x>>16&0x3F, 3
					goto decoded
				}
			}
			c, size := utf8.DecodeRuneInString(piece[i:])
			r, n = uint32(c), size
		}
	decoded:
		rv := flagRare
		if r <= 0xFFFF {
			rv = chars[r]
		}
		if i > 0 {
			h := (uint64(prev)<<16 | uint64(r)) * 0x9E3779B97F4A7C15 >> (64 - fullBits)
			joined := full[h>>6]>>(h&63)&1 != 0
			if pv&flagRareLeft|rv&flagRareRight != 0 || prev|r < utf8.RuneSelf {
				if prev|r < utf8.RuneSelf || prev|r > 0xFFFF || b.barriers.partly(rune(prev), rune(r)) {
					joined, byChar = true, false
				}
			}
			if joined {
				single = false
				byChar = byChar && pv&3 != 0
			} else {
				if single && pv&3 != 0 {
					dst = appendPacked(dst, pv)
				} else {
					dst = b.part(w, dst, piece, start, i, byChar && pv&3 != 0)
					dst = room(dst, len(piece)-i+4)
				}
				start, single, byChar = i, true, true
			}
		}
		prev, pv = r, rv
		i += n
	}
	byChar = byChar && pv&3 != 0
	switch {
	case start == 0:
		if b.whole {
			if id := b.index.getString(piece); id != vocab.NoID {
				return append(dst, id)
			}
		}
		if byChar && b.monotone {
			return b.mergeChars(w, dst, piece)
		}
		return b.merge(w, dst, piece)
	case single && pv&3 != 0:
		return appendPacked(dst, pv)
	}
	return b.part(w, dst, piece, start, len(piece), byChar)
}

// mergeChars merges a part from the tokens of its characters instead of its
// bytes. It gives the same if
//
//   - wherever a merge may cross between two of its characters, the token it
//     makes holds both whole (full|full alone: none of the rare kinds);
//   - every merge ranks behind those that made its two symbols (b.monotone).
//
// By the first, a character takes no part in a crossing merge before it is one
// symbol, and until then is merged as if alone. By the second, a crossing
// merge ranks behind the inner merges of the characters it joins; so when its
// turn comes in the usual order, those are done there, too, and it finds the
// same neighbours.
func (b *bpe) mergeChars(w *work, dst []vocab.ID, part string) []vocab.ID {
	w.syms, w.frozen = w.syms[:0], w.frozen[:0]
	for _, r := range part {
		w.syms = appendPacked(room(w.syms, 4), b.chars[uint16(r)])
	}
	b.mergeUnits(w)
	return append(dst, w.syms...)
}

// The two upper bits of an entry of bpe.chars: whether barriers.partly must be
// asked when the character stands left, right of the offset. A character above
// U+FFFF has both.
const (
	flagRareLeft  packed = 1 << 62
	flagRareRight packed = 1 << 63
	flagRare             = flagRareLeft | flagRareRight
)

// part encodes the part of a piece between two barriers.
func (b *bpe) part(w *work, dst []vocab.ID, piece string, start, end int, byChar bool) []vocab.ID {
	merge := func() []vocab.ID {
		if byChar && b.monotone {
			return b.mergeChars(w, dst, piece[start:end])
		}
		return b.merge(w, dst, piece[start:end])
	}
	n := end - start
	if n > maxCacheKey || w.cache == nil {
		return merge()
	}
	k0, k1 := key(piece, start, n)
	var v packed
	if n < 8 {
		if b.whole {
			k0 |= segmentFlag
		}
		v = w.cache.getSmall(k0)
	} else {
		if b.whole {
			k1 |= segmentFlag
		}
		v = w.cache.getMid(k0, k1)
	}
	if v&3 != 0 {
		return appendPacked(room(dst, 4), v)
	}
	if v != notCached {
		return append(dst, w.cache.longIDs(v)...)
	}
	first := len(dst)
	dst = merge()
	w.cache.put(k0, k1, dst[first:])
	return dst
}
