package model

import "github.com/babelmeter/babelmeter/tokenizers/vocab"

// pool keeps a few works for the goroutines that encode. Unlike a sync.Pool it
// is not emptied by the garbage collector: what a work remembers of the text
// is worth keeping, and its size is bounded.
type pool struct {
	free  chan *work
	whole bool // see cache.parts
}

// maxFree is how many works are kept. More goroutines than that make their own
// and drop it.
const maxFree = 16

func newPool(whole bool) pool { return pool{make(chan *work, maxFree), whole} }

// A Memory holds what a model remembers of text for one goroutine, from the
// first of many calls until Release. Without one, each call takes what was
// given back longest ago: goroutines would pass their caches round, and each
// would find them in another processor's. The zero value is empty.
type Memory struct{ w *work }

// Release is Model.Release of every model.
func (p pool) Release(m *Memory) {
	if m.w != nil {
		p.put(nil, m.w)
		m.w = nil
	}
}

func (p pool) get(m *Memory) *work {
	if m == nil {
		return p.take()
	}
	if m.w == nil {
		m.w = p.take()
	}
	return m.w
}

func (p pool) take() *work {
	select {
	case w := <-p.free:
		return w
	default:
		return &work{cache: newCache(p.whole)}
	}
}

func (p pool) put(m *Memory, w *work) {
	w.trim()
	if m != nil {
		return
	}
	select {
	case p.free <- w:
	default:
	}
}

// appendPieces is AppendPieces of a model that encodes each piece alone: what is
// in the cache is not encoded again.
func (p pool) appendPieces(m *Memory, encode encoder, dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	w := p.get(m)
	dst = w.pieces(encode, dst, text, start, ends)
	p.put(m, w)
	return dst
}

// countPieces is CountPieces likewise.
func (p pool) countPieces(m *Memory, encode encoder, text string, start int, ends []int32) int {
	w := p.get(m)
	w.counted = w.pieces(encode, w.counted[:0], text, start, ends)
	n := len(w.counted)
	p.put(m, w)
	return n
}

// An encoder appends the ids of a piece.
type encoder func(w *work, dst []vocab.ID, piece string) []vocab.ID

func (w *work) pieces(encode encoder, dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	spans := spansOf(ends)
	for len(spans) > 0 {
		dst = room(dst, 4*len(spans)+4)
		var n int
		n, start, dst = w.cache.probe(dst, text, start, spans)
		if spans = spans[n:]; len(spans) == 0 {
			break
		}
		s := int32(spans[0])
		spans = spans[1:]
		if s < 0 { // no piece
			start = int(^s)
			continue
		}
		dst = w.piece(encode, dst, text, start, int(s)-start)
		start = int(s)
	}
	return dst
}

// piece encodes a piece at which probe stopped: mostly one that is not kept.
func (w *work) piece(encode encoder, dst []vocab.ID, text string, start, size int) []vocab.ID {
	first := len(dst)
	if size == 0 {
		return dst
	}
	if size <= maxKey {
		k := makeKey(text, start, size)
		if v := w.cache.get(k); v != nil {
			return w.cache.append(dst, v)
		}
		dst = encode(w, dst, text[start:start+size])
		w.cache.put(k, dst[first:])
		return dst
	}
	if size > maxWide {
		return encode(w, dst, text[start:start+size])
	}
	slot, k := w.cache.wideSlot(text[start:start+size], false)
	if slot.key == k {
		return w.cache.append(dst, &slot.ids)
	}
	dst = encode(w, dst, text[start:start+size])
	if v, ok := w.cache.value(dst[first:]); ok {
		slot.key, slot.ids = k, v
	}
	return dst
}

// maxKept bounds the memory that one huge piece leaves behind, in units.
const maxKept = 1 << 16

func (w *work) trim() {
	if cap(w.syms) > maxKept {
		*w = work{cache: w.cache, lattice: w.lattice, spans: w.spans, parts: w.parts, counted: w.counted, chars: w.chars, charIDs: w.charIDs}
	}
}
