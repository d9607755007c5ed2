package bench_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/engines/tiktokengo"
)

// The benchmarks are named key=value, so that benchstat can lay them out:
//
//	go test -run '^$' -bench . -count 10 ./bench > new.txt
//	benchstat -col /engine -row /lang new.txt
//	benchstat -col /lang -row /vocab -filter '.name:Count .unit:tokens/op /engine:native' new.txt
//
// One operation is the text of one language of the built-in corpus, segment by
// segment. The languages hold the same content, so that sec/op compares them,
// and MB/s does not.

var (
	benchmarkVocabs  = []string{"o200k_base", "cl100k_base"}
	benchmarkEngines = []tokenizers.Engine{tokenizers.Native{}, tiktokengo.Engine{}}
)

// TestMain heads the results of benchmarks with what benchstat must know: a
// count that moves at all is a change of the tokenizer or of the corpus, not
// noise.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.bench"); f != nil && f.Value.String() != "" {
		c, err := corpora.Builtin()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf("corpus: %s %s\ncorpus-digest: %s\n", c.Name, c.Version, c.Digest())
		fmt.Println("Unit tokens/op assume=exact better=lower")
		fmt.Println("Unit chars/token assume=exact better=higher")
		fmt.Println("Unit tokens/s better=higher")
	}
	os.Exit(m.Run())
}

// benchmarkText is one language of the corpus.
type benchmarkText struct {
	lang         corpora.Lang
	segments     []string
	bytes, chars int
}

func benchmarkTexts(b *testing.B) []benchmarkText {
	b.Helper()
	c, err := corpora.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	var texts []benchmarkText
	for _, l := range c.Langs() {
		t := benchmarkText{lang: l}
		for s, err := range c.Segments(l) {
			if err != nil {
				b.Fatal(err)
			}
			t.segments = append(t.segments, s.Text)
			t.bytes += len(s.Text)
			t.chars += utf8.RuneCountInString(s.Text)
		}
		texts = append(texts, t)
	}
	return texts
}

// benchmark runs f, which encodes or counts a segment, on each vocabulary,
// engine and language. Every operation's number of tokens must be that of the
// native engine, which the tests hold to the reference.
func benchmark(b *testing.B, f func(enc tokenizers.Encoder) func(text string) (int, error)) {
	texts := benchmarkTexts(b)
	cat, err := tokenizers.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	open := func(b *testing.B, e tokenizers.Engine, vocab string) tokenizers.Encoder {
		b.Helper()
		spec, err := cat.Lookup(vocab)
		if err != nil {
			b.Fatal(err)
		}
		enc, err := e.Open(tiktokengo.Files(), spec)
		if err != nil {
			b.Fatal(err)
		}
		return enc
	}
	for _, vocab := range benchmarkVocabs {
		b.Run("vocab="+vocab, func(b *testing.B) {
			want := make(map[corpora.Lang]int)
			native := open(b, tokenizers.Native{}, vocab)
			for _, t := range texts {
				for _, s := range t.segments {
					n, err := native.Count(s)
					if err != nil {
						b.Fatal(err)
					}
					want[t.lang] += n
				}
			}
			for _, e := range benchmarkEngines {
				b.Run("engine="+e.Name(), func(b *testing.B) {
					enc := open(b, e, vocab)
					for _, t := range texts {
						b.Run("lang="+string(t.lang), func(b *testing.B) {
							tokens := f(enc)
							b.SetBytes(int64(t.bytes))
							b.ReportAllocs()
							for b.Loop() {
								sum := 0
								for _, s := range t.segments {
									n, err := tokens(s)
									if err != nil {
										b.Fatal(err)
									}
									sum += n
								}
								if sum != want[t.lang] {
									b.Fatalf("%d tokens, want %d", sum, want[t.lang])
								}
							}
							n := float64(want[t.lang])
							b.ReportMetric(n, "tokens/op")
							b.ReportMetric(float64(t.chars)/n, "chars/token")
							b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
						})
					}
				})
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	benchmark(b, func(enc tokenizers.Encoder) func(string) (int, error) {
		var ids []tokenizers.ID
		return func(text string) (int, error) {
			var err error
			ids, err = enc.AppendEncode(ids[:0], text)
			return len(ids), err
		}
	})
}

func BenchmarkCount(b *testing.B) {
	benchmark(b, func(enc tokenizers.Encoder) func(string) (int, error) { return enc.Count })
}
