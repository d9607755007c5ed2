package results_test

import (
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/results"
)

// A run that goes on skips what the file has and writes the rest; together
// they are the whole run, from wherever it was interrupted.
func TestResumeFromAnyItem(t *testing.T) {
	items := sample()
	whole := write(t, items...)
	for done := 1; done <= len(items); done++ {
		file := write(t, items[:done]...)
		set, err := results.ReadSet(strings.NewReader(file), "f.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		written := 0
		for _, it := range sample() {
			has, err := set.Has(it)
			if err != nil {
				t.Fatal(err)
			}
			if !has {
				written++
				file += write(t, it)
			}
		}
		if file != whole || written != len(items)-done {
			t.Errorf("interrupted after %d items: %d written, the file is the whole run: %v", done, written, file == whole)
		}
	}
}

// What would make records that do not belong together is refused.
func TestHasRefusesAnotherPlan(t *testing.T) {
	set, err := results.Collect(seq(sample()...))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		change func(r *results.Run)
		want   string // "" if the run may go on
	}{
		{"same", func(r *results.Run) {}, ""},
		{"another day, command and machine", func(r *results.Run) {
			r.Started, r.Command, r.Host.CPUs = r.Started.AddDate(0, 0, 1), append(r.Command, "--resume"), 64
		}, ""},
		{"base", func(r *results.Run) { r.Base = "ja" }, "results: the file was measured with base en and seed 18446744073709551615, this run has ja and 18446744073709551615"},
		{"seed", func(r *results.Run) { r.Seed = 2 }, "results: the file was measured with base en and seed 18446744073709551615, this run has en and 2"},
		{"corpus digest", func(r *results.Run) { r.Corpora[0].Digest = "sha256:99" }, "results: the file was measured on another corpus, or other languages or domains of it"},
		{"corpus name", func(r *results.Run) { r.Corpora[0].Name = "x" }, "results: the file was measured on another corpus, or other languages or domains of it"},
		{"a corpus more", func(r *results.Run) { r.Corpora = append(r.Corpora, r.Corpora[0]) }, "results: the file was measured on another corpus, or other languages or domains of it"},
		{"vocabulary", func(r *results.Run) { r.Vocabs[1].Name = "x" }, "results: the file was measured with other vocabularies or engines"},
		{"vocabulary's file", func(r *results.Run) { r.Vocabs[0].Digest = "sha256:99" }, "results: the file was measured with other vocabularies or engines"},
		{"engine", func(r *results.Run) { r.Vocabs[0].Engine = "x" }, "results: the file was measured with other vocabularies or engines"},
		{"engine's version", func(r *results.Run) { r.Vocabs[0].Version = "2" }, "results: the file was measured with other vocabularies or engines"},
		{"a vocabulary less", func(r *results.Run) { r.Vocabs = r.Vocabs[:1] }, "results: the file was measured with other vocabularies or engines"},
		{"order of vocabularies", func(r *results.Run) { r.Vocabs[0], r.Vocabs[1] = r.Vocabs[1], r.Vocabs[0] }, "results: the file was measured with other vocabularies or engines"},
	} {
		it := sample()[0]
		c.change(it.Run)
		has, err := set.Has(it)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want || has != (c.want == "") {
			t.Errorf("%s: has %v, error %q, want error %q", c.name, has, got, c.want)
		}
	}
}

func TestHasTellsItemsApart(t *testing.T) {
	set, err := results.Collect(seq(sample()...))
	if err != nil {
		t.Fatal(err)
	}
	texts := func(change func(x *results.Texts)) results.Item { it := sample()[1]; change(it.Texts); return it }
	record := func(change func(x *results.Record)) results.Item { it := sample()[3]; change(it.Record); return it }
	for name, it := range map[string]results.Item{
		"texts of another corpus":  texts(func(x *results.Texts) { x.Corpus = "x" }),
		"texts of another domain":  texts(func(x *results.Texts) { x.Domain = "x" }),
		"texts of another lang":    texts(func(x *results.Texts) { x.Lang = "ko" }),
		"record of another corpus": record(func(x *results.Record) { x.Corpus = "x" }),
		"record of another domain": record(func(x *results.Record) { x.Domain = "x" }),
		"record of another lang":   record(func(x *results.Record) { x.Lang = "ko" }),
		"record of another vocab":  record(func(x *results.Record) { x.Vocab = "x" }),
		"record of another engine": record(func(x *results.Record) { x.Engine = "x" }),
		"nothing":                  {},
	} {
		if has, err := set.Has(it); has || err != nil {
			t.Errorf("%s: has %v, %v; want false", name, has, err)
		}
	}
}
