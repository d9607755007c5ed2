package model

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/trie"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Byte pair encoding. A piece begins as units, bytes or characters. As long as
// two neighbours can merge, the pair of the lowest rank does, the leftmost of
// equals. What "can merge" and "rank" mean is told by vocab.MergeBy; all three
// come down to one table from two symbols to a rank and a symbol.
//
// Up to smallMerge units the pair is found by looking at all of them. Above,
// by a heap of candidates: n units make at most 3n of them, so that n log n
// bounds the time. Long pieces are merged by windows, see mergeWindows.

// A symbol is a token's id, or from vocab size on a character that is no token
// but part of one: in SentencePiece such a one still takes part in merges.
type symbol = uint32

// noSymbol is a unit that nothing is known of.
const noSymbol symbol = 1<<32 - 1

// smallMerge is the number of units up to which looking at all pairs is faster
// than a heap.
const smallMerge = 64

type bpe struct {
	def   *vocab.Definition
	m     *vocab.Model
	size  symbol // number of tokens; symbols from here on are characters
	index *index // all that a whole piece may be

	// The table of pairs is made when a piece first needs it: see pairs. It gives
	// the order of a merge.
	once  sync.Once
	table *pairs
	// dense is that table for single bytes, where nearly all merging begins:
	// order+1 by left<<8|right of the bytes. Nil in a model of characters.
	dense    []uint32
	monotone bool // every merge ranks behind those that made its symbols
	// into is the token that a merge makes, by its order, nil if that is the order
	// itself; class is its rank, nil likewise: merges of one class are equal, and
	// the leftmost goes first.
	into, class []uint32

	units []symbol        // Chars: the symbol of a character up to U+FFFF
	far   map[rune]symbol // Chars: that of another
	bytes [256]symbol     // not Chars: that of a byte
	runes []rune          // of the symbols from size on

	whole  bool         // a piece that is a token is that token
	marked *index       // with ContinuingPrefix or EndSuffix: tokens as they are
	user   *trie.Finder // SentencePiece: user-defined pieces
	unused bool         // some token is Unused
	sp     bool         // SentencePiece: ByScore

	barriers *barriers // nil where a piece must not be cut
	fuses    bool      // unknown tokens side by side become one
	cutsCJK  bool      // cutPieces serves
	pool     pool
}

// work is what encoding needs besides the model. It is used by one goroutine at
// a time.
type work struct {
	cache *cache
	syms  []symbol
	next  []int32
	prev  []int32
	rank  []uint32 // of the pair that begins at a unit
	into  []symbol
	heap  []uint64
	from  []int32 // by mergeHeap: the unit that a symbol begins at

	// Of mergeWindows: the units, and the symbols that are kept with the units
	// that they begin at.
	units   []symbol
	out     []symbol
	outFrom []int32

	bufs []byte
	// frozen marks units that never merge (user-defined pieces).
	frozen []bool
	unused map[symbol][2]symbol // what an unused symbol was last made of

	// Of mergeSmall.
	keys [smallMerge + 4]uint64
	made [smallMerge]symbol

	// Of the fast road, see encode.go.
	cjk            bool // the last batch had pieces for cutPieces
	spans, parts   []span
	counted, chars []vocab.ID
	lattice        lattice
	charIDs        []packed // by character up to U+FFFF: its ids as a part of its own, 0 if not known
}

