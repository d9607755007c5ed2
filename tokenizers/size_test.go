package tokenizers_test

import (
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

func TestSize(t *testing.T) {
	def := &vocab.Definition{Name: "small", Model: vocab.Model{
		Kind: vocab.Unigram, Unknown: 0,
		Types:  []vocab.Type{vocab.Unknown, vocab.Control, vocab.Normal, vocab.Normal, vocab.Byte, vocab.Unused, vocab.Normal},
		Scores: make([]float32, 7),
	}, Added: []vocab.AddedToken{{ID: 1, Text: "<s>", Special: true}, {ID: 6, Text: "<end>", Special: true}, {ID: 9, Text: "\t\t"}}}
	for _, s := range []string{"<unk>", "<s>", "a", "b", "<0x41>", "c", "<end>"} {
		def.Model.Tokens.Append(s)
	}
	tok, err := tokenizers.New(def)
	if err != nil {
		t.Fatal(err)
	}
	if n := tok.Size(); n != 4 { // a, b, the byte, the added token
		t.Errorf("%d tokens, want 4", n)
	}
	if id, ok := tok.Unknown(); id != 0 || !ok {
		t.Errorf("unknown %d, %v", id, ok)
	}
}

// The sizes that the publishers give.
func TestSizeOfBuiltin(t *testing.T) {
	for name, want := range map[string]int{"o200k_base": 199998, "cl100k_base": 100256, "r50k_base": 50256} {
		def, err := builtin.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		tok, err := tokenizers.New(def)
		if err != nil {
			t.Fatal(err)
		}
		if n := tok.Size(); n != want {
			t.Errorf("%s: %d tokens, want %d", name, n, want)
		}
		if _, ok := tok.Unknown(); ok {
			t.Errorf("%s has an unknown token", name)
		}
	}
}
