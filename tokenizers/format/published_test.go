package format

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// published finds a published file below the folders that BABELMETER_VOCABS
// and BABELMETER_MIRROR name (the second is ../shared/mirror beside the
// repository if it is not set), both laid out as <vocabulary>/<file>.
func published(t testing.TB, path string) (dir string) {
	t.Helper()
	mirror := os.Getenv("BABELMETER_MIRROR")
	if mirror == "" {
		mirror = filepath.Join(root(t), "../shared/mirror")
	}
	for _, dir := range []string{os.Getenv("BABELMETER_VOCABS"), mirror} {
		if dir != "" {
			if _, err := os.Stat(filepath.Join(dir, path)); err == nil {
				return dir
			}
		}
	}
	t.Skipf("no %s in BABELMETER_VOCABS or BABELMETER_MIRROR", path)
	return ""
}

// root is the folder of go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above")
		}
	}
}

func open(t testing.TB, path string) *vocab.Definition {
	t.Helper()
	dir := published(t, path)
	name := filepath.Dir(path)
	if name == "." {
		name = path
	}
	def, err := Open(os.DirFS(dir), path, name)
	if err != nil {
		t.Fatal(err)
	}
	return def
}

// added counts the added tokens, those that are not special, and those whose
// id is one of the model's.
func added(def *vocab.Definition) (all, plain, inside int) {
	for _, a := range def.Added {
		if !a.Special {
			plain++
		}
		if int(a.ID) < def.Model.Tokens.Len() {
			inside++
		}
	}
	return len(def.Added), plain, inside
}

// types counts the tokens of a type.
func types(def *vocab.Definition, typ vocab.Type) (n int) {
	for _, t := range def.Model.Types {
		if t == typ {
			n++
		}
	}
	return n
}

