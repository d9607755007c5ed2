package model

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

func (p pool) get() *work {
	select {
	case w := <-p.free:
		return w
	default:
		return &work{cache: newCache(p.whole)}
	}
}

func (p pool) put(w *work) {
	w.trim()
	select {
	case p.free <- w:
	default:
	}
}

// maxKept bounds the memory that one huge piece leaves behind, in units.
const maxKept = 1 << 16

func (w *work) trim() {
	if cap(w.syms) > maxKept {
		*w = work{cache: w.cache, spans: w.spans, parts: w.parts, counted: w.counted, chars: w.chars, charIDs: w.charIDs}
	}
}
