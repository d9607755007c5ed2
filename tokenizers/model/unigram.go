package model

import (
	"fmt"
	"math"
	"sync"

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
// The time is the length times that of the longest token.

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
	scratch sync.Pool
}

// lattice is the best way to each offset.
type lattice struct {
	score []float64
	start []int32
	id    []uint32
	ids   []vocab.ID
}

func newUnigram(def *vocab.Definition) (*unigram, error) {
	m := &def.Model
	u := &unigram{def: def, m: m, wide: m.Scores64 != nil}
	u.scratch.New = func() any { return new(lattice) }
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
	return u, nil
}

func (u *unigram) Count(piece string) int {
	l := u.scratch.Get().(*lattice)
	l.ids = u.encode(l, l.ids[:0], piece)
	n := len(l.ids)
	u.scratch.Put(l)
	return n
}

func (u *unigram) AppendEncode(dst []vocab.ID, piece string) []vocab.ID {
	l := u.scratch.Get().(*lattice)
	dst = u.encode(l, dst, piece)
	u.scratch.Put(l)
	return dst
}

func (u *unigram) encode(l *lattice, dst []vocab.ID, piece string) []vocab.ID {
	n := len(piece)
	if n == 0 {
		return dst
	}
	l.score, l.start, l.id = grow(l.score, n+1), grow(l.start, n+1), grow(l.id, n+1)
	for i := range l.start[:n+1] {
		l.start[i] = -1
	}
	l.score[0] = 0
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
	for i, j := first, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
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

func (u *unigram) AppendPieces(dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	return appendPieces(u, dst, text, start, ends)
}

func (u *unigram) CountPieces(text string, start int, ends []int32) int {
	return countPieces(u, text, start, ends)
}
