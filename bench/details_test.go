package bench_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/bench"
	"github.com/babelmeter/babelmeter/results"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// teller is the engine of this test, a token for each byte, that also tells
// what its tokens are: 'o' is one that it cannot spell.
type teller struct{ *engine }

func (e teller) Open(fsys fs.FS, spec *tokenizers.Spec) (tokenizers.Encoder, error) {
	enc, err := e.engine.Open(fsys, spec)
	if err != nil {
		return nil, err
	}
	return tellingEncoder{enc.(encoder)}, nil
}

type tellingEncoder struct{ encoder }

func (tellingEncoder) TokenBytes(id tokenizers.ID) ([]byte, error) { return []byte{byte(id)}, nil }
func (tellingEncoder) Size() int                                   { return 255 }
func (tellingEncoder) Unknown() (tokenizers.ID, bool)              { return 'o', true }

func detailed(t testing.TB, e bench.Entry) *results.Set {
	t.Helper()
	p := plan(t, e)
	p.Details = true
	return run(t, p)
}

// Texts of small: "one", "two words" and "é!" in English; "一", "二語" and "え！".
func TestDetails(t *testing.T) {
	e := entry("v", &engine{})
	e.Engine = teller{&engine{name: "test"}}
	set := detailed(t, e)
	var got []results.Record
	for _, r := range set.Records {
		got = append(got, results.Record{Domain: r.Domain, Lang: r.Lang, Tokens: r.Tokens, Split: r.Split, Unknown: r.Unknown})
	}
	want := []results.Record{
		{Domain: "x", Lang: "en", Tokens: []uint32{3, 9}, Split: []uint32{0, 0}, Unknown: []uint32{1, 2}},
		{Domain: "y", Lang: "en", Tokens: []uint32{4}, Split: []uint32{2}, Unknown: []uint32{0}}, // the accent is two bytes
		{Domain: "x", Lang: "ja", Tokens: []uint32{3, 6}, Split: []uint32{3, 6}, Unknown: []uint32{0, 0}},
		{Domain: "y", Lang: "ja", Tokens: []uint32{6}, Split: []uint32{6}, Unknown: []uint32{0}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// one, two words, e◌́!: o 3 times; e, w twice; n t ' ' r d s, two bytes of
	// the accent and ! once. In the order of the corpus, "one", "é!", "two
	// words": 3 + 4 + 9 bytes and a blank behind each. No word is one byte but
	// é is three: one, two, words and é are none.
	w := results.Whole{Corpus: "small", Lang: "en", Vocab: "v", Engine: "test", Joined: 19, Size: 255,
		Spectrum: [][2]uint64{{1, 9}, {2, 2}, {3, 1}}, Words: 4, Single: 0}
	if diff := cmp.Diff(w, set.Wholes[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(set.Wholes) != 2 || set.Wholes[1].Lang != "ja" {
		t.Errorf("wholes %+v", set.Wholes)
	}
}

// A word is kept if it is one token, alone or with the blank before it.
func TestSingleTokenWords(t *testing.T) {
	words := map[string]int{"one": 1, "two": 3, " words": 1, "words": 5, "e\u0301": 2}
	e := entry("v", &engine{count: func(text string, n int) (int, error) {
		if k, ok := words[text]; ok && text != "one" {
			return k, nil
		}
		return n, nil
	}})
	set := detailed(t, e)
	// "one" is three tokens here, as the segment is; " words" is one.
	if w := set.Wholes[0]; w.Words != 4 || w.Single != 1 {
		t.Errorf("%d of %d words, want 1 of 4", w.Single, w.Words)
	}
	// An engine that does not tell leaves it out.
	if r := set.Records[0]; r.Split != nil || r.Unknown != nil || set.Wholes[0].Size != 0 {
		t.Errorf("%+v of an engine that does not tell", r)
	}
}

func TestDetailsThatFail(t *testing.T) {
	// Two counts of the same text that differ are a failure, not a figure.
	e := entry("v", &engine{ids: func(text string, ids []tokenizers.ID) ([]tokenizers.ID, error) {
		if text == "二語" {
			return ids[:2], nil
		}
		return ids, nil
	}})
	set := detailed(t, e)
	const want = "segment 2: Count is 6 but AppendEncode gives 2 ids"
	i := slices.IndexFunc(set.Records, func(r results.Record) bool { return r.Err != "" })
	if i < 0 || set.Records[i].Err != want || set.Records[i].Tokens != nil || set.Records[i].Domain != "x" || set.Records[i].Lang != "ja" {
		t.Errorf("records %+v", set.Records)
	}
	if set.Wholes[0].Err != "" || set.Wholes[1].Err != want || set.Wholes[1].Joined != 0 {
		t.Errorf("wholes %+v", set.Wholes)
	}
	// The joined text alone fails.
	e = entry("v", &engine{count: func(text string, n int) (int, error) {
		if strings.HasSuffix(text, "two words ") {
			return 0, errors.New("too long")
		}
		return n, nil
	}})
	set = detailed(t, e)
	if w := set.Wholes[0]; w.Err != "all segments joined: too long" || set.Records[0].Err != "" {
		t.Errorf("whole %+v", w)
	}
}