func newBPE(def *vocab.Definition) (*bpe, error) {
	m := &def.Model
	if m.Tokens.Len() >= 1<<symbolBits || len(m.Merges) >= 1<<rankBits-1 {
		return nil, fmt.Errorf("model: %s: %d tokens and %d merges are more than are supported (%d and %d)", def.Name, m.Tokens.Len(), len(m.Merges), 1<<symbolBits-1, 1<<rankBits-2)
	}
	b := &bpe{
		def: def, m: m, size: symbol(m.Tokens.Len()),
		whole: m.IgnoreMerges || m.MergeBy == vocab.ByRank,
		sp:    m.MergeBy == vocab.ByScore,
		fuses: m.FuseUnknown && m.Unknown != vocab.NoID,
	}
	b.pool = newPool(b.whole)
	var keep func(vocab.ID) bool
	if b.sp {
		keep = func(id vocab.ID) bool { return ordinary(m.TypeOf(id)) }
	}
	// Tables that need only the tokens are made side by side.
	barriers := make(chan *barriers, 1)
	go func() { barriers <- newBarriers(m) }()
	for _, t := range m.Types {
		b.unused = b.unused || t == vocab.Unused
	}
	switch m.MergeBy {
	case vocab.ByList:
		for i, mg := range m.Merges {
			if mg.Left >= b.size || mg.Right >= b.size || mg.Into >= b.size {
				return nil, fmt.Errorf("model: %s: merge %d is of tokens %d, %d and %d, the vocabulary has %d", def.Name, i+1, mg.Left, mg.Right, mg.Into, b.size)
			}
		}
	case vocab.ByRank:
		if m.Chars {
			return nil, fmt.Errorf("model: %s: ranks of characters", def.Name)
		}
	case vocab.ByScore:
		if len(m.Scores) != m.Tokens.Len() {
			return nil, fmt.Errorf("model: %s: %d scores for %d tokens", def.Name, len(m.Scores), m.Tokens.Len())
		}
		b.orderByScore()
		var err error
		if b.user, err = userDefined(m); err != nil {
			return nil, fmt.Errorf("model: %s: %w", def.Name, err)
		}
	default:
		return nil, fmt.Errorf("model: %s: unknown merge rule %d", def.Name, m.MergeBy)
	}
	b.index = newIndex(&m.Tokens, keep)
	b.makeUnits()
	if b.cuttable() {
		b.barriers = <-barriers
		b.cutsCJK = !m.Chars
	}
	return b, nil
}

// userDefined finds user-defined pieces; it is nil if there are none. Of equal
// ones the first stays.
func userDefined(m *vocab.Model) (*trie.Finder, error) {
	var keys []trie.Entry
	seen := make(map[string]bool)
	for id, typ := range m.Types {
		t := string(m.Tokens.At(vocab.ID(id)))
		if typ != vocab.UserDefined || t == "" || seen[t] {
			continue
		}
		seen[t] = true
		keys = append(keys, trie.Entry{Key: t, Value: uint32(id)})
	}
	if keys == nil {
		return nil, nil
	}
	return trie.NewFinder(keys)
}

// orderByScore numbers the tokens by their score, the highest first, and files
// which of them are equal.
func (b *bpe) orderByScore() {
	scores := b.m.Scores
	b.into = make([]uint32, len(scores))
	for i := range b.into {
		b.into[i] = uint32(i)
	}
	slices.SortStableFunc(b.into, func(x, y uint32) int { return cmp.Compare(scores[y], scores[x]) })
	b.class = make([]uint32, len(scores))
	for i, id := range b.into[1:] {
		b.class[i+1] = b.class[i]
		if scores[id] != scores[b.into[i]] {
			b.class[i+1]++
		}
	}
}

// makeUnits finds the symbols that a piece begins as.
func (b *bpe) makeUnits() {
	m := b.m
	if m.ContinuingPrefix != "" || m.EndSuffix != "" {
		b.marked = b.index
		return
	}
	if !m.Chars {
		for c := range b.bytes {
			b.bytes[c] = b.index.get([]byte{byte(c)})
		}
		return
	}
	b.units, b.far = make([]symbol, 1<<16), make(map[rune]symbol)
	for i := range b.units {
		b.units[i] = noSymbol
	}
	put := func(r rune, s symbol) {
		if r < 1<<16 {
			b.units[r] = s
		} else {
			b.far[r] = s
		}
	}
	for id := range m.Tokens.Len() {
		t := m.Tokens.At(vocab.ID(id))
		if !b.sp {
			if r, n := utf8.DecodeRune(t); n > 0 && n == len(t) && (r != utf8.RuneError || n > 1) {
				if b.unit(r) == noSymbol {
					put(r, symbol(id))
				}
			}
			continue
		}
		if !ordinary(m.TypeOf(vocab.ID(id))) {
			continue
		}
		for len(t) > 0 {
			r, n := utf8.DecodeRune(t)
			if b.unit(r) == noSymbol && (r != utf8.RuneError || n > 1) {
				s := b.index.get(t[:n])
				if s == vocab.NoID {
					s = b.size + symbol(len(b.runes))
					b.runes = append(b.runes, r)
				}
				put(r, s)
			}
			t = t[n:]
		}
	}
}

// unit is the symbol of a character, noSymbol if it has none.
func (b *bpe) unit(r rune) symbol {
	if uint32(r) < uint32(len(b.units)) {
		return b.units[r]
	}
	if s, ok := b.far[r]; ok {
		return s
	}
	return noSymbol
}

