package files

import "testing"

func TestCorpusName(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"d/My Corpus.tsv.gz", "my_corpus"}, {"ja=d/train.ja", "train.ja"}, {"../ntrex128/", "ntrex128"}, {"日本.tmx", "corpus"}, {".", "corpus"},
	} {
		if got := corpusName(c.path); got != c.want {
			t.Errorf("corpusName(%q) = %q, want %q", c.path, got, c.want)
		}
	}
}