func TestPublished(t *testing.T) {
	nfc := []vocab.Normalizer{{Op: vocab.NFC}}
	spaces := []vocab.Normalizer{{Op: vocab.Replace, Pattern: " ", Content: "▁"}}
	bert := []vocab.Normalizer{{Op: vocab.Bert, CleanText: true, ChineseChars: true, StripAccents: true, Lowercase: true}}
	sp := func(prefix, spaces bool) []vocab.Normalizer {
		return []vocab.Normalizer{{Op: vocab.SentencePiece, DummyPrefix: prefix, RemoveExtraSpaces: spaces, EscapeSpaces: true}}
	}
	for _, c := range []struct {
		path                  string
		format                string
		kind                  vocab.Kind
		tokens, holes, merges int
		added, plain, inside  int
		normalizers           []vocab.Normalizer // without a charsmap
		charsmap              int
		splitters             []vocab.Splitter
		control, user         int
		byteFallback, ignore  bool
		highest               vocab.ID // of all, added ones included
	}{
		// Rank files.
		{path: "o200k_base", format: "tiktoken", kind: vocab.BPE, tokens: 199998, splitters: rust(patternO200K), ignore: true, highest: 199997},
		{path: "cl100k_base", format: "tiktoken", kind: vocab.BPE, tokens: 100256, splitters: rust(patternCL100K), ignore: true, highest: 100255},
		{path: "p50k_base", format: "tiktoken", kind: vocab.BPE, tokens: 50281, holes: 1, splitters: rust(patternR50K), ignore: true, highest: 50280},
		{path: "r50k_base", format: "tiktoken", kind: vocab.BPE, tokens: 50256, splitters: rust(patternR50K), ignore: true, highest: 50255},
		{path: "llama3/tokenizer.model", format: "tiktoken", kind: vocab.BPE, tokens: 128000, splitters: rust(patternLlama3), ignore: true, highest: 127999},
		{path: "glm4", format: "tiktoken", kind: vocab.BPE, tokens: 151329, splitters: rust(patternLlama3), ignore: true, highest: 151328},
		{path: "kimi_k2", format: "tiktoken", kind: vocab.BPE, tokens: 163584, splitters: rust(patternKimi), ignore: true, highest: 163583},
		{path: "claude2", format: "tiktoken", kind: vocab.BPE, tokens: 65000, holes: 5, added: 5, inside: 5, normalizers: []vocab.Normalizer{{Op: vocab.NFKC, Unicode: "17.0.0"}}, splitters: rust(patternGPT2), ignore: true, highest: 64999},
		// tekken.json.
		{path: "mistral_tekken_240718", format: "tekken", kind: vocab.BPE, tokens: 131072, holes: 1000, added: 1000, inside: 1000, splitters: rust(patternTekken), ignore: true, highest: 131071},
		{path: "mistral_tekken_240911", format: "tekken", kind: vocab.BPE, tokens: 131072, holes: 1000, added: 1000, inside: 1000, splitters: rust(patternTekken), ignore: true, highest: 131071},
		// tokenizer.json.
		{path: "qwen3", format: "huggingface", kind: vocab.BPE, tokens: 151643, merges: 151387, added: 26, plain: 12, normalizers: nfc, splitters: onig(patternQwen), highest: 151668},
		{path: "deepseek_v3", format: "huggingface", kind: vocab.BPE, tokens: 128000, holes: 3, merges: 127741, added: 818, plain: 14, inside: 3, splitters: onig(patternDigits3, patternDeepSeekCJK, patternDeepSeekText), highest: 128814},
		{path: "deepseek_v4", format: "huggingface", kind: vocab.BPE, tokens: 128000, holes: 3, merges: 127741, added: 1283, plain: 53, inside: 3, splitters: onig(patternDigits3, patternDeepSeekCJK, patternDeepSeekText), highest: 129279},
		{path: "gptoss", format: "huggingface", kind: vocab.BPE, tokens: 199998, merges: 446189, added: 21, splitters: onig(patternO200K), ignore: true, highest: 200018},
		{path: "llama3_hf", format: "huggingface", kind: vocab.BPE, tokens: 128000, merges: 280147, added: 256, splitters: onig(patternLlama3), ignore: true, highest: 128255},
		{path: "mistral_nemo", format: "huggingface", kind: vocab.BPE, tokens: 131072, merges: 269443, added: 1000, inside: 1000, splitters: onig(patternTekken), ignore: true, highest: 131071},
		// 1,403 tokens are emoji that are not spelled in the byte alphabet.
		{path: "command_r_plus", format: "huggingface", kind: vocab.BPE, tokens: 255000, holes: 1403, merges: 253333, added: 37, plain: 29, inside: 8, normalizers: nfc, splitters: digitsGPT2(), highest: 255028},
		{path: "cohere_75k", format: "huggingface", kind: vocab.BPE, tokens: 75500, holes: 1410, merges: 73826, added: 8, inside: 8, normalizers: nfc, splitters: onig(patternGPT2), highest: 75499},
		{path: "yi", format: "huggingface", kind: vocab.BPE, tokens: 64000, merges: 110029, added: 3, inside: 3, normalizers: spaces, byteFallback: true, highest: 63999},
		{path: "gemma3", format: "huggingface", kind: vocab.BPE, tokens: 262144, merges: 514906, added: 6415, plain: 6406, inside: 6414, normalizers: spaces, splitters: []vocab.Splitter{{Op: vocab.SplitLiteral, Pattern: " ", Behavior: vocab.MergedWithPrevious}}, byteFallback: true, highest: 262144},
		{path: "bert_base_uncased", format: "huggingface", kind: vocab.WordPiece, tokens: 30522, added: 5, inside: 5, normalizers: bert, splitters: []vocab.Splitter{{Op: vocab.SplitBert}}, highest: 30521},
		// SentencePiece.
		{path: "mistral_v1", format: "sentencepiece", kind: vocab.BPE, tokens: 32000, added: 2, inside: 2, control: 2, normalizers: sp(true, false), byteFallback: true, highest: 31999},
		{path: "mistral_v2", format: "sentencepiece", kind: vocab.BPE, tokens: 32768, added: 770, inside: 770, control: 770, normalizers: sp(true, false), byteFallback: true, highest: 32767},
		{path: "mistral_v3", format: "sentencepiece", kind: vocab.BPE, tokens: 32768, added: 750, inside: 750, control: 750, user: 20, normalizers: sp(true, false), byteFallback: true, highest: 32767},
		{path: "mistral_v7", format: "sentencepiece", kind: vocab.BPE, tokens: 32768, added: 748, inside: 748, control: 748, user: 22, normalizers: sp(true, false), byteFallback: true, highest: 32767},
		{path: "gemma2", format: "sentencepiece", kind: vocab.BPE, tokens: 256000, added: 3, inside: 3, control: 3, user: 245, normalizers: sp(false, false), byteFallback: true, highest: 255999},
		{path: "grok1", format: "sentencepiece", kind: vocab.BPE, tokens: 131072, added: 3, inside: 3, control: 3, user: 65, normalizers: sp(true, false), byteFallback: true, highest: 131071},
		{path: "internlm2", format: "sentencepiece", kind: vocab.BPE, tokens: 92544, holes: 1, added: 2, inside: 2, control: 2, user: 192, normalizers: sp(false, false), byteFallback: true, highest: 92543},
		{path: "llm_jp_v3", format: "sentencepiece", kind: vocab.Unigram, tokens: 99574, added: 7, inside: 7, control: 7, normalizers: sp(true, false), byteFallback: true, highest: 99573},
		{path: "rinna_gpt2", format: "sentencepiece", kind: vocab.Unigram, tokens: 32000, added: 6, inside: 6, control: 6, normalizers: sp(true, true), charsmap: 237538, highest: 31999},
		// Merges, with ids and without.
		{path: "cohere_50k", format: "merges", kind: vocab.BPE, tokens: 50257, holes: 1, merges: 50000, splitters: onig(patternGPT2), highest: 50256},
		{path: "minimax_m1", format: "merges", kind: vocab.BPE, tokens: 200000, merges: 199744, splitters: rust(patternO200K), highest: 199999},
		{path: "qwen3.5", format: "merges", kind: vocab.BPE, tokens: 247843, merges: 247587, normalizers: nfc, splitters: onig(patternQwen35), highest: 247842},
		// GGUF.
		{path: "gguf/ggml-vocab-gpt-2.gguf", format: "gguf", kind: vocab.BPE, tokens: 50257, holes: 1, merges: 50000, added: 1, inside: 1, splitters: onig(patternGPT2), highest: 50256},
		{path: "gguf/ggml-vocab-bert-bge.gguf", format: "gguf", kind: vocab.WordPiece, tokens: 30522, added: 5, inside: 5, normalizers: bert, splitters: []vocab.Splitter{{Op: vocab.SplitBert}}, highest: 30521},
		// 53 fillers; </s> is user-defined.
		{path: "gguf/ggml-vocab-phi-3.gguf", format: "gguf", kind: vocab.BPE, tokens: 32064, holes: 53, added: 13, plain: 1, inside: 13, control: 65, user: 1, normalizers: sp(true, false), byteFallback: true, highest: 32063},
	} {
		t.Run(c.path, func(t *testing.T) {
			def := open(t, c.path)
			if err := invariants(def); err != nil {
				t.Error(err)
			}
			m := &def.Model
			same := func(what string, got, want any) {
				t.Helper()
				if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("%s: want -, got +:\n%s", what, d)
				}
			}
			holes := 0
			for id := range m.Tokens.Len() {
				if len(m.Tokens.At(vocab.ID(id))) == 0 {
					holes++
				}
			}
			highest := vocab.ID(m.Tokens.Len() - 1)
			for _, a := range def.Added {
				highest = max(highest, a.ID)
			}
			all, plain, inside := added(def)
			same("format", def.Format, c.format)
			same("kind", m.Kind.String(), c.kind.String())
			same("tokens, holes, merges", []int{m.Tokens.Len(), holes, len(m.Merges)}, []int{c.tokens, c.holes, c.merges})
			same("added, not special, inside", []int{all, plain, inside}, []int{c.added, c.plain, c.inside})
			same("control, user-defined", []int{types(def, vocab.Control), types(def, vocab.UserDefined)}, []int{c.control, c.user})
			same("byte fallback, ignore merges", []bool{m.ByteFallback, m.IgnoreMerges}, []bool{c.byteFallback, c.ignore})
			same("highest id", highest, c.highest)
			same("splitters", def.Splitters, c.splitters)
			if len(def.Normalizers) == 1 {
				same("charsmap", len(def.Normalizers[0].Charsmap), c.charsmap)
				def.Normalizers[0].Charsmap = nil
			}
			same("normalizers", def.Normalizers, c.normalizers)
		})
	}
}

