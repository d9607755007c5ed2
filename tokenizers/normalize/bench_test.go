package normalize

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// benchTexts are sentences of ours, about what a corpus line has, repeated.
var benchTexts = []struct{ name, text string }{
	{"en", "The same sentence costs a different number of tokens in every language, and that is what we measure here. "},
	{"zh", "同一句话在不同语言里需要的词元数量并不相同，我们在这里测量的正是这一点。 "},
	{"ja", "同じ文でも言語によって必要なトークンの数は異なり、ここで測るのはまさにそれです。 "},
	{"ko", "같은 문장이라도 언어에 따라 필요한 토큰의 수가 다르며 여기서 재는 것이 바로 그것이다. "},
	{"ko_nfd", norm.NFD.String("같은 문장이라도 언어에 따라 필요한 토큰의 수가 다르며 여기서 재는 것이 바로 그것이다. ")},
	{"hi", "एक ही वाक्य के लिए अलग-अलग भाषाओं में टोकन की संख्या अलग होती है और हम यहाँ वही मापते हैं। "},
	{"vi", "Cùng một câu nhưng số lượng token cần thiết ở mỗi ngôn ngữ lại khác nhau, và đó là điều chúng tôi đo. "},
}

func benchChains(b *testing.B) map[string]*Chain {
	m := map[string]*Chain{
		"NFC":           chain(b, nil, vocab.Normalizer{Op: vocab.NFC}),
		"NFKC":          chain(b, nil, vocab.Normalizer{Op: vocab.NFKC}),
		"Bert":          chain(b, nil, vocab.Normalizer{Op: vocab.Bert, CleanText: true, ChineseChars: true, StripAccents: true, Lowercase: true}),
		"Llama":         chain(b, nil, vocab.Normalizer{Op: vocab.Prepend, Content: "\u2581"}, vocab.Normalizer{Op: vocab.Replace, Pattern: " ", Content: "\u2581"}),
		"SentencePiece": chain(b, nil, vocab.Normalizer{Op: vocab.SentencePiece, DummyPrefix: true, EscapeSpaces: true}),
	}
	return m
}

func benchmark(b *testing.B, run func(b *testing.B, c *Chain, text string)) {
	chains := benchChains(b)
	for _, name := range []string{"NFC", "NFKC", "Bert", "Llama", "SentencePiece", "nmt_nfkc", "Precompiled"} {
		b.Run(name, func(b *testing.B) {
			c := chains[name]
			if c == nil { // the two that need a published file
				n := rinnaNormalizer(rinna(b, ""))
				if name == "Precompiled" {
					n.Op = vocab.Precompiled
				}
				c = chain(b, nil, n)
			}
			for _, t := range benchTexts {
				b.Run(t.name, func(b *testing.B) {
					text := strings.Repeat(t.text, 20)
					b.SetBytes(int64(len(text)))
					b.ReportAllocs()
					run(b, c, text)
				})
			}
		})
	}
}

func BenchmarkUnchanged(b *testing.B) {
	benchmark(b, func(b *testing.B, c *Chain, text string) {
		for b.Loop() {
			c.Unchanged(text)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	benchmark(b, func(b *testing.B, c *Chain, text string) {
		buf := c.Append(nil, text)
		want := len(buf)
		for b.Loop() {
			if buf = c.Append(buf[:0], text); len(buf) != want {
				b.Fatalf("%d bytes, want %d", len(buf), want)
			}
		}
	})
}

func BenchmarkNew(b *testing.B) {
	blob := rinna(b, "")
	for name, n := range map[string]vocab.Normalizer{
		"SentencePiece": rinnaNormalizer(blob), "Precompiled": {Op: vocab.Precompiled, Charsmap: blob},
		"Bert": {Op: vocab.Bert, CleanText: true, ChineseChars: true, StripAccents: true, Lowercase: true},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := New(&vocab.Definition{Normalizers: []vocab.Normalizer{n}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("form", func(b *testing.B) {
		for b.Loop() {
			if _, err := newForm(formVersion, true, true); err != nil {
				b.Fatal(err)
			}
		}
	})
}
