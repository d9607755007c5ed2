package bybook_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/tokenizers/model/bybook"
)

// TestReferences holds the by-the-book models to the real references.
func TestReferences(t *testing.T) {
	refs, err := bybook.References()
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]int) // by kind
	wrong := make(map[string]int)
	for _, r := range refs {
		kind := r.Def.Name[:strings.LastIndexByte(r.Def.Name, '_')]
		b, err := bybook.New(r.Def)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Cases {
			texts[kind]++
			if got := b.Encode(c.Text); !slices.Equal(got, c.IDs) {
				if wrong[kind]++; wrong[kind] <= 3 {
					t.Errorf("%s: %q\n got %v\nwant %v", r.Def.Name, c.Text, got, c.IDs)
				}
			}
		}
	}
	for _, kind := range []string{"hf_bpe", "hf_byte_level", "ranks", "sp_bpe", "sp_unigram", "hf_unigram", "hf_wordpiece"} {
		if texts[kind] < 300 {
			t.Errorf("%s: only %d texts", kind, texts[kind])
		}
		if wrong[kind] > 0 {
			t.Errorf("%s: %d of %d texts differ from the reference", kind, wrong[kind], texts[kind])
		}
	}
}