// pairs is the table of pairs, made when a piece is first merged.
func (b *bpe) pairs() *pairs {
	b.once.Do(func() {
		switch b.m.MergeBy {
		case vocab.ByList:
			b.pairsByList()
		case vocab.ByRank:
			b.pairsByString(func(id vocab.ID) uint32 { return id })
		case vocab.ByScore:
			order := make([]uint32, len(b.into))
			for i, id := range b.into {
				order[id] = uint32(i)
			}
			b.pairsByString(func(id vocab.ID) uint32 { return order[id] })
		}
		b.monotone = b.isMonotone()
		if !b.m.Chars && b.marked == nil {
			b.makeDense()
		}
	})
	return b.table
}

func (b *bpe) pairsByList() {
	merges := b.m.Merges
	b.table = newPairs(len(merges))
	if slices.IsSortedFunc(merges, func(x, y vocab.Merge) int { return cmp.Compare(x.Into, y.Into+1) }) {
		// Each makes a token of a higher id than the one before: the order of the
		// ids is that of the merges, and spares a look into far memory.
		for _, mg := range merges {
			b.table.put(mg.Left, mg.Right, mg.Into)
		}
		return
	}
	b.into = make([]uint32, len(merges))
	for i, mg := range merges {
		b.table.put(mg.Left, mg.Right, uint32(i))
		b.into[i] = mg.Into
	}
}

// makeDense fills the table of pairs of bytes.
func (b *bpe) makeDense() {
	b.dense = make([]uint32, 1<<16)
	for i := range b.dense {
		left, right := b.bytes[i>>8], b.bytes[i&0xFF]
		if left == noSymbol || right == noSymbol {
			b.dense = nil
			return
		}
		if v := b.table.get(left, right); v != noMerge {
			b.dense[i] = v + 1
		}
	}
}

// isMonotone reports whether every merge ranks behind those that made its two
// symbols. Of merges by score it is not known.
func (b *bpe) isMonotone() bool {
	switch b.m.MergeBy {
	case vocab.ByRank:
		for _, s := range b.table.slots {
			// The rank of a merge is the id that it makes, a single byte has none.
			left, right, rank := uint32(s>>(symbolBits+rankBits)), uint32(s>>rankBits)&(1<<symbolBits-1), uint32(s&(1<<rankBits-1))-1
			if s != 0 && (left >= rank && len(b.m.Tokens.At(left)) > 1 || right >= rank && len(b.m.Tokens.At(right)) > 1) {
				return false
			}
		}
		return true
	case vocab.ByList:
		last := make([]uint32, b.size) // order+1 of the last merge that makes a token
		for i, mg := range b.m.Merges {
			last[mg.Into] = uint32(i) + 1
		}
		for i, mg := range b.m.Merges {
			if last[mg.Left] > uint32(i) || last[mg.Right] > uint32(i) {
				return false
			}
		}
		return true
	}
	return false
}

// pairsByString lists every way in which a token is two symbols joined. All of
// them are needed: which of them stand side by side depends on the text.
func (b *bpe) pairsByString(order func(vocab.ID) uint32) {
	m := b.m
	b.table = newPairs(2 * m.Tokens.Len())
	symbolOf := func(t []byte) symbol {
		if s := b.index.get(t); s != vocab.NoID {
			return s
		}
		if b.units != nil {
			if r, n := utf8.DecodeRune(t); n == len(t) {
				return b.unit(r)
			}
		}
		return noSymbol
	}
	for id := range m.Tokens.Len() {
		t := m.Tokens.At(vocab.ID(id))
		if len(t) < 2 || b.sp && !ordinary(m.TypeOf(vocab.ID(id))) || b.index.get(t) != vocab.ID(id) {
			continue
		}
		r := order(vocab.ID(id))
		for i := 1; i < len(t); i++ {
			if m.Chars && !utf8.RuneStart(t[i]) {
				continue
			}
			if left := symbolOf(t[:i]); left != noSymbol {
				if right := symbolOf(t[i:]); right != noSymbol {
					b.table.put(left, right, r)
				}
			}
		}
	}
}

// merge merges a piece by the rule at the top of this file, with nothing
// remembered and no cut.
func (b *bpe) merge(w *work, dst []vocab.ID, piece string) []vocab.ID {
	b.pairs()
	switch {
	case b.marked != nil:
		b.unitsMarked(w, piece)
	case b.sp:
		b.unitsSentencePiece(w, piece)
	case b.m.Chars:
		b.unitsChars(w, piece)
	default:
		b.unitsBytes(w, piece)
	}
	b.mergeAll(w, piece)
	return b.emit(w, dst)
}

