package results

import (
	"cmp"
	"fmt"
	"slices"
)

// Has reports whether the set holds an item of a run that goes on with it. A
// run of another plan (other corpus, vocabulary, engine or base) is an error:
// its records would not belong together.
func (s *Set) Has(it Item) (bool, error) {
	switch {
	case it.Run != nil:
		a, b := s.Run, *it.Run
		if a.Base != b.Base || a.Seed != b.Seed {
			return false, fmt.Errorf("results: the file was measured with base %s and seed %d, this run has %s and %d", a.Base, a.Seed, b.Base, b.Seed)
		}
		if a.Normalize != b.Normalize {
			return false, fmt.Errorf("results: the file was measured with --normalize %s, this run has %s", cmp.Or(a.Normalize, "none"), cmp.Or(b.Normalize, "none"))
		}
		if !slices.EqualFunc(a.Corpora, b.Corpora, func(x, y Corpus) bool { return x.Name == y.Name && x.Digest == y.Digest }) {
			return false, fmt.Errorf("results: the file was measured on another corpus, or other languages or domains of it")
		}
		if !slices.EqualFunc(a.Vocabs, b.Vocabs, func(x, y Vocab) bool {
			return x.Name == y.Name && x.Engine == y.Engine && x.Version == y.Version && x.Digest == y.Digest
		}) {
			return false, fmt.Errorf("results: the file was measured with other vocabularies or engines")
		}
		return true, nil
	case it.Texts != nil:
		return slices.ContainsFunc(s.Texts, func(t Texts) bool {
			return t.Corpus == it.Texts.Corpus && t.Domain == it.Texts.Domain && t.Lang == it.Texts.Lang
		}), nil
	case it.Record != nil:
		r := it.Record
		return slices.ContainsFunc(s.Records, func(x Record) bool {
			return x.Corpus == r.Corpus && x.Domain == r.Domain && x.Lang == r.Lang && x.Vocab == r.Vocab && x.Engine == r.Engine
		}), nil
	case it.Whole != nil:
		w := it.Whole
		return slices.ContainsFunc(s.Wholes, func(x Whole) bool {
			return x.Corpus == w.Corpus && x.Lang == w.Lang && x.Vocab == w.Vocab && x.Engine == w.Engine
		}), nil
	}
	return false, nil
}
