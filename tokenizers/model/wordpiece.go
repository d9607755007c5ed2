package model

import (
	"bytes"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/internal/trie"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// WordPiece: from the start of a word the longest token, then from there the
// longest one with the continuing prefix, and so on. A word that has a part
// without a token, or more than MaxWordChars characters, is one unknown token.
//
// The time is the length times that of the longest token.

type wordPiece struct {
	m            *vocab.Model
	words, inner *trie.Trie // tokens that begin a word, that continue one
	scratch      sync.Pool  // *[]vocab.ID
}

func newWordPiece(def *vocab.Definition) (*wordPiece, error) {
	m := &def.Model
	if m.Unknown == vocab.NoID {
		return nil, fmt.Errorf("model: %s: a WordPiece model needs an unknown token", def.Name)
	}
	var words, inner []trie.Entry
	seen := make(map[string]bool)
	prefix := []byte(m.ContinuingPrefix)
	for id := range m.Tokens.Len() {
		t := m.Tokens.At(vocab.ID(id))
		if len(t) == 0 || seen[string(t)] {
			continue
		}
		seen[string(t)] = true
		words = append(words, trie.Entry{Key: string(t), Value: uint32(id)})
		if rest, ok := bytes.CutPrefix(t, prefix); ok && len(rest) > 0 {
			inner = append(inner, trie.Entry{Key: string(rest), Value: uint32(id)})
		}
	}
	w := &wordPiece{m: m}
	w.scratch.New = func() any { return new([]vocab.ID) }
	var err error
	if w.words, err = trie.New(words); err == nil {
		w.inner, err = trie.New(inner)
	}
	if err != nil {
		return nil, fmt.Errorf("model: %s: %w", def.Name, err)
	}
	return w, nil
}

func (w *wordPiece) Count(piece string) int {
	ids := w.scratch.Get().(*[]vocab.ID)
	*ids = w.AppendEncode((*ids)[:0], piece)
	n := len(*ids)
	w.scratch.Put(ids)
	return n
}

func (w *wordPiece) AppendEncode(dst []vocab.ID, piece string) []vocab.ID {
	if piece == "" {
		return dst
	}
	first := len(dst)
	if w.m.MaxWordChars > 0 && utf8.RuneCountInString(piece) > w.m.MaxWordChars {
		return append(dst, w.m.Unknown)
	}
	parts := w.words
	for at := 0; at < len(piece); {
		id, n := longestPrefix(parts, piece[at:])
		if n == 0 {
			return append(dst[:first], w.m.Unknown)
		}
		dst = append(dst, id)
		at += n
		parts = w.inner
	}
	return dst
}

// longestPrefix returns the longest key that s begins with and that ends
// between two characters of s.
func longestPrefix(t *trie.Trie, s string) (v uint32, n int) {
	if t.Empty() {
		return 0, 0
	}
	node := t.Root()
	for i := range len(s) {
		var ok bool
		if node, ok = t.Step(node, s[i]); !ok {
			break
		}
		if x, ok := t.Value(node); ok && (i+1 == len(s) || utf8.RuneStart(s[i+1])) {
			v, n = x, i+1
		}
	}
	return v, n
}

func (w *wordPiece) AppendPieces(dst []vocab.ID, text string, start int, ends []int32) []vocab.ID {
	return appendPieces(w, dst, text, start, ends)
}

func (w *wordPiece) CountPieces(text string, start int, ends []int32) int {
	return countPieces(w, text, start, ends)
}
