package bybook

import "github.com/babelmeter/babelmeter/tokenizers/vocab"

// wordPiece is the rule of HF tokenizers 0.23 (models/wordpiece/mod.rs
// tokenize). A word of too many code points is the unknown token. Otherwise
// the longest token that the word begins with, whole code points of it, is
// taken; then the longest of the rest, with the continuing prefix before it;
// and so on. If at some place none is found the whole word is unknown.
func wordPiece(m *vocab.Model) func(string) []vocab.ID {
	ids := m.Tokens.Index()
	return func(piece string) (out []vocab.ID) {
		chars := characters(piece)
		if m.MaxWordChars > 0 && len(chars) > m.MaxWordChars {
			return []vocab.ID{m.Unknown}
		}
		for prefix := ""; len(chars) > 0; prefix = m.ContinuingPrefix {
			n := len(chars)
			var id vocab.ID
			for ; n > 0; n-- {
				s := prefix
				for _, c := range chars[:n] {
					s += c
				}
				var ok bool
				if id, ok = ids[s]; ok {
					break
				}
			}
			if n == 0 {
				return []vocab.ID{m.Unknown}
			}
			out = append(out, id)
			chars = chars[n:]
		}
		return out
	}
}
