// Package model turns one piece of text into tokens: byte pair encoding,
// Unigram and WordPiece.
//
// Think of a [Model] as a pure function from a string to ids, with everything
// around it (normalising, cutting, added tokens) done by others. Each kind has
// a file of its own, which begins with the rule it follows, word for word as
// its reference does, and with the bound on its time: the worst case of each
// is n log n in the length of the piece, whatever the piece.
package model

import (
	"fmt"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// A Model encodes pieces. It is immutable and safe for concurrent use.
type Model interface {
	// AppendEncode appends the ids of a piece to dst. The piece is valid UTF-8
	// and is a whole piece: what it is depends on nothing around it.
	AppendEncode(dst []vocab.ID, piece string) []vocab.ID
	// Count returns the number of ids that AppendEncode appends.
	Count(piece string) int
	// AppendPieces is AppendEncode for many pieces of one text: the first
	// begins at start, each ends where ends says, and begins where the one
	// before ended. A negative end e is no piece: the text up to ^e is left out.
	// What is remembered between calls is in m, if that is not nil.
	AppendPieces(m *Memory, dst []vocab.ID, text string, start int, ends []int32) []vocab.ID
	// CountPieces returns the number of ids that AppendPieces appends.
	CountPieces(m *Memory, text string, start int, ends []int32) int
	// Release gives back what is in m, for other calls to remember.
	Release(m *Memory)
	// SafeCut returns an offset from pos on, up to limit, at which a piece can be
	// cut so that the ids of both sides together are those of the whole; -1 if
	// none is known.
	SafeCut(piece string, pos, limit int) int
}

// New makes the model of a definition. What a definition says that its kind of
// model cannot do is an error.
func New(def *vocab.Definition) (Model, error) {
	m := &def.Model
	if m.Tokens.Len() == 0 {
		return nil, fmt.Errorf("model: %s: no tokens", def.Name)
	}
	if m.Types != nil && len(m.Types) != m.Tokens.Len() {
		return nil, fmt.Errorf("model: %s: %d types for %d tokens", def.Name, len(m.Types), m.Tokens.Len())
	}
	if m.ByteFallback && len(m.ByteTokens) != 256 {
		return nil, fmt.Errorf("model: %s: %d byte tokens, expected 256", def.Name, len(m.ByteTokens))
	}
	if m.Unknown != vocab.NoID && int(m.Unknown) >= m.Tokens.Len() {
		return nil, fmt.Errorf("model: %s: unknown token %d of %d tokens", def.Name, m.Unknown, m.Tokens.Len())
	}
	switch m.Kind {
	case vocab.BPE:
		return newBPE(def)
	case vocab.Unigram:
		return newUnigram(def)
	case vocab.WordPiece:
		return newWordPiece(def)
	}
	return nil, fmt.Errorf("model: %s: unknown kind %v", def.Name, m.Kind)
}

// ordinary reports whether a token can be produced from text in SentencePiece
// models: control, unknown and byte pieces are kept apart there.
func ordinary(t vocab.Type) bool {
	return t == vocab.Normal || t == vocab.UserDefined || t == vocab.Unused
}