// mergeAll merges w.syms. bytes are those of the units, if units are bytes.
func (b *bpe) mergeAll(w *work, bytes string) {
	switch n := len(w.syms); {
	case n >= leastRuns && b.mergeRuns(w):
	case n <= smallMerge:
		b.mergeSmall(w, bytes)
	case len(w.frozen) > 0:
		b.mergeHeap(w)
	case b.mergeRun(w):
	default:
		b.mergeWindows(w, bytes)
		// An unused piece is split by what was merged last anywhere.
		if b.unused && slices.ContainsFunc(w.syms, b.isUnused) {
			w.syms = append(w.syms[:0], w.units...)
			clear(w.unused)
			b.mergeHeap(w)
		}
	}
}

// isUnused reports whether a symbol is a token of SentencePiece that may be made
// but not given out.
func (b *bpe) isUnused(s symbol) bool { return s < b.size && b.m.TypeOf(s) == vocab.Unused }

// unitsBytes makes the units of a model of bytes. A byte without a token is
// dropped or unknown, as for characters below.
func (b *bpe) unitsBytes(w *work, piece string) {
	w.syms = w.syms[:0]
	unknown := false // the last unit is
	for i := range len(piece) {
		s := b.bytes[piece[i]]
		if s == noSymbol {
			if b.m.Unknown == vocab.NoID || b.m.FuseUnknown && unknown {
				continue
			}
			s, unknown = b.m.Unknown, true
		} else {
			unknown = false
		}
		w.syms = append(w.syms, s)
	}
}

// unitsChars makes the units of HF tokenizers' BPE (merge_word). An unknown
// unit waits until a known one comes, so that fused ones are one; a unit that
// falls back to bytes does not end the waiting, which is theirs to explain.
func (b *bpe) unitsChars(w *work, piece string) {
	w.syms = w.syms[:0]
	unknown := false
	for i, r := range piece {
		s := b.unit(r)
		if s == noSymbol || r == utf8.RuneError && piece[i:min(i+3, len(piece))] != "\ufffd" {
			unknown = b.fallBack(w, piece[i:i+runeLen(piece[i:])], unknown)
			continue
		}
		if unknown {
			w.syms = append(w.syms, b.m.Unknown)
			unknown = false
		}
		w.syms = append(w.syms, s)
	}
	if unknown {
		w.syms = append(w.syms, b.m.Unknown)
	}
}

// fallBack spells a unit that is no token by bytes, or makes it unknown. It
// returns whether an unknown one is waiting.
func (b *bpe) fallBack(w *work, unit string, unknown bool) bool {
	if b.m.ByteFallback {
		n := len(w.syms)
		for i := range len(unit) {
			id := b.m.ByteTokens[unit[i]]
			if id == vocab.NoID {
				break
			}
			w.syms = append(w.syms, id)
		}
		if len(w.syms) == n+len(unit) {
			return unknown
		}
		w.syms = w.syms[:n]
	}
	if b.m.Unknown == vocab.NoID {
		return unknown
	}
	if unknown && !b.m.FuseUnknown {
		w.syms = append(w.syms, b.m.Unknown)
	}
	return true
}

// unitsMarked is unitsChars for vocabularies that mark where in a word a unit
// stands.
func (b *bpe) unitsMarked(w *work, piece string) {
	w.syms = w.syms[:0]
	unknown := false
	for i := 0; i < len(piece); {
		n := 1
		if b.m.Chars {
			n = runeLen(piece[i:])
		}
		w.bufs = w.bufs[:0]
		if i > 0 {
			w.bufs = append(w.bufs, b.m.ContinuingPrefix...)
		}
		w.bufs = append(w.bufs, piece[i:i+n]...)
		if i+n == len(piece) {
			w.bufs = append(w.bufs, b.m.EndSuffix...)
		}
		i += n
		s := b.marked.get(w.bufs)
		if s == vocab.NoID {
			unknown = b.fallBack(w, string(w.bufs), unknown)
			continue
		}
		if unknown {
			w.syms = append(w.syms, b.m.Unknown)
			unknown = false
		}
		w.syms = append(w.syms, s)
	}
	if unknown {
		w.syms = append(w.syms, b.m.Unknown)
	}
}

