package model

import (
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// The fast road through BPE, in three short loops over many pieces at a time:
//
//	cutPieces  cuts pieces of Chinese, Japanese and Korean at barriers (see barriers)
//	probe      looks each span up in a cache and appends its ids
//	miss       encodes what is not there, and keeps it
//
// A piece that is not in the cache is cut at all its barriers, the parts are
// looked up in the same cache, and only what is left is merged.
//
// Whether a part is remembered apart from a whole piece of the same bytes
// matters where a token does not encode to itself by merging: as a piece it is
// taken whole, as a part it is not. That is what partSpan and partKey are for.

// maxSpans is how many spans are made before they are encoded.
const maxSpans = 2048

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
			return id != vocab.NoID && (id == m.Unknown || m.ByteFallback && slices.Contains(m.ByteTokens, id))
		}
		if !b.sp && (slices.ContainsFunc(b.units, stands) || slices.ContainsFunc(slices.Collect(maps.Values(b.far)), stands)) {
			return false
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

func (b *bpe) AppendEncode(dst []vocab.ID, piece string) []vocab.ID {
	return b.AppendPieces(nil, dst, piece, 0, []int32{int32(len(piece))})
}

func (b *bpe) Count(piece string) int {
	return b.CountPieces(nil, piece, 0, []int32{int32(len(piece))})
}

func (b *bpe) Release(m *Memory) { b.pool.Release(m) }

func (b *bpe) AppendPieces(m *Memory, dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	w := b.pool.get(m)
	for len(ends) > 0 {
		dst, start, ends = b.batch(w, dst, text, start, ends)
	}
	b.pool.put(m, w)
	return dst
}

func (b *bpe) CountPieces(m *Memory, text string, start int, ends []int32) int {
	w := b.pool.get(m)
	n := 0
	for len(ends) > 0 {
		// What one batch makes is a few thousand ids, which stay in a near cache.
		w.counted, start, ends = b.batch(w, w.counted[:0], text, start, ends)
		n += len(w.counted)
	}
	b.pool.put(m, w)
	return n
}

// batch encodes the first of the pieces that end at ends and begin at start. It
// returns where the others begin, and their ends.
func (b *bpe) batch(w *work, dst []vocab.ID, text string, start int, ends []int32) ([]vocab.ID, int, []int32) {
	if w.cjk {
		if w.spans == nil {
			w.spans = make([]span, maxSpans)
		}
		var spans []span
		before := len(ends)
		spans, ends = b.barriers.pairs.cutPieces(w.spans, text, start, ends)
		if len(spans) == 0 {
			return dst, int(^ends[0]), ends[1:]
		}
		// As long as there is something to cut.
		w.cjk = len(spans) > before-len(ends)
		dst = b.encodeSpans(w, dst, text, start, spans)
		return dst, spans[len(spans)-1].end(), ends
	}
	spans := spansOf(ends)
	for len(spans) > 0 {
		dst = room(dst, 4*len(spans)+4)
		var n int
		n, start, dst = w.cache.probe(dst, text, start, spans)
		spans = spans[n:]
		if len(spans) == 0 {
			break
		}
		switch e := ends[len(ends)-len(spans)]; {
		case e < 0: // no piece
			start = int(^e)
		case b.cutsCJK && isCJKPiece(text, start, int(e)):
			// There will be more of them.
			w.cjk = true
			return dst, start, ends[len(ends)-len(spans):]
		default:
			dst = b.miss(w, dst, text, start, spans[0])
			start = int(e)
		}
		spans = spans[1:]
	}
	return dst, start, nil
}

// room makes room for n more ids.
func room(dst []vocab.ID, n int) []vocab.ID {
	if cap(dst)-len(dst) < n {
		dst = slices.Grow(dst, max(n, cap(dst)/2))
	}
	return dst
}

// isCJKPiece reports whether cutPieces is worth a try with a piece: it has three
// characters or more, the last of them in U+3000 to U+DFFF.
func isCJKPiece(text string, start, end int) bool {
	return end-start > 7 && isCJK(text[end-3])
}

// SafeCut finds the first barrier: see barriers. A token that is looked up whole
// has none, and neither has a user-defined piece.
func (b *bpe) SafeCut(piece string, pos, limit int) int {
	if b.barriers == nil || b.fuses {
		return -1
	}
	character := func(i int) int {
		for i < len(piece) && !utf8.RuneStart(piece[i]) {
			i++
		}
		return min(i, len(piece))
	}
	pos, end := character(pos), character(limit+1)
	if pos >= end {
		return -1
	}
	var out [1]span
	if at := b.barriers.cut(out[:], piece, pos, end)[0].end(); at < end {
		return at
	}
	return -1
}

// encodeSpans appends the ids of spans, the first of which begins at start.
func (b *bpe) encodeSpans(w *work, dst []vocab.ID, text string, start int, spans []span) []vocab.ID {
	for len(spans) > 0 {
		dst = room(dst, 4*len(spans)+4)
		var n int
		n, start, dst = w.cache.probe(dst, text, start, spans)
		if n == len(spans) {
			break
		}
		s := spans[n]
		spans = spans[n+1:]
		dst = b.miss(w, dst, text, start, s)
		start = s.end()
	}
	return dst
}

// miss encodes a span at which probe stopped: mostly one that is not kept.
func (b *bpe) miss(w *work, dst []vocab.ID, text string, start int, s span) []vocab.ID {
	size := s.end() - start
	part := s&partSpan != 0
	asPart := part && b.whole // where it makes no difference, they share entries
	switch {
	case size == 0:
		return dst
	case size <= maxKey:
		k := makeKey(text, start, size)
		if asPart {
			k.hi |= partKey
		}
		if v := w.cache.get(k); v != nil {
			return w.cache.append(dst, v)
		}
		first := len(dst)
		dst = b.compute(w, dst, text[start:s.end()], part)
		w.cache.put(k, dst[first:])
		return dst
	case size <= maxWide:
		slot, k := w.cache.wideSlot(text[start:s.end()], asPart)
		if slot.key == k {
			return w.cache.append(dst, &slot.ids)
		}
		first := len(dst)
		dst = b.compute(w, dst, text[start:s.end()], part)
		if v, ok := w.cache.value(dst[first:]); ok {
			slot.key, slot.ids = k, v
		}
		return dst
	}
	return b.compute(w, dst, text[start:s.end()], part)
}

// compute encodes a piece, or a part of one, of which nothing is known.
func (b *bpe) compute(w *work, dst []vocab.ID, piece string, part bool) []vocab.ID {
	switch {
	case part:
		return b.mergePart(w, dst, piece)
	case b.user != nil && b.barriers != nil:
		return b.withUser(w, dst, piece)
	case b.barriers != nil && (b.barriers.chars || !isASCII(bytesOf(piece))):
		return b.cut(w, dst, piece, 0, len(piece))
	}
	return b.uncut(w, dst, piece)
}

// uncut encodes a piece that has no barrier. (One that has is no token.)
func (b *bpe) uncut(w *work, dst []vocab.ID, piece string) []vocab.ID {
	if b.whole {
		if id := b.index.getString(piece); id != vocab.NoID {
			return append(dst, id)
		}
	}
	return b.mergePart(w, dst, piece)
}

// withUser cuts user-defined pieces out, longest first at each place, and
// encodes what lies between them.
func (b *bpe) withUser(w *work, dst []vocab.ID, piece string) []vocab.ID {
	first := len(dst)
	for rest := 0; rest < len(piece); {
		at, id, n := b.user.Next(piece, rest)
		for at < len(piece) && !utf8.RuneStart(piece[at]) {
			at, id, n = b.user.Next(piece, at+1) // begins inside of a character
		}
		if rest < at {
			dst = b.cutAfter(w, dst, piece, rest, at, first)
		}
		if n > 0 {
			dst = append(dst, id)
		}
		rest = at + n
	}
	return dst
}

// cutAfter is cut for a part of a piece: an unknown token at its beginning is
// one with that at the end of what stands before it, if they fuse.
func (b *bpe) cutAfter(w *work, dst []vocab.ID, piece string, start, end, first int) []vocab.ID {
	n := len(dst)
	dst = b.cut(w, dst, piece, start, end)
	if b.fuses && n > first && len(dst) > n && dst[n] == b.m.Unknown && dst[n-1] == b.m.Unknown {
		dst = append(dst[:n], dst[n+1:]...)
	}
	return dst
}

// cut encodes a piece, from start to end, by its parts between barriers.
func (b *bpe) cut(w *work, dst []vocab.ID, piece string, start, end int) []vocab.ID {
	if w.parts == nil {
		w.parts = make([]span, maxSpans)
	}
	first := len(dst)
	for pos := start; pos < end; {
		spans := b.barriers.cut(w.parts, piece, pos, end)
		if pos == start && len(spans) == 1 && spans[0].end() == end {
			return b.uncut(w, dst, piece[start:end])
		}
		at := len(dst)
		dst = b.encodeSpans(w, dst, piece, pos, spans)
		if b.fuses {
			dst = fuse(dst, max(first+1, at), b.m.Unknown)
		}
		pos = spans[len(spans)-1].end()
	}
	return dst
}

// fuse makes one of unknown tokens side by side, looking at those from at on
// and the one before it.
func fuse(dst []vocab.ID, at int, unknown vocab.ID) []vocab.ID {
	out := at
	for _, id := range dst[min(at, len(dst)):] {
		if id == unknown && dst[out-1] == unknown {
			continue
		}
		dst[out] = id
		out++
	}
	return dst[:out]
}

// mergePart merges what lies between two barriers: from the tokens of its
// characters instead of its bytes where that is exact. It is if
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
func (b *bpe) mergePart(w *work, dst []vocab.ID, part string) []vocab.ID {
	if b.barriers == nil || b.m.Chars {
		return b.merge(w, dst, part)
	}
	if b.pairs(); !b.monotone {
		return b.merge(w, dst, part)
	}
	if w.charIDs == nil {
		w.charIDs = make([]packed, 1<<16)
	}
	chars := w.chars[:0]
	prev := rune(-1)
	for i, r := range part {
		if r > 0xFFFF || prev >= 0 && b.barriers.partly(prev, r) {
			return b.merge(w, dst, part)
		}
		prev = r
		if r < utf8.RuneSelf {
			chars = append(chars, b.bytes[r])
			continue
		}
		v := w.charIDs[r]
		if v == 0 {
			first := len(chars)
			if chars = b.merge(w, chars, part[i:i+utf8.RuneLen(r)]); chars[first] < 1<<packedBits {
				v = pack(chars[first:])
			}
			w.charIDs[r] = v
			continue
		}
		chars = v.append(chars)
	}
	w.chars = chars
	w.syms, w.frozen = append(w.syms[:0], chars...), w.frozen[:0]
	b.mergeAll(w, "")
	return append(dst, w.syms...)
}

// packed is up to three ids, and below them their number in two bits.
type packed uint64

const packedBits = symbolBits

func pack(ids []vocab.ID) packed {
	v := packed(len(ids))
	for i, id := range ids {
		v |= packed(id) << (2 + packedBits*i)
	}
	return v
}

func (v packed) append(dst []vocab.ID) []vocab.ID {
	for n := v & 3; n > 0; n-- {
		v >>= 2
		dst = append(dst, vocab.ID(v)&(1<<packedBits-1))
		v = v >> packedBits << 2
	}
	return dst
}
