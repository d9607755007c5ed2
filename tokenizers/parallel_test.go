package tokenizers_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
)

// largeText is what the vectors' texts make when they are joined, several
// times over: every script, and places where a careless cut goes wrong.
func largeText(t testing.TB, size int) string {
	t.Helper()
	texts, err := vectors.Texts()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		b.WriteString(texts[(i*7919)%len(texts)])
		if i%3 == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func TestParallel(t *testing.T) {
	texts := map[string]string{
		"mixed":      largeText(t, 3<<20),
		"ill-formed": largeText(t, 1<<20) + "\xe4\xb8" + largeText(t, 1<<20),
		"a":          strings.Repeat("a", 1<<20),
		"中":          strings.Repeat("中", 1<<19),
		"spaces":     strings.Repeat(" ", 1<<20),
		"lines":      strings.Repeat("\n\n", 1<<19),
		"short":      "short",
		"empty":      "",
	}
	specs, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range specs.Specs() {
		t.Run(spec.Name, func(t *testing.T) {
			t.Parallel()
			tok := open(t, spec.Name)
			for name, text := range texts {
				want, err := tok.AppendEncode(nil, text)
				if err != nil {
					t.Fatal(err)
				}
				got, err := tok.AppendEncodeParallel(nil, text, 4)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s: four goroutines give other ids than one", name)
				}
				if n, err := tok.CountParallel(text, 4); err != nil || n != len(want) {
					t.Fatalf("%s: counted %d, expected %d (%v)", name, n, len(want), err)
				}
			}
		})
	}
}

// BenchmarkParallel shows how encoding one large text scales with goroutines.
// BABELMETER_BENCH_TEXT may name a file of real text.
func BenchmarkParallel(b *testing.B) {
	text := largeText(b, 8<<20)
	if f := os.Getenv("BABELMETER_BENCH_TEXT"); f != "" {
		data, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		text = string(data)
	}
	tok := open(b, "o200k_base")
	want, err := tok.Count(text)
	if err != nil {
		b.Fatal(err)
	}
	for n := 1; n <= runtime.NumCPU(); n *= 2 {
		b.Run(fmt.Sprintf("vocab=o200k_base/workers=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var ids []tokenizers.ID
			for b.Loop() {
				var err error
				if ids, err = tok.AppendEncodeParallel(ids[:0], text, n); err != nil || len(ids) != want {
					b.Fatalf("%d ids, expected %d (%v)", len(ids), want, err)
				}
			}
		})
	}
}