// unitsSentencePiece cuts user-defined pieces out, longest first at each
// place, and makes a unit of every other character.
func (b *bpe) unitsSentencePiece(w *work, piece string) {
	w.syms, w.frozen, w.bufs = w.syms[:0], w.frozen[:0], w.bufs[:0]
	frozen := false
	next, id, size := len(piece), uint32(0), 0 // the next user-defined piece
	if b.user != nil {
		next, id, size = b.user.Next(piece, 0)
	}
	for i := 0; i < len(piece); {
		if i == next {
			w.syms = append(w.syms, id)
			w.frozen = append(w.frozen, true)
			frozen = true
			i += size
			next, id, size = b.user.Next(piece, i)
			continue
		}
		n := runeLen(piece[i:])
		r, _ := utf8.DecodeRuneInString(piece[i:])
		s := b.unit(r)
		if s == noSymbol {
			// Only its spelling matters any more: keep the code point.
			s = unknownRune | symbol(r)
		}
		w.syms = append(w.syms, s)
		if b.user != nil {
			w.frozen = append(w.frozen, false)
		}
		i += n
		for next < i {
			// A piece that begins inside of a character is none.
			next, id, size = b.user.Next(piece, next+1)
		}
	}
	if !frozen {
		w.frozen = w.frozen[:0]
	}
}

// unknownRune marks a symbol that is a code point which no token holds.
const unknownRune symbol = 1 << 31

