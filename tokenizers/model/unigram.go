package model

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/trie"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Unigram: of all ways to spell a piece, the one with the highest sum of
// scores (Viterbi). A character that no token spells alone can be unknown, at
// the lowest score of all minus 10.
//
// Floating-point sums decide ties, so they are made as the reference makes
// them. SentencePiece keeps sums in float32, adds in float64 and compares
// before rounding; HF tokenizers does all in float64. In both, the path that
// began earlier wins a tie.
//
// The time is the length times that of the longest token, at most. Mostly it is
// less: a piece is cut at barriers (see there), and the best way through the part
// between two of them is remembered if it does not depend on how sums are
// rounded. See encode.

const (
	unknownPenalty = 10
	// A user-defined piece scores so much for each byte behind the first, and is
	// so chosen before what is merely probable: scores are logarithms.
	userDefinedBonus = 0.1
	// Beyond this score SentencePiece 0.2.3 begins to count at zero again, so
	// that the sums of a long text keep their precision.
	resetScore = 100000
)

type unigram struct {
	def     *vocab.Definition
	m       *vocab.Model
	trie    *trie.Trie
	wide    bool // HF: float64
	score   []float64
	unknown float64 // score of an unknown character

	barriers *barriers
	// sums are the scores by which the sum of a way is made again from its ids: a
	// character that is spelled in bytes has its score at the first of them.
	sums []float64
	// spelled: what is unknown is spelled in bytes, one character at a time.
	spelled bool
	falling bool    // no score is above zero
	most    float64 // the greatest score of a single step, without its sign
	pool    pool
}

// lattice is the best way to each offset.
type lattice struct {
	score []float64
	start []int32
	id    []uint32
	steps []step // the same in exact arithmetic, see certain
}

func newUnigram(def *vocab.Definition) (*unigram, error) {
	m := &def.Model
	u := &unigram{def: def, m: m, wide: m.Scores64 != nil, pool: newPool(true)}
	n := m.Tokens.Len()
	u.score = make([]float64, n)
	switch {
	case u.wide && len(m.Scores64) == n:
		copy(u.score, m.Scores64)
	case !u.wide && len(m.Scores) == n:
		for i, s := range m.Scores {
			u.score[i] = float64(s)
		}
	default:
		return nil, fmt.Errorf("model: %s: %d scores for %d tokens", def.Name, len(m.Scores)+len(m.Scores64), n)
	}
	if m.Unknown == vocab.NoID {
		return nil, fmt.Errorf("model: %s: a Unigram model needs an unknown token", def.Name)
	}
	lowest := math.Inf(1)
	for id := range n {
		if u.wide || m.TypeOf(vocab.ID(id)) == vocab.Normal {
			lowest = min(lowest, u.score[id])
		}
	}
	u.unknown = lowest - unknownPenalty
	if !u.wide {
		u.unknown = float64(float32(lowest) - unknownPenalty)
	}
	var keys []trie.Entry
	seen := make(map[string]int, n)
	for id := range n {
		typ := m.TypeOf(vocab.ID(id))
		t := m.Tokens.At(vocab.ID(id))
		if len(t) == 0 || !u.wide && (!ordinary(typ) || typ == vocab.Unused) {
			continue
		}
		if !u.wide && typ == vocab.UserDefined {
			u.score[id] = float64(float32(userDefinedBonus * float64(len(t)-1)))
		}
		if at, dup := seen[string(t)]; dup {
			if u.wide { // theirs is a map: the last one stays
				keys[at].Value = uint32(id)
			}
			continue
		}
		seen[string(t)] = len(keys)
		keys = append(keys, trie.Entry{Key: string(t), Value: uint32(id)})
	}
	var err error
	if u.trie, err = trie.New(keys); err != nil {
		return nil, fmt.Errorf("model: %s: %w", def.Name, err)
	}
	u.most = math.Abs(u.unknown)
	u.falling = u.unknown <= 0
	for _, s := range u.score {
		u.most = max(u.most, math.Abs(s))
		u.falling = u.falling && s <= 0
	}
	if !math.IsNaN(u.most) && !math.IsInf(u.most, 0) {
		u.barriers = newBarriers(m)
	}
	u.sums = u.score
	if u.spelled = !u.wide && m.ByteFallback && !slices.Contains(m.ByteTokens, vocab.NoID); u.spelled {
		u.sums = slices.Clone(u.score)
		for b, id := range m.ByteTokens {
			u.sums[id] = 0
			if utf8.RuneStart(byte(b)) {
				u.sums[id] = u.unknown
			}
		}
	}
	return u, nil
}

