package model

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/trie"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// WordPiece: from the start of a word the longest token, then from there the
// longest one with the continuing prefix, and so on. A word that has a part
// without a token, or more than MaxWordChars characters, is one unknown token.
//
// The time is linear in the length of the word, however long the tokens are:
// LinMaxMatch (Song et al., Fast WordPiece Tokenization, EMNLP 2021). A word is
// walked down a trie. Where the trie does not go on, what was walked is cut by
// the longest token that it begins with, and by the longest ones behind that, as
// far as it is certain; that and the node where the rest of it lies are known of
// each node from the beginning.
type wordPiece struct {
	m     *vocab.Model
	trie  *trie.Trie // tokens that begin a word, and those that continue one behind innerMark
	inner trie.Node  // where the latter begin
	// By node: where to go on from if there is no child, -1 if then nothing is, and
	// which of popped are the tokens that lie behind.
	fail   []int32
	pops   [][2]uint32
	popped []vocab.ID
	pool   pool
}

// innerMark stands before the tokens that continue a word: a byte that no text
// has.
const innerMark = "\xFF"

func newWordPiece(def *vocab.Definition) (*wordPiece, error) {
	m := &def.Model
	if m.Unknown == vocab.NoID {
		return nil, fmt.Errorf("model: %s: a WordPiece model needs an unknown token", def.Name)
	}
	var keys []trie.Entry
	seen := make(map[string]bool)
	prefix := []byte(m.ContinuingPrefix)
	for id := range m.Tokens.Len() {
		t := m.Tokens.At(vocab.ID(id))
		if len(t) == 0 || seen[string(t)] || !utf8.Valid(t) {
			continue // no text has it
		}
		seen[string(t)] = true
		keys = append(keys, trie.Entry{Key: string(t), Value: uint32(id)})
		if rest, ok := bytes.CutPrefix(t, prefix); ok && len(rest) > 0 {
			keys = append(keys, trie.Entry{Key: innerMark + string(rest), Value: uint32(id)})
		}
	}
	// So that the node is there.
	keys = append(keys, trie.Entry{Key: innerMark + innerMark, Value: 0})
	w := &wordPiece{m: m, pool: newPool(false)}
	var err error
	if w.trie, err = trie.New(keys); err != nil {
		return nil, fmt.Errorf("model: %s: %w", def.Name, err)
	}
	w.inner, _ = w.trie.Step(w.trie.Root(), innerMark[0])
	w.link(keys)
	return w, nil
}

// link finds, for each node, what is certain of the word that leads there, in
// the order of their depth. Let node v be reached from u by the byte c. If v is a
// token, it is the longest so far, and a match goes on behind it. If it is not,
// the longest token is that of u, and what lies behind that token and c are
// matched as u's rest and c are.
func (w *wordPiece) link(keys []trie.Entry) {
	type edge struct {
		from, to trie.Node
		c        byte
	}
	var levels [][]edge // by depth
	known := make([]bool, w.trie.Nodes())
	for _, k := range keys {
		node, text := w.trie.Root(), k.Key
		if strings.HasPrefix(text, innerMark) {
			node, text = w.inner, text[len(innerMark):]
		}
		for depth := range len(text) {
			to, _ := w.trie.Step(node, text[depth])
			if depth == len(levels) {
				levels = append(levels, nil)
			}
			if !known[to] {
				known[to] = true
				levels[depth] = append(levels[depth], edge{node, to, text[depth]})
			}
			node = to
		}
	}
	w.fail = make([]int32, w.trie.Nodes())
	w.pops = make([][2]uint32, w.trie.Nodes())
	for i := range w.fail {
		w.fail[i] = -1
	}
	var list []vocab.ID
	for _, e := range slices.Concat(levels...) {
		if id, ok := w.trie.Value(e.to); ok {
			w.fail[e.to] = int32(w.inner)
			w.setPops(e.to, []vocab.ID{id})
			continue
		}
		list = append(list[:0], w.popsOf(e.from)...)
		for z := w.fail[e.from]; z >= 0; z = w.fail[z] {
			if to, ok := w.trie.Step(trie.Node(z), e.c); ok {
				w.fail[e.to] = int32(to)
				w.setPops(e.to, list)
				break
			}
			list = append(list, w.popsOf(trie.Node(z))...)
		}
	}
}

func (w *wordPiece) setPops(n trie.Node, ids []vocab.ID) {
	w.pops[n] = [2]uint32{uint32(len(w.popped)), uint32(len(ids))}
	w.popped = append(w.popped, ids...)
}

func (w *wordPiece) popsOf(n trie.Node) []vocab.ID { return w.popped[w.pops[n][0]:][:w.pops[n][1]] }

func (w *wordPiece) AppendEncode(dst []vocab.ID, piece string) []vocab.ID {
	return w.encode(nil, dst, piece)
}

func (w *wordPiece) encode(_ *work, dst []vocab.ID, piece string) []vocab.ID {
	if piece == "" {
		return dst
	}
	if w.m.MaxWordChars > 0 && len(piece) > w.m.MaxWordChars && utf8.RuneCountInString(piece) > w.m.MaxWordChars {
		return append(dst, w.m.Unknown)
	}
	first := len(dst)
	node := w.trie.Root()
	fall := func() bool {
		if w.fail[node] < 0 {
			return false
		}
		dst = append(dst, w.popsOf(node)...)
		node = trie.Node(w.fail[node])
		return true
	}
	for i := range len(piece) {
		for {
			if to, ok := w.trie.Step(node, piece[i]); ok {
				node = to
				break
			}
			if !fall() {
				return append(dst[:first], w.m.Unknown)
			}
		}
	}
	for node != w.inner {
		if !fall() {
			return append(dst[:first], w.m.Unknown)
		}
	}
	return dst
}

func (w *wordPiece) Count(piece string) int {
	return w.CountPieces(nil, piece, 0, []int32{int32(len(piece))})
}

func (w *wordPiece) Release(m *Memory) { w.pool.Release(m) }

func (w *wordPiece) AppendPieces(m *Memory, dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	return w.pool.appendPieces(m, w.encode, dst, text, start, ends)
}

func (w *wordPiece) CountPieces(m *Memory, text string, start int, ends []int32) int {
	return w.pool.countPieces(m, w.encode, text, start, ends)
}

// SafeCut knows none: words are pieces.
func (*wordPiece) SafeCut(string, int, int) int { return -1 }