func runeLen(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// noPair is the merge of two neighbours that do not merge.
const noPair = 1<<64 - 1

// pair is the merge of two neighbours: its rank in the upper half, its order in
// the lower one.
func (b *bpe) pair(w *work, i, j int) uint64 {
	if len(w.frozen) > 0 && (w.frozen[i] || w.frozen[j]) {
		return noPair
	}
	v := b.table.get(w.syms[i], w.syms[j])
	if v == noMerge {
		return noPair
	}
	if b.unused {
		if id := b.made(v); b.m.TypeOf(id) == vocab.Unused {
			// As there: noted when it becomes a candidate, the last one wins.
			if w.unused == nil {
				w.unused = make(map[symbol][2]symbol)
			}
			w.unused[id] = [2]symbol{w.syms[i], w.syms[j]}
		}
	}
	if b.class != nil {
		return uint64(b.class[v])<<32 | uint64(v)
	}
	return uint64(v)<<32 | uint64(v)
}

// made is the token that a merge makes.
func (b *bpe) made(order uint32) symbol {
	if b.into == nil {
		return order
	}
	return b.into[order]
}

// join is the merge of the symbols at units i and j, for mergeSmall: its rank in
// the upper half and i in the lower one, so that the leftmost of equals is the
// least; and what it makes.
func (b *bpe) join(w *work, i, j int) (uint64, symbol) {
	var v uint64
	if b.class == nil && !b.unused && len(w.frozen) == 0 {
		order := b.table.get(w.syms[i], w.syms[j])
		v = uint64(order)<<32 | uint64(order)
	} else {
		v = b.pair(w, i, j)
	}
	if v>>32 == noMerge {
		return noJoin, 0
	}
	return v>>32<<32 | uint64(i), b.made(uint32(v))
}

const noJoin = uint64(noMerge) << 32

// mergeSmall merges by looking at all pairs each time, for up to smallMerge
// units. w.syms is left as the result, w.from as in mergeHeap. bytes are those
// of the units, if units are bytes; empty otherwise.
func (b *bpe) mergeSmall(w *work, bytes string) {
	n, syms := len(w.syms), w.syms
	if n == 0 {
		return
	}
	// By unit: the merge of the symbol that begins there with the next one.
	keys, into := &w.keys, &w.made
	for i := n - 1; i < n+3; i++ {
		keys[i] = noJoin
	}
	if b.dense != nil && len(bytes) == n {
		for i := range n - 1 {
			keys[i] = noJoin
			if v := b.dense[int(bytes[i])<<8|int(bytes[i+1])]; v != 0 {
				keys[i], into[i] = uint64(v-1)<<32|uint64(i), b.made(v-1)
			}
		}
	} else {
		for i := range n - 1 {
			keys[i], into[i] = b.join(w, i, i+1)
		}
	}
	alive := ^uint64(0) >> (64 - n) // units that a symbol begins at
	for {
		// The least, without a branch that depends on what is there.
		m0, m1, m2, m3 := noJoin, noJoin, noJoin, noJoin
		for i := 0; i < n; i += 4 {
			k := keys[i : i+4 : i+4]
			m0, m1, m2, m3 = min(m0, k[0]), min(m1, k[1]), min(m2, k[2]), min(m3, k[3])
		}
		best := min(m0, m1, m2, m3)
		if best == noJoin {
			break
		}
		i := int(uint32(best)) & (smallMerge - 1)
		syms[i] = into[i]
		// The next symbol is gone; what follows it is next.
		rest := alive >> i >> 1
		j := i + 1 + bits.TrailingZeros64(rest)
		alive &^= 1 << j
		keys[i], keys[j] = noJoin, noJoin
		if rest &= rest - 1; rest != 0 {
			keys[i], into[i] = b.join(w, i, i+1+bits.TrailingZeros64(rest))
		}
		if before := alive & (1<<i - 1); before != 0 {
			p := bits.Len64(before) - 1
			keys[p], into[p] = b.join(w, p, i)
		}
	}
	w.from = grow(w.from, smallMerge)
	out := 0
	for ; alive != 0; alive &= alive - 1 {
		i := bits.TrailingZeros64(alive)
		syms[out], w.from[out] = syms[i], int32(i)
		out++
	}
	w.syms = syms[:out]
}

// mergeHeap merges by a heap of rank<<32 | place. A place's entry counts only
// if its rank is still that of the pair there. w.from is left as the unit that
// each symbol of the result begins at.
func (b *bpe) mergeHeap(w *work) {
	n := len(w.syms)
	w.next = grow(w.next, n)
	w.prev = grow(w.prev, n)
	w.rank = grow(w.rank, n)
	w.into = grow(w.into, n)
	w.from = grow(w.from, n)
	h := w.heap[:0]
	for i := range n {
		w.next[i], w.prev[i] = int32(i+1), int32(i-1)
		w.rank[i] = noMerge
		if i+1 < n {
			if v := b.pair(w, i, i+1); v>>32 != noMerge {
				w.rank[i], w.into[i] = uint32(v>>32), b.made(uint32(v))
				h = append(h, v>>32<<32|uint64(i))
			}
		}
	}
	for i := len(h)/4 + 1; i >= 0; i-- {
		down(h, i)
	}
	update := func(i, j int) {
		v := b.pair(w, i, j)
		w.rank[i] = uint32(v >> 32)
		if v>>32 != noMerge {
			w.into[i] = b.made(uint32(v))
			h = append(h, v>>32<<32|uint64(i))
			up(h)
		}
	}
	for len(h) > 0 {
		top := h[0]
		h[0] = h[len(h)-1]
		h = h[:len(h)-1]
		down(h, 0)
		i := int(uint32(top))
		if w.rank[i] != uint32(top>>32) {
			continue
		}
		j := int(w.next[i])
		w.syms[i] = w.into[i]
		w.rank[j] = noMerge // gone
		k := int(w.next[j])
		w.next[i] = int32(k)
		w.rank[i] = noMerge
		if k < n {
			w.prev[k] = int32(i)
			update(i, k)
		}
		if p := w.prev[i]; p >= 0 {
			update(int(p), i)
		}
	}
	w.heap = h
	out := 0
	for i := 0; i < n; i = int(w.next[i]) {
		w.syms[out] = w.syms[i]
		w.from[out] = int32(i)
		out++
	}
	w.syms = w.syms[:out]
}

// Long pieces are merged window by window, so that what is worked on stays in
// the nearest memory and the time grows with the length alone.
//
// That is exact by the rule that a sequence of symbols is what merging gives
// if and only if each two neighbours are what merging the two alone gives. One
// direction: no merge crossed the ends of the two, so that merging them alone
// does the same. The other: take the first merge, in time, that crosses the
// border of two neighbours x|y of such a sequence. Until then x and y were
// merged as if alone, and the merge was first in rank and place among theirs;
// so it would happen in x+y alone, too, and they would not stay two.
//
// Hence a window's symbols but the last few may be kept, if the first symbol
// of the next window and the last one kept pass that test. If they do not, the
// last one kept is given back and the next window is made larger.
//
// Windows are as large as mergeSmall takes, which is several times faster than a
// heap. What is larger comes of tokens that are so long.
const (
	window       = 48 // units
	windowMargin = 10 // units at the end of a window that are not trusted
)

func (b *bpe) mergeWindows(w *work, bytes string) {
	w.units = append(w.units[:0], w.syms...)
	units := w.units
	if len(bytes) != len(units) {
		bytes = ""
	}
	w.out, w.outFrom = w.out[:0], w.outFrom[:0]
	size := window
	for pos := 0; pos < len(units); {
		end := min(pos+size, len(units))
		w.syms = append(w.syms[:0], units[pos:end]...)
		if bytes != "" {
			b.mergeUnits(w, bytes[pos:end])
		} else {
			b.mergeUnits(w, "")
		}
		keep := len(w.syms)
		if end < len(units) {
			for keep > 0 && (keep == len(w.syms) || int(w.from[keep]) > end-pos-max(windowMargin, size/8)) {
				keep--
			}
			if keep == 0 {
				size *= 2
				continue
			}
		}
		stop := end - pos // where the last one kept ends
		if keep < len(w.syms) {
			stop = int(w.from[keep])
		}
		// Keep what was merged before the test uses the same memory.
		first := len(w.out)
		w.out = append(w.out, w.syms[:keep]...)
		for _, f := range w.from[:keep] {
			w.outFrom = append(w.outFrom, int32(pos)+f)
		}
		if first > 0 {
			second := pos + stop
			if first+1 < len(w.outFrom) {
				second = int(w.outFrom[first+1])
			}
			if !b.stayTwo(w, units[w.outFrom[first-1]:second], pos-int(w.outFrom[first-1])) {
				pos = int(w.outFrom[first-1])
				w.out, w.outFrom = w.out[:first-1], w.outFrom[:first-1]
				size *= 2
				continue
			}
		}
		pos += stop
		size = window
	}
	w.syms = append(w.syms[:0], w.out...)
}

// mergeUnits merges w.syms by the way that suits their number.
func (b *bpe) mergeUnits(w *work, bytes string) {
	if len(w.syms) <= smallMerge {
		b.mergeSmall(w, bytes)
	} else {
		b.mergeHeap(w)
	}
}

// A run is one symbol several times.
type run struct {
	symbol symbol
	times  int
}

const (
	leastRuns = 8  // units, below which runs are not looked for
	mostRuns  = 24 // that are merged as such
)

// mergeRuns merges w.syms as a few runs, if it is: separators, indentation,
// tables. The time grows with the logarithm of the length. It returns false,
// and leaves w.syms alone, if there are too many runs.
//
// All pairs in a run of s become ss at once, from the left, and an odd s stays at
// the right. That is exact if no pair which this makes goes before those which
// are left of its own kind; where one would, the answer is false. Mostly none
// does, since a merge ranks behind those that made its symbols. Of equal ranks
// the leftmost goes first: two kinds of them are left alone, too.
func (b *bpe) mergeRuns(w *work) bool {
	if len(w.frozen) > 0 {
		return false
	}
	var list [mostRuns + 2]run
	n := 0
	for _, s := range w.syms {
		if n > 0 && list[n-1].symbol == s {
			list[n-1].times++
			continue
		}
		if n == mostRuns || n*4 > len(w.syms) {
			return false
		}
		list[n] = run{s, 1}
		n++
	}
	// put makes list[i:j] of runs, which it joins with their neighbours.
	put := func(i, j int, runs ...run) {
		var next [mostRuns + 4]run
		k := 0
		add := func(r run) {
			switch {
			case r.times == 0:
			case k > 0 && next[k-1].symbol == r.symbol:
				next[k-1].times += r.times
			default:
				next[k] = r
				k++
			}
		}
		for _, r := range list[:i] {
			add(r)
		}
		for _, r := range runs {
			add(r)
		}
		for _, r := range list[j:n] {
			add(r)
		}
		n = copy(list[:], next[:min(k, len(list))])
		if k > mostRuns {
			n = k
		}
	}
	rank := func(order uint32) uint32 {
		if b.class != nil && order != noMerge {
			return b.class[order]
		}
		return order
	}
	for {
		best, at, same := uint32(noMerge), -1, false
		for i := range n {
			if list[i].times > 1 {
				v := b.table.get(list[i].symbol, list[i].symbol)
				if rank(v) < rank(best) {
					best, at, same = v, i, true
				} else if v != best && rank(v) == rank(best) {
					return false
				}
			}
			if i+1 < n {
				v := b.table.get(list[i].symbol, list[i+1].symbol)
				if rank(v) < rank(best) {
					best, at, same = v, i, false
				} else if v != best && rank(v) == rank(best) {
					return false
				}
			}
		}
		if at < 0 {
			break
		}
		left, made := list[at], b.made(best)
		if b.unused && b.isUnused(made) {
			return false
		}
		if same {
			if left.times > 3 {
				first := func(l, r symbol) bool { return rank(b.table.get(l, r)) <= rank(best) }
				if first(made, made) || first(made, left.symbol) ||
					at > 0 && first(list[at-1].symbol, made) || at+1 < n && first(made, list[at+1].symbol) {
					return false
				}
			}
			put(at, at+1, run{made, left.times / 2}, run{left.symbol, left.times % 2})
		} else {
			right := list[at+1]
			put(at, at+2, run{left.symbol, left.times - 1}, run{made, 1}, run{right.symbol, right.times - 1})
		}
		if n > mostRuns {
			return false
		}
	}
	w.syms = w.syms[:0]
	for _, r := range list[:n] {
		for range r.times {
			w.syms = append(w.syms, r.symbol)
		}
	}
	return true
}

// mergeRun merges a run of one unit, of which w.syms is made. By the rule above
// a symbol that stands beside itself in the result may be repeated there: so a
// short run with the same remainder is merged, and made longer. It returns
// false, and leaves w.syms alone, if the piece is no such run.
func (b *bpe) mergeRun(w *work) bool {
	unit, n := w.syms[0], len(w.syms)
	for _, s := range w.syms {
		if s != unit {
			return false
		}
	}
	const least = 4 * window
	if n < 2*least {
		return false
	}
	w.units = append(w.units[:0], w.syms...)
	twice := func(length int) (at int) {
		w.syms = append(w.syms[:0], w.units[:length]...)
		b.mergeHeap(w)
		for i := len(w.syms) / 2; i+1 < len(w.syms); i++ {
			if w.syms[i] == w.syms[i+1] {
				return i
			}
		}
		return -1
	}
	if at := twice(least); at >= 0 {
		symbol := w.syms[at]
		length := int(w.from[at+1] - w.from[at])
		if at = twice(least + (n-least)%length); at >= 0 && w.syms[at] == symbol {
			more := (n - least) / length
			w.syms = append(w.syms, make([]uint32, more)...)
			copy(w.syms[at+more:], w.syms[at:])
			for i := range more {
				w.syms[at+i] = symbol
			}
			return true
		}
	}
	w.syms = append(w.syms[:0], w.units...)
	return false
}

// stayTwo reports whether merging units gives two symbols, with the border at
// the given unit.
func (b *bpe) stayTwo(w *work, units []symbol, border int) bool {
	w.syms = append(w.syms[:0], units...)
	b.mergeUnits(w, "")
	return len(w.syms) == 2 && int(w.from[1]) == border
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n+n/4)
	}
	return s[:n]
}