func (u *unigram) AppendEncode(dst []vocab.ID, piece string) []vocab.ID {
	return u.AppendPieces(nil, dst, piece, 0, []int32{int32(len(piece))})
}

func (u *unigram) Count(piece string) int {
	return u.CountPieces(nil, piece, 0, []int32{int32(len(piece))})
}

func (u *unigram) Release(m *Memory) { u.pool.Release(m) }

func (u *unigram) AppendPieces(m *Memory, dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	return u.pool.appendPieces(m, u.encode, dst, text, start, ends)
}

func (u *unigram) CountPieces(m *Memory, text string, start int, ends []int32) int {
	return u.pool.countPieces(m, u.encode, text, start, ends)
}

// SafeCut knows none: sums are rounded by what stands before.
func (*unigram) SafeCut(string, int, int) int { return -1 }

// unigramSpans is how many parts are looked up at once: few, so that their sum
// is bounded.
const unigramSpans = 64

// add is the sum of a way after some more ids of it.
func (u *unigram) add(sum float64, ids []vocab.ID) float64 {
	for _, id := range ids {
		sum += u.sums[id]
		if !u.wide {
			sum = float64(float32(sum))
		}
	}
	return sum
}

// encode encodes a piece by its parts between barriers.
//
// What the reference finds in a part depends, besides its text, on the sum that
// stands where it begins, by rounding alone. So a part is remembered only if it
// is certain whatever that sum is: if on the best way, in exact arithmetic, each
// step beats every other step to the same place by more than rounding may take
// away from the one and give to the other. A part that is not certain is found
// with the sum that the reference has there, which is made by its own additions
// when it is needed.
func (u *unigram) encode(w *work, dst []vocab.ID, piece string) []vocab.ID {
	if u.barriers == nil {
		dst, _, _ = u.exact(&w.lattice, dst, piece, 0)
		return dst
	}
	if w.parts == nil {
		w.parts = make([]span, maxSpans)
	}
	first := len(dst)
	sum, summed := 0.0, first // of the ids from first to summed
	// safe reports whether, so many bytes further, the sum is certainly not yet
	// where counting begins anew: there nothing is certain. It may bring the sum
	// up to date.
	safe := func(bytes int) bool {
		if u.wide || math.Abs(sum)+float64(len(dst)-summed+bytes)*u.most < resetScore {
			return true
		}
		sum, summed = u.add(sum, dst[summed:]), len(dst)
		return math.Abs(sum)+float64(bytes)*u.most < resetScore
	}
	for start := 0; start < len(piece); {
		spans := u.barriers.cut(w.parts, piece, start, len(piece))
		for len(spans) > 0 {
			some := spans[:min(len(spans), unigramSpans)]
			dst = room(dst, 4*len(some)+4)
			if safe(len(some) * maxKey) {
				var n int
				n, start, dst = w.cache.probe(dst, piece, start, some)
				spans = spans[n:]
				if n == len(some) {
					continue
				}
			} else if u.falling {
				// As long as sums only fall, it is seen afterwards whether they fell too
				// far; then it is done again, part by part.
				n, to, with := w.cache.probe(dst, piece, start, some)
				if after := u.add(sum, with[len(dst):]); summed == len(dst) && math.Abs(after)+maxKey*u.most < resetScore {
					start, spans, dst, sum, summed = to, spans[n:], with, after, len(with)
				}
			}
			if len(spans) == 0 {
				break
			}
			part := piece[start:spans[0].end()]
			start, spans = spans[0].end(), spans[1:]
			if safe(len(part)) {
				if with, ok := u.certain(w, dst, part); ok {
					dst = with
					continue
				}
			}
			before := len(dst)
			var unknown bool
			dst, sum, unknown = u.exact(&w.lattice, dst, part, u.add(sum, dst[summed:]))
			if unknown && u.wide && u.m.FuseUnknown {
				// There what is unknown is put together before it is looked up.
				dst, _, _ = u.exact(&w.lattice, dst[:first], piece, 0)
				return dst
			}
			if u.m.FuseUnknown && before > first && len(dst) > before && dst[before] == u.m.Unknown && dst[before-1] == u.m.Unknown {
				dst = append(dst[:before], dst[before+1:]...)
			}
			summed = len(dst)
		}
	}
	return dst
}

