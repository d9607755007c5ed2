package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers/model"
	"github.com/babelmeter/babelmeter/tokenizers/model/bybook"
)

// TestReferences holds the models to the ids that tiktoken, SentencePiece and
// HF tokenizers give with small random vocabularies.
func TestReferences(t *testing.T) {
	refs, err := bybook.References()
	if err != nil {
		t.Fatal(err)
	}
	texts, wrong := make(map[string]int), make(map[string]int)
	for _, r := range refs {
		kind := r.Def.Name[:strings.LastIndexByte(r.Def.Name, '_')]
		m, err := model.New(r.Def)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Cases {
			texts[kind]++
			if got := m.AppendEncode(nil, c.Text); !slices.Equal(got, c.IDs) || m.Count(c.Text) != len(c.IDs) {
				if wrong[kind]++; wrong[kind] <= 2 {
					t.Errorf("%s: %q\n got %v, counted %d\nwant %v", r.Def.Name, c.Text, got, m.Count(c.Text), c.IDs)
				}
			}
		}
	}
	for kind, n := range wrong {
		t.Errorf("%s: %d of %d texts differ from the reference", kind, n, texts[kind])
	}
}