// The heap has four children a node: fewer levels, and a level's children in
// one cache line.
func down(h []uint64, i int) {
	if i >= len(h) {
		return
	}
	v := h[i]
	for {
		c := 4*i + 1
		if c >= len(h) {
			break
		}
		best := c
		for k := c + 1; k < min(c+4, len(h)); k++ {
			if h[k] < h[best] {
				best = k
			}
		}
		if v <= h[best] {
			break
		}
		h[i] = h[best]
		i = best
	}
	h[i] = v
}

func up(h []uint64) {
	i := len(h) - 1
	v := h[i]
	for i > 0 {
		p := (i - 1) / 4
		if h[p] <= v {
			break
		}
		h[i] = h[p]
		i = p
	}
	h[i] = v
}

// emit makes ids of symbols.
func (b *bpe) emit(w *work, dst []vocab.ID) []vocab.ID {
	if !b.sp {
		return append(dst, w.syms...)
	}
	unknown := false // the last id is the unknown one
	for _, s := range w.syms {
		dst, unknown = b.emitSymbol(w, dst, s, unknown, 0)
	}
	if b.unused {
		clear(w.unused)
	}
	return dst
}

func (b *bpe) emitSymbol(w *work, dst []vocab.ID, s symbol, unknown bool, depth int) ([]vocab.ID, bool) {
	var r rune
	switch {
	case s < b.size:
		if !b.unused || b.m.TypeOf(s) != vocab.Unused {
			return append(dst, s), false
		}
		if p, ok := w.unused[s]; ok && depth < 1000 {
			dst, unknown = b.emitSymbol(w, dst, p[0], unknown, depth+1)
			return b.emitSymbol(w, dst, p[1], unknown, depth+1)
		}
		// One character, and unused: as good as unknown.
		r, _ = utf8.DecodeRune(b.m.Tokens.At(s))
	case s&unknownRune != 0:
		r = rune(s &^ unknownRune)
	default:
		r = b.runes[s-b.size]
	}
	if b.m.ByteFallback {
		var buf [utf8.UTFMax]byte
		for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
			id := b.m.ByteTokens[c]
			if id == vocab.NoID {
				id = b.m.Unknown
			}
			if id != vocab.NoID {
				dst = append(dst, id)
			}
		}
		return dst, false
	}
	if b.m.Unknown == vocab.NoID || unknown && b.m.FuseUnknown {
		return dst, unknown
	}
	return append(dst, b.m.Unknown), true
}