// rounding is the most by which the difference of two sums can be wrong, for
// each character that they have been made over. SentencePiece's are of float32,
// and below 2^17: each addition is wrong by at most 2^-8.
func (u *unigram) rounding() float64 {
	if u.wide {
		return 1e-6 // float64, below 2^32
	}
	return 2.0 / 256
}

// certain appends the ids of a part if they do not depend on how sums are
// rounded, and false otherwise.
func (u *unigram) certain(w *work, dst []vocab.ID, part string) ([]vocab.ID, bool) {
	var k key
	var far *wideSlot
	var farKey [4]uint64
	n := len(part)
	switch {
	case n <= maxKey:
		k = makeKey(part, 0, n)
		k.hi |= partKey
		if v := w.cache.get(k); v != nil {
			return w.cache.append(dst, v), true
		}
	case n <= maxWide:
		if far, farKey = w.cache.wideSlot(part, true); far.key == farKey {
			return w.cache.append(dst, &far.ids), true
		}
	}
	l := &w.lattice
	l.steps = grow(l.steps, n+1)
	steps := l.steps[:n+1]
	for i := range steps {
		steps[i] = step{score: math.Inf(-1), second: math.Inf(-1)}
	}
	steps[0].score = 0
	for at := 0; at < n; {
		size := runeLen(part[at:])
		single := false
		here := steps[at].score
		node := u.trie.Root()
		for i := at; i < n; i++ {
			var ok bool
			if node, ok = u.trie.Step(node, part[i]); !ok {
				break
			}
			if id, ok := u.trie.Value(node); ok {
				single = single || i+1-at == size
				steps[i+1].offer(at, id, here+u.score[id])
			}
		}
		if !single {
			steps[at+size].offer(at, u.m.Unknown, here+u.unknown)
		}
		at += size
	}
	margin := float64(utf8.RuneCountInString(part)+1) * u.rounding()
	first := len(dst)
	for end := n; end > 0; {
		s := &steps[end]
		switch {
		case !(s.score-s.second > margin):
			return dst[:first], false
		case s.id != u.m.Unknown:
			dst = append(dst, s.id)
		case !u.spelled:
			return dst[:first], false // what becomes of it depends on what stands beside it
		default:
			dst, _ = u.bytes(dst, part[s.start:end])
		}
		end = int(s.start)
	}
	slices.Reverse(dst[first:])
	switch {
	case n <= maxKey:
		w.cache.put(k, dst[first:])
	case n <= maxWide:
		if v, ok := w.cache.value(dst[first:]); ok {
			far.key, far.ids = farKey, v
		}
	}
	return dst, true
}

// A step is the best one to an offset, with the score of the second best.
type step struct {
	score, second float64
	start         int32
	id            uint32
}

