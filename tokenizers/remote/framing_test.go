package remote

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
)

func encoder(t testing.TB, name string) *tokenizers.Tokenizer {
	t.Helper()
	cat, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	spec, err := cat.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := tokenizers.Native{}.Open(definer{}, spec)
	if err != nil {
		t.Fatal(err)
	}
	return enc.(*tokenizers.Tokenizer)
}

// probe counts the probes as an endpoint would that counts by count.
func probe(t testing.TB, count func(text string) int) ([][copies]int, int) {
	t.Helper()
	counts := make([][copies]int, len(units))
	for i, u := range units {
		for n := range copies {
			counts[i][n] = count(u.times(n + 1))
		}
	}
	return counts, count("")
}

// What is around a text is found in every built-in vocabulary, whatever it
// makes of the probes: control tokens that nothing merges with. One that puts a
// space before a text spends a token on it in some scripts: that is shown.
func TestFramingIsFoundInEveryVocabulary(t *testing.T) {
	for _, name := range builtin.Names() {
		enc := encoder(t, name)
		for _, around := range []int{0, 1, 7, 31} {
			counts, empty := probe(t, func(text string) int {
				n, err := enc.Count(text)
				if err != nil {
					t.Fatal(err)
				}
				return n + around
			})
			f, err := fit(counts, &empty)
			if err != nil {
				t.Errorf("%s, %d around: %v", name, around, err)
				continue
			}
			want := Framing{Tokens: around, Lo: around, Hi: around}
			if strings.HasPrefix(name, "mistral_v") {
				want.Hi++
			}
			if f != want {
				t.Errorf("%s: %d tokens around a text, found %+v", name, around, f)
			}
		}
	}
}

// A template of ordinary text merges with some texts: the guard must show it.
func TestFramingThatMergesIsShown(t *testing.T) {
	for _, name := range []string{"o200k_base", "cl100k_base", "qwen3"} {
		enc := encoder(t, name)
		for _, c := range []struct{ before, after string }{
			{"User:\n", "\n\nAssistant:"}, // a full stop takes the line feeds along
			{"User: ", ""},                // a word takes the space along
		} {
			counts, empty := probe(t, func(text string) int {
				n, err := enc.Count(c.before + text + c.after)
				if err != nil {
					t.Fatal(err)
				}
				return n
			})
			f, err := fit(counts, &empty)
			if err == nil && f.Constant() && f.Note == "" {
				t.Errorf("%s between %q and %q: found constant: %+v", name, c.before, c.after, f)
			}
		}
	}
}

func TestFit(t *testing.T) {
	even := func(around int) [][copies]int {
		counts := make([][copies]int, len(units))
		for i, u := range units {
			step := len([]rune(u.text)) // each character a token
			if u.lineFeed {
				step++
			}
			for n := range copies {
				counts[i][n] = around + (n+1)*step
				if u.lineFeed {
					counts[i][n]--
				}
			}
		}
		return counts
	}
	num := func(n int) *int { return &n }
	for _, c := range []struct {
		name   string
		change func(counts [][copies]int)
		empty  *int
		want   Framing
		err    string
	}{
		{name: "constant", empty: num(5), want: Framing{Tokens: 5, Lo: 5, Hi: 5}},
		{name: "without the empty text", want: Framing{Tokens: 5, Lo: 5, Hi: 5}},
		{name: "an empty text of its own", empty: num(3), want: Framing{Tokens: 5, Lo: 3, Hi: 5, Note: "the empty text costs 3"}},
		{name: "one unit merges with the template", empty: num(5), change: func(c [][copies]int) {
			for n := range c[7] {
				c[7][n]--
			}
		}, want: Framing{Tokens: 5, Lo: 4, Hi: 5}},
		{name: "one unit is uneven", change: func(c [][copies]int) { c[3][2]++ }, want: Framing{Tokens: 5, Lo: 5, Hi: 5, Note: `copies of "的" do not cost the same and tell nothing`}},
		{name: "five are uneven", change: func(c [][copies]int) {
			for i := range 5 {
				c[i][2] += i + 1
			}
		}, err: "copies of a text do not cost the same"},
		{name: "less than nothing", change: func(c [][copies]int) {
			for i := range c {
				for n := range c[i] {
					c[i][n] -= 6
				}
			}
		}, err: "less than nothing"},
		{name: "always the same", change: func(c [][copies]int) {
			for i := range c {
				c[i] = [copies]int{9, 9, 9}
			}
		}, err: "do not cost the same"},
	} {
		counts := even(5)
		if c.change != nil {
			c.change(counts)
		}
		got, err := fit(counts, c.empty)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", c.name, err, c.err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
}

func TestProbesAreDistinct(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range Probes() {
		if seen[p] {
			t.Errorf("probe %q twice", p)
		}
		seen[p] = true
	}
	if want := len(units)*copies + 1; len(seen) != want || Probes()[want-1] != "" {
		t.Error(fmt.Errorf("%d probes, want %d with the empty one last", len(seen), want))
	}
}