// equal checks that the first n tokens of two vocabularies are the same, from
// an id on in each.
func equal(t *testing.T, a, b *vocab.Definition, from, n int) {
	t.Helper()
	for id := from; id < n; id++ {
		x, y := a.Model.Tokens.At(vocab.ID(id)), b.Model.Tokens.At(vocab.ID(id))
		if !bytes.Equal(x, y) {
			t.Fatalf("token %d: %q of %s, %q of %s", id, x, a.Format, y, b.Format)
		}
	}
}

// TestSame reads what is one vocabulary from files of two formats.
func TestSame(t *testing.T) {
	t.Run("o200k_base=gptoss", func(t *testing.T) { equal(t, open(t, "o200k_base"), open(t, "gptoss"), 0, 199998) })
	t.Run("llama3", func(t *testing.T) { equal(t, open(t, "llama3/tokenizer.model"), open(t, "llama3_hf"), 0, 128000) })
	t.Run("llama3 pair", func(t *testing.T) {
		a, b := open(t, "llama3_2_bpe"), open(t, "llama3_hf")
		equal(t, a, b, 0, 128000)
		if d := cmp.Diff(a.Model.Merges, b.Model.Merges); d != "" {
			t.Error(d)
		}
	})
	t.Run("tekken=nemo", func(t *testing.T) {
		equal(t, open(t, "mistral_tekken_240911"), open(t, "mistral_nemo"), 1000, 131072)
	})
	t.Run("deepseek", func(t *testing.T) {
		a, b := open(t, "deepseek_v3"), open(t, "deepseek_v4")
		equal(t, a, b, 0, 128000)
		if d := cmp.Diff(a.Model.Merges, b.Model.Merges); d != "" {
			t.Error(d)
		}
	})
	t.Run("gpt2", func(t *testing.T) { equal(t, open(t, "gguf/ggml-vocab-gpt-2.gguf"), open(t, "r50k_base"), 0, 50256) })
	t.Run("merges alone", func(t *testing.T) {
		// GPT-2's own ids are those of its training: 256 bytes, then merges.
		// OpenAI's rank file has them too.
		def := open(t, "gguf/ggml-vocab-gpt-2.gguf")
		var merges bytes.Buffer
		for _, m := range def.Model.Merges {
			fmt.Fprintf(&merges, "%s %s\n", alphabet(string(def.Model.Tokens.At(m.Left))), alphabet(string(def.Model.Tokens.At(m.Right))))
		}
		alone, err := ReadMerges(nil, &merges, "gpt2")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, alone, def, 0, 50256)
		if d := cmp.Diff(alone.Model.Merges, def.Model.Merges); d != "" {
			t.Error(d)
		}
	})
	t.Run("bert", func(t *testing.T) {
		// BGE has BERT's vocabulary; nothing but the origin may differ.
		a, b := open(t, "gguf/ggml-vocab-bert-bge.gguf"), open(t, "bert_base_uncased")
		a.Name, a.Format = b.Name, b.Format
		if d := cmp.Diff(a, b); d != "" {
			t.Error(d)
		}
	})
}

// BenchmarkRead loads the largest files of each kind from memory.
func BenchmarkRead(b *testing.B) {
	for _, path := range []string{
		"gemma3/tokenizer.json", "gptoss/tokenizer.json", "qwen3/tokenizer.json", "o200k_base/o200k_base.tiktoken",
		"gemma2/tokenizer.model", "mistral_tekken_240911/tekken.json", "qwen3.5/merges.txt", "gguf/ggml-vocab-gpt-2.gguf",
	} {
		b.Run(path, func(b *testing.B) {
			data, err := os.ReadFile(filepath.Join(published(b, path), path))
			if err != nil {
				b.Fatal(err)
			}
			fsys := os.DirFS(published(b, path))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Open(fsys, path, "x"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
