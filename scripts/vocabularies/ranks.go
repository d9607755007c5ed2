package main

import (
	"reflect"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// toList turns a model that merges by rank into one that merges by list, with
// one pair a token, if that gives the same ids for every text. Otherwise it
// leaves the model and returns the number of tokens that stand against it.
//
// It does if the bytes of every token, merged with lower ranks only, end as
// exactly two symbols. Take a text that merges by rank, at the moment when a
// token T is made. Within T's bytes the merges so far were of lower rank than T
// and in the order in which they happen in T alone, since a merge looks at its
// own bytes only; T being the lowest rank left, none of them is still to come.
// So the two symbols that become T are those two. By induction no other pair is
// ever used, and the list of these pairs by rank makes the same choices.
func toList(m *vocab.Model) (ok bool, exceptions int) {
	index := m.Tokens.Index()
	var merges []vocab.Merge
	var symbols []vocab.ID
	for id := range vocab.ID(m.Tokens.Len()) {
		t := m.Tokens.At(id)
		if len(t) < 2 {
			continue
		}
		if index[string(t)] != id {
			exceptions++
			continue
		}
		symbols = mergeBelow(index, t, id, symbols[:0])
		if len(symbols) != 2 {
			exceptions++
			continue
		}
		merges = append(merges, vocab.Merge{Left: symbols[0], Right: symbols[1], Into: id})
	}
	if exceptions > 0 {
		return false, exceptions
	}
	m.MergeBy, m.Merges, m.IgnoreMerges = vocab.ByList, merges, true
	return true, 0
}

// mergeBelow merges the bytes of t with ranks below limit: of two neighbours
// that join to a token the pair whose token has the lowest rank, the leftmost of
// equals, until there is none.
func mergeBelow(index map[string]vocab.ID, t []byte, limit vocab.ID, symbols []vocab.ID) []vocab.ID {
	ends := make([]int, len(t))
	for i := range t {
		ends[i] = i + 1
	}
	start := func(i int) int {
		if i == 0 {
			return 0
		}
		return ends[i-1]
	}
	for len(ends) > 1 {
		best, at := limit, -1
		for i := range len(ends) - 1 {
			if id, ok := index[string(t[start(i):ends[i+1]])]; ok && id < best {
				best, at = id, i
			}
		}
		if at < 0 {
			break
		}
		ends = append(ends[:at], ends[at+1:]...)
	}
	for i, e := range ends {
		symbols = append(symbols, index[string(t[start(i):e])])
	}
	return symbols
}

// equal compares definitions or models, nil and empty slices apart.
func equal[T any](x, y *T) bool { return reflect.DeepEqual(x, y) }
