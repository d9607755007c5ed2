package bybook

import (
	"math"
	"slices"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// unknownPenalty is kUnkPenalty, K_UNK_PENALTY of the references: what an
// unknown character scores below the lowest of all tokens.
const unknownPenalty = 10

// span is a token on the best way to where it ends.
type span struct {
	start, end int
	id         vocab.ID
}

// viterbi returns the best way through a piece as both references search for
// it (EncodeOptimized, encode_optimized): from each character on, in order,
// each token that the text goes on with, the shorter first, and an unknown
// character if no token is just this character. A way is kept at its end if
// none is there yet or its score is higher, so that of equals the one whose
// last token began earlier stays.
func viterbi(piece string, longest int, find func(string) (vocab.ID, bool), unknown vocab.ID,
	better func(at, end int, id vocab.ID, isUnknown bool) bool) (path []span) {
	last := make([]*span, len(piece)+1)
	for at, r := range piece {
		size := len(string(r))
		single := false
		for end := at + 1; end <= min(len(piece), at+longest); end++ {
			if id, ok := find(piece[at:end]); ok {
				if better(at, end, id, false) {
					last[end] = &span{at, end, id}
				}
				single = single || end == at+size
			}
		}
		if !single && better(at, at+size, unknown, true) {
			last[at+size] = &span{at, at + size, unknown}
		}
	}
	for end := len(piece); end > 0; end = last[end].start {
		path = append(path, *last[end])
	}
	slices.Reverse(path)
	return path
}

// unigramHF is the rule of HF tokenizers 0.23 (models/unigram/model.rs:
// encode_optimized and tokenize).
//
// Scores and sums are float64. Every token can be found in the text, special
// ones and the unknown token too; of equal strings the last id counts. In the
// best way, neighbours that are the unknown token are one string. A string
// that is a token (a run of unknowns can be one, and the unknown token spelled
// out is) is that token; another is spelled by its bytes, if byte fallback is
// on and there are tokens for all of them, or is the unknown token.
func unigramHF(m *vocab.Model) func(string) []vocab.ID {
	ids := make(map[string]vocab.ID)
	lowest, longest := math.Inf(1), 0
	for i := range m.Tokens.Len() {
		s := string(m.Tokens.At(vocab.ID(i)))
		if s != "" {
			ids[s] = vocab.ID(i)
		}
		longest = max(longest, len(s))
		lowest = min(lowest, m.Scores64[i])
	}
	return func(piece string) (out []vocab.ID) {
		score := make([]float64, len(piece)+1)
		reached := make([]bool, len(piece)+1)
		path := viterbi(piece, longest,
			func(s string) (vocab.ID, bool) { id, ok := ids[s]; return id, ok }, m.Unknown,
			func(at, end int, id vocab.ID, isUnknown bool) bool {
				sum := m.Scores64[id] + score[at]
				if isUnknown {
					sum = lowest - unknownPenalty + score[at]
				}
				if reached[end] && !(sum > score[end]) {
					return false
				}
				score[end], reached[end] = sum, true
				return true
			})
		var words []string
		fuse := false // the word before is a run of unknowns
		for _, p := range path {
			if s := piece[p.start:p.end]; p.id == m.Unknown && fuse {
				words[len(words)-1] += s
			} else {
				words = append(words, s)
			}
			fuse = p.id == m.Unknown && m.FuseUnknown
		}
		for _, s := range words {
			if id, ok := ids[s]; ok {
				out = append(out, id)
			} else if spelled, ok := spell(m, s); ok {
				out = append(out, spelled...)
			} else {
				out = append(out, m.Unknown)
			}
		}
		return out
	}
}

// unigramSentencePiece is the rule of SentencePiece 0.2.3 (src/unigram_model.cc
// EncodeOptimized, src/sentencepiece_processor.cc PopulateSentencePieceText).
//
// Only normal and user-defined pieces are found in the text. A user-defined
// one scores its length in bytes times the highest score of the normal pieces
// (FLT_MIN if that is lower), less 0.1. Scores and sums are float32, and a sum
// is rounded before it is compared. An unknown character is spelled by its
// bytes with byte fallback; otherwise neighbouring ones are one unknown token.
func unigramSentencePiece(m *vocab.Model) func(string) []vocab.ID {
	ids := make(map[string]vocab.ID)
	lowest, longest := float32(math.MaxFloat32), 0
	for i := range m.Tokens.Len() {
		id := vocab.ID(i)
		s := string(m.Tokens.At(id))
		switch m.TypeOf(id) {
		case vocab.Normal:
			lowest = min(lowest, m.Scores[i])
			fallthrough
		case vocab.UserDefined:
			if _, dup := ids[s]; !dup && s != "" {
				ids[s] = id
				longest = max(longest, len(s))
			}
		}
	}
	return func(piece string) (out []vocab.ID) {
		score := make([]float32, len(piece)+1)
		reached := make([]bool, len(piece)+1)
		path := viterbi(piece, longest,
			func(s string) (vocab.ID, bool) { id, ok := ids[s]; return id, ok }, m.Unknown,
			func(at, end int, id vocab.ID, isUnknown bool) bool {
				var sum float32
				switch {
				case isUnknown:
					sum = lowest - unknownPenalty + score[at]
				case m.TypeOf(id) == vocab.UserDefined:
					sum = userDefinedSum(end-at, score[at])
				default:
					sum = m.Scores[id] + score[at]
				}
				if reached[end] && !(sum > score[end]) {
					return false
				}
				score[end], reached[end] = sum, true
				return true
			})
		unknown := false // the token before is unknown
		for _, p := range path {
			if p.id != m.Unknown {
				out = append(out, p.id)
				unknown = false
				continue
			}
			if spelled, ok := spell(m, piece[p.start:p.end]); ok {
				out = append(out, spelled...)
			} else if !(unknown && m.FuseUnknown) {
				out = append(out, m.Unknown)
			}
			unknown = true
		}
		return out
	}
}

// userDefinedSum adds the score of a user-defined piece.
func userDefinedSum(length int, before float32) float32 {
	return float32(0.1*float64(length-1)) + before
}
