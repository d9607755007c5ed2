package bench_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/babelmeter/babelmeter/corpora"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
	"github.com/babelmeter/babelmeter/tokenizers/engines/tiktokengo"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// The benchmarks are named key=value, so that benchstat can lay them out:
//
//	go test -run '^$' -bench . -count 10 ./bench > new.txt
//	benchstat -col /engine -row /lang,/regime new.txt
//	benchstat -col /lang -row /vocab -filter '.name:Count .unit:tokens/op /engine:native' new.txt
//
// Three regimes, which say different things of an engine and are never mixed:
//
//	cold   the first text after opening
//	fresh  warmed on the first 60 % of the text, timed once on the rest
//	hot    the same text again and again
//
// One operation is the timed text of one language, segment by segment. The
// languages of the built-in corpus hold the same content, so that sec/op compares
// them, and MB/s does not. BABELMETER_BENCH_TEXTS names a folder of other text,
// LANG.txt, one segment a line: what is fresh should be megabytes.

var (
	benchmarkVocabs  = []string{"o200k_base", "cl100k_base", "qwen3", "mistral_v3", "llm_jp_v3"}
	benchmarkEngines = []tokenizers.Engine{tokenizers.Native{}, tiktokengo.Engine{}}
	tiktokengoVocabs = []string{"o200k_base", "cl100k_base"}
)

// files are the built-in tables, and the rank files for tiktoken-go.
type files struct{ fs.FS }

func (files) Definition(name string) (*vocab.Definition, error) { return builtin.Open(name) }

// rounds is how often what is cold or fresh is timed, on an engine opened anew:
// the median is reported.
const rounds = 5

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
	lang     string
	segments []string
}

// size returns the bytes and code points of segments.
func size(segments []string) (bytes, chars int) {
	for _, s := range segments {
		bytes += len(s)
		chars += utf8.RuneCountInString(s)
	}
	return bytes, chars
}

func benchmarkTexts(b *testing.B) []benchmarkText {
	b.Helper()
	if dir := os.Getenv("BABELMETER_BENCH_TEXTS"); dir != "" {
		files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
		if err != nil || len(files) == 0 {
			b.Fatalf("BABELMETER_BENCH_TEXTS=%s: no LANG.txt (%v)", dir, err)
		}
		var texts []benchmarkText
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				b.Fatal(err)
			}
			t := benchmarkText{lang: strings.TrimSuffix(filepath.Base(f), ".txt")}
			for line := range strings.Lines(string(data)) {
				if strings.TrimSpace(line) != "" {
					t.segments = append(t.segments, line)
				}
			}
			texts = append(texts, t)
		}
		return texts
	}
	c, err := corpora.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	var texts []benchmarkText
	for _, l := range c.Langs() {
		t := benchmarkText{lang: string(l)}
		for s, err := range c.Segments(l) {
			if err != nil {
				b.Fatal(err)
			}
			t.segments = append(t.segments, s.Text)
		}
		texts = append(texts, t)
	}
	return texts
}

// A method makes of an encoder what is timed: the number of tokens of a segment.
type method func(enc tokenizers.Encoder) func(segment string) (int, error)

// benchmark times a method on each vocabulary, engine, language and regime.
// Every operation's number of tokens must be that of the native engine, which
// the tests hold to the reference.
func benchmark(b *testing.B, m method) {
	texts := benchmarkTexts(b)
	cat, err := tokenizers.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	for _, vocab := range benchmarkVocabs {
		spec, err := cat.Lookup(vocab)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("vocab="+vocab, func(b *testing.B) {
			native, err := tokenizers.Native{}.Open(files{tiktokengo.Files()}, spec)
			if err != nil {
				b.Fatal(err)
			}
			for _, e := range benchmarkEngines {
				if e.Name() == (tiktokengo.Engine{}).Name() && !slices.Contains(tiktokengoVocabs, vocab) {
					continue
				}
				open := func(b *testing.B) func(string) (int, error) {
					b.Helper()
					enc, err := e.Open(files{tiktokengo.Files()}, spec)
					if err != nil {
						b.Fatal(err)
					}
					return m(enc)
				}
				b.Run("engine="+e.Name(), func(b *testing.B) {
					for _, t := range texts {
						b.Run("lang="+t.lang, func(b *testing.B) { regimes(b, t.segments, native, open) })
					}
				})
			}
		})
	}
}

// regimes times a method on the segments of one language.
func regimes(b *testing.B, segments []string, native tokenizers.Encoder, open func(*testing.B) func(string) (int, error)) {
	sum := func(b *testing.B, tokens func(string) (int, error), segments []string) int {
		b.Helper()
		sum := 0
		for _, s := range segments {
			n, err := tokens(s)
			if err != nil {
				b.Fatal(err)
			}
			sum += n
		}
		return sum
	}
	report := func(b *testing.B, segments []string, tokens int, seconds float64) {
		bytes, chars := size(segments)
		b.ReportMetric(seconds*1e9, "ns/op")
		b.ReportMetric(float64(bytes)/seconds/1e6, "MB/s")
		b.ReportMetric(float64(tokens), "tokens/op")
		b.ReportMetric(float64(chars)/float64(tokens), "chars/token")
		b.ReportMetric(float64(tokens)/seconds, "tokens/s")
	}
	cut := len(segments) * 6 / 10
	for _, r := range []struct {
		name        string
		warm, timed []string
	}{{"cold", nil, segments}, {"fresh", segments[:cut], segments[cut:]}} {
		b.Run("regime="+r.name, func(b *testing.B) {
			want := sum(b, native.Count, r.timed)
			var times []float64
			for len(times) < rounds {
				tokens := open(b)
				sum(b, tokens, r.warm)
				start := time.Now()
				got := sum(b, tokens, r.timed)
				times = append(times, time.Since(start).Seconds())
				if got != want {
					b.Fatalf("%d tokens, want %d", got, want)
				}
			}
			slices.Sort(times)
			report(b, r.timed, want, times[rounds/2]) // in place of b.N, which would open thousands
		})
	}
	b.Run("regime=hot", func(b *testing.B) {
		want := sum(b, native.Count, segments)
		tokens := open(b)
		b.ReportAllocs()
		for b.Loop() {
			if got := sum(b, tokens, segments); got != want {
				b.Fatalf("%d tokens, want %d", got, want)
			}
		}
		report(b, segments, want, b.Elapsed().Seconds()/float64(b.N))
	})
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