func (s *step) offer(start int, id uint32, sum float64) {
	if sum > s.score {
		*s = step{sum, s.score, int32(start), id}
		return
	}
	s.second = max(s.second, sum)
}

func (l *lattice) reset(n int) {
	l.score, l.start, l.id = grow(l.score, n+1), grow(l.start, n+1), grow(l.id, n+1)
	for i := range l.start[:n+1] {
		l.start[i] = -1
	}
}

// exact encodes a piece as the reference does, from a sum on. It returns the sum
// behind it, and whether something in it is unknown.
func (u *unigram) exact(l *lattice, dst []vocab.ID, piece string, sum float64) (_ []vocab.ID, _ float64, anyUnknown bool) {
	n := len(piece)
	if n == 0 {
		return dst, sum, false
	}
	l.reset(n)
	l.score[0] = sum
	furthest := 0 // offset that any way reaches
	for at := 0; at < n; {
		here := l.score[at]
		if !u.wide && math.Abs(here) > resetScore {
			for i := at; i <= furthest; i++ {
				if i == at || l.start[i] >= 0 {
					l.score[i] = float64(float32(l.score[i] - here))
				}
			}
			here = 0
		}
		size := runeLen(piece[at:])
		single := false
		node := u.trie.Root()
		for i := at; i < n; i++ {
			var ok bool
			if node, ok = u.trie.Step(node, piece[i]); !ok {
				break
			}
			id, ok := u.trie.Value(node)
			if !ok {
				continue
			}
			end := i + 1
			furthest = max(furthest, end)
			u.offer(l, end, at, id, here+u.score[id])
			single = single || end-at == size
		}
		if !single {
			sum := here + u.unknown
			if !u.wide {
				sum = float64(float32(sum)) // float32 both: rounded before comparing
			}
			furthest = max(furthest, at+size)
			u.offer(l, at+size, at, u.m.Unknown, sum)
		}
		at += size
	}
	sum = l.score[n]
	// Walk back, then turn around.
	first := len(dst)
	unknown := false // the id appended last is unknown
	for end := n; end > 0; {
		at := int(l.start[end])
		id := l.id[end]
		if id != u.m.Unknown {
			dst, unknown = append(dst, id), false
			end = at
			continue
		}
		anyUnknown = true
		if u.wide && u.m.FuseUnknown {
			// There the characters are one string before they are looked up.
			for at > 0 && l.id[at] == u.m.Unknown {
				at = int(l.start[at])
			}
		}
		if known, ok := u.trie.Get(piece[at:end]); u.wide && ok {
			// It is looked up as a string: unknown characters may spell a token
			// that lost, or the unknown token itself.
			dst, unknown = append(dst, known), false
		} else if spelled, ok := u.bytes(dst, piece[at:end]); ok {
			dst, unknown = spelled, false
		} else if !unknown || !u.m.FuseUnknown {
			dst, unknown = append(dst, id), true
		}
		end = at
	}
	slices.Reverse(dst[first:])
	return dst, sum, anyUnknown
}

// offer makes a way to end the best one if it is better than what is there.
func (u *unigram) offer(l *lattice, end, start int, id uint32, sum float64) {
	if !u.wide {
		sum = float64(float32(sum))
	}
	if l.start[end] >= 0 && !(sum > l.score[end]) {
		return
	}
	l.score[end], l.start[end], l.id[end] = sum, int32(start), id
}

// bytes appends the byte tokens of an unknown character, last first.
func (u *unigram) bytes(dst []vocab.ID, s string) ([]vocab.ID, bool) {
	if !u.m.ByteFallback {
		return dst, false
	}
	n := len(dst)
	for i := len(s) - 1; i >= 0; i-- {
		id := u.m.ByteTokens[s[i]]
		if id == vocab.NoID {
			return dst[:n], false
		}
		dst = append(dst, id)
	}
	return dst, true
}
