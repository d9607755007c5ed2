package bybook

import (
	"slices"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// byRank is tiktoken's rule (openai/tiktoken 0.14.0, src/lib.rs: encode_ordinary
// for the whole piece, _byte_pair_merge for the rest). A piece that is a token
// is that token. Otherwise it begins as bytes, and of the neighbours whose
// joined bytes are a token those with the lowest rank are joined, the leftmost
// of equals, until no two are. The reference panics on a byte without a token,
// so there is no rule for one.
func byRank(m *vocab.Model) func(string) []vocab.ID {
	rank := m.Tokens.Index()
	return func(piece string) (ids []vocab.ID) {
		if id, ok := rank[piece]; ok {
			return []vocab.ID{id}
		}
		var cuts []int // part i is piece[cuts[i]:cuts[i+1]]
		for i := range len(piece) + 1 {
			cuts = append(cuts, i)
		}
		for {
			best, at := vocab.NoID, -1
			for i := 0; i+2 < len(cuts); i++ {
				if r, ok := rank[piece[cuts[i]:cuts[i+2]]]; ok && r < best {
					best, at = r, i
				}
			}
			if at < 0 {
				break
			}
			cuts = slices.Delete(cuts, at+1, at+2)
		}
		for i := 0; i+1 < len(cuts); i++ {
			ids = append(ids, rank[piece[cuts[i]:cuts[i+1]]])
		}
		return ids
	}
}

// byList is the rule of HF tokenizers 0.23 (models/bpe/model.rs merge_word and
// tokenize_with_cache, models/bpe/word.rs merge_all).
//
// A piece begins as units. In a byte-level model a unit is a byte (there, the
// printable character that stands for it); otherwise it is a code point, with
// the continuing prefix before it if it is not the first and the end suffix
// behind it if it is the last. A unit that is no token is spelled by the byte
// tokens of its UTF-8, marks included, if byte fallback is on and all of them
// exist. Failing that it is unknown, and waits: the unknown token is put down
// when a known unit, or the end, comes, or another unknown one if unknowns are
// not fused. Spelling by bytes does not end the waiting.
//
// Then of all neighbours that are listed the earliest in the list become one,
// the leftmost of equals. They are compared as ids, unknown and byte tokens
// among them.
func byList(m *vocab.Model) func(string) []vocab.ID {
	ids := m.Tokens.Index()
	type pair struct{ left, right vocab.ID }
	type merge struct {
		rank int
		into vocab.ID
	}
	merges := make(map[pair]merge)
	for rank, mg := range m.Merges {
		p := pair{mg.Left, mg.Right}
		if _, twice := merges[p]; !twice {
			merges[p] = merge{rank, mg.Into}
		}
	}
	units := func(piece string) (units []vocab.ID) {
		var parts []string
		if m.Chars {
			parts = characters(piece)
		} else {
			for i := range len(piece) {
				parts = append(parts, piece[i:i+1])
			}
		}
		waiting := false
		for i, s := range parts {
			if i > 0 {
				s = m.ContinuingPrefix + s
			}
			if i == len(parts)-1 {
				s += m.EndSuffix
			}
			id, known := ids[s]
			if known {
				if waiting {
					units = append(units, m.Unknown)
					waiting = false
				}
				units = append(units, id)
				continue
			}
			if spelled, ok := spell(m, s); ok {
				units = append(units, spelled...)
				continue
			}
			if m.Unknown == vocab.NoID {
				continue
			}
			if waiting && !m.FuseUnknown {
				units = append(units, m.Unknown)
			}
			waiting = true
		}
		if waiting {
			units = append(units, m.Unknown)
		}
		return units
	}
	return func(piece string) []vocab.ID {
		if m.IgnoreMerges {
			if id, ok := ids[piece]; ok {
				return []vocab.ID{id}
			}
		}
		syms := units(piece)
		for {
			best, at := merge{rank: len(m.Merges)}, -1
			for i := 0; i+1 < len(syms); i++ {
				if mg, ok := merges[pair{syms[i], syms[i+1]}]; ok && mg.rank < best.rank {
					best, at = mg, i
				}
			}
			if at < 0 {
				return syms
			}
			syms[at] = best.into
			syms = slices.Delete(syms, at+1, at+2)
		}
	}
}

// byScore is SentencePiece's rule (google/sentencepiece 0.2, src/bpe_model.cc
// SampleEncode, src/model_interface.cc, src/normalizer.cc PrefixMatcher and
// src/sentencepiece_processor.cc PopulateSentencePieceText).
//
// From left to right the longest user-defined piece, or else one character, is
// a symbol; the user-defined ones are frozen. Of the neighbours that are not
// frozen and whose joined string is a piece (normal, user-defined or unused)
// those whose piece has the highest score are joined, the leftmost of equals.
//
// Where two neighbours could become an unused piece it is noted what they
// were, when they become neighbours: first all from left to right, then after
// each merge the new symbol with the one before it and with the one behind it.
// A later note on the same string replaces the earlier. In the end an unused
// piece is taken apart again as its note says, and so are its parts.
//
// What is then no piece, or an unused one of one character, is unknown: spelled by its bytes with byte fallback,
// otherwise one unknown token for neighbouring ones.
func byScore(m *vocab.Model) func(string) []vocab.ID {
	pieces := make(map[string]vocab.ID)
	user := make(map[string]bool)
	longest := 0 // user-defined piece
	for i := range m.Tokens.Len() {
		id := vocab.ID(i)
		s := string(m.Tokens.At(id))
		switch m.TypeOf(id) {
		case vocab.UserDefined:
			user[s] = true
			longest = max(longest, len(s))
			fallthrough
		case vocab.Normal, vocab.Unused:
			if _, dup := pieces[s]; !dup && s != "" {
				pieces[s] = id
			}
		}
	}
	return func(piece string) (ids []vocab.ID) {
		// Symbol i is piece[cuts[i]:cuts[i+1]].
		cuts := []int{0}
		var frozen []bool
		for at := 0; at < len(piece); at = cuts[len(cuts)-1] {
			n := min(longest, len(piece)-at)
			for n > 0 && !user[piece[at:at+n]] {
				n--
			}
			frozen = append(frozen, n > 0)
			if n == 0 {
				_, n = utf8.DecodeRuneInString(piece[at:])
			}
			cuts = append(cuts, at+n)
		}

		unmerge := make(map[string][2]string)
		// join returns the piece that symbols i and i+1 would become.
		join := func(i int) (id vocab.ID, ok bool) {
			if i < 0 || i+1 >= len(frozen) || frozen[i] || frozen[i+1] {
				return 0, false
			}
			id, ok = pieces[piece[cuts[i]:cuts[i+2]]]
			return id, ok
		}
		meet := func(i int) {
			if id, ok := join(i); ok && m.TypeOf(id) == vocab.Unused {
				unmerge[piece[cuts[i]:cuts[i+2]]] = [2]string{piece[cuts[i]:cuts[i+1]], piece[cuts[i+1]:cuts[i+2]]}
			}
		}
		for i := range frozen {
			meet(i)
		}
		for {
			best, at := float32(0), -1
			for i := range frozen {
				if id, ok := join(i); ok && (at < 0 || m.Scores[id] > best) {
					best, at = m.Scores[id], i
				}
			}
			if at < 0 {
				break
			}
			cuts = slices.Delete(cuts, at+1, at+2)
			frozen = slices.Delete(frozen, at, at+1)
			meet(at - 1)
			meet(at)
		}

		unknown := false // the token before is unknown
		var put func(s string)
		put = func(s string) {
			id, ok := pieces[s]
			switch parts, apart := unmerge[s]; {
			case ok && m.TypeOf(id) == vocab.Unused && apart:
				put(parts[0])
				put(parts[1])
			case ok && m.TypeOf(id) != vocab.Unused:
				ids = append(ids, id)
				unknown = false
			default:
				if spelled, ok := spell(m, s); ok {
					ids = append(ids, spelled...)
				} else if m.Unknown != vocab.NoID && !(unknown && m.FuseUnknown) {
					ids = append(ids, m.Unknown)
				}
				unknown = true
			}
		}
		for i := range frozen {
			put(piece[cuts[i]:cuts[i+1]])
		}
		return ids
	}
}
