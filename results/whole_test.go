package results_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/results"
)

func TestWhole(t *testing.T) {
	const whole = `{"whole":{"corpus":"c","lang":"en","vocab":"v","engine":"e","joined":3,"vocab_size":9,"spectrum":[[1,1],[2,1]],"words":2,"single_token_words":1}}`
	set, err := results.ReadSet(strings.NewReader(runLine+"\n"+textsLine+"\n"+recordLine+"\n"+whole+"\n"), "f.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want := results.Whole{Corpus: "c", Lang: "en", Vocab: "v", Engine: "e", Joined: 3, Size: 9, Spectrum: [][2]uint64{{1, 1}, {2, 1}}, Words: 2, Single: 1}
	if len(set.Wholes) != 1 || !slices.Equal(set.Wholes[0].Spectrum, want.Spectrum) || set.Wholes[0].Joined != 3 || set.Wholes[0].Single != 1 {
		t.Errorf("got %+v, want %+v", set.Wholes, want)
	}
	other := want
	other.Lang = "ja"
	for w, has := range map[*results.Whole]bool{&want: true, &other: false} {
		if got, err := set.Has(results.Item{Whole: w}); got != has || err != nil {
			t.Errorf("Has(%+v) = %v, %v, want %v", w, got, err, has)
		}
	}
	for lines, want := range map[string]string{
		textsLine + "\n" + whole + "\n" + whole: "f.jsonl:4: whole v/e/c/en twice",
		whole:                                   "f.jsonl:2: whole of c/en, but its texts do not stand before it",
	} {
		if _, err := results.ReadSet(strings.NewReader(runLine+"\n"+lines+"\n"), "f.jsonl"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	normal := set.Run
	normal.Normalize = "nfc"
	if _, err := set.Has(results.Item{Run: &normal}); err == nil || err.Error() != "results: the file was measured with --normalize none, this run has nfc" {
		t.Errorf("another normal form: %v", err)
	}
}
