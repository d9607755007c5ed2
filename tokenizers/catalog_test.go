package tokenizers_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/tokenizers"
)

func catalogue(t testing.TB) *tokenizers.Catalog {
	t.Helper()
	c, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// vocabulary makes a spec with models, each "name" or "name alias=x prefix=y".
func vocabulary(name string, models ...string) *tokenizers.Spec {
	s := &tokenizers.Spec{Name: name}
	for _, m := range models {
		var model tokenizers.Model
		for i, f := range strings.Fields(m) {
			alias, isAlias := strings.CutPrefix(f, "alias=")
			prefix, isPrefix := strings.CutPrefix(f, "prefix=")
			switch {
			case i == 0:
				model.Name = f
			case isAlias:
				model.Aliases = append(model.Aliases, alias)
			case isPrefix:
				model.Prefixes = append(model.Prefixes, prefix)
			}
		}
		s.Models = append(s.Models, model)
	}
	return s
}

func catalog(t testing.TB, specs ...*tokenizers.Spec) *tokenizers.Catalog {
	t.Helper()
	c, err := tokenizers.NewCatalog(specs)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLookup(t *testing.T) {
	c := catalog(t,
		vocabulary("old", "m-4 prefix=m-4- prefix=ft:m-4", "m-3 alias=three alias=m-3-latest prefix=m-3"),
		vocabulary("new", "m-4o prefix=m-4o- prefix=ft:m-4o", "m-4o-special"),
		vocabulary("m-9"))
	for _, x := range []struct{ name, vocab, model string }{
		{"old", "old", ""}, {"new", "new", ""}, {"m-9", "m-9", ""},
		{"m-4", "old", "m-4"}, {"m-4o", "new", "m-4o"},
		{"three", "old", "m-3"}, {"m-3-latest", "old", "m-3"},
		{"m-4-0613", "old", "m-4"}, {"m-4o-2024", "new", "m-4o"},
		{"ft:m-4:me", "old", "m-4"}, {"ft:m-4o:me", "new", "m-4o"}, // the longest prefix
		{"m-4o-special", "new", "m-4o-special"}, // an exact name before a prefix
		{"m-4o-special-2", "new", "m-4o"},
		{"m-3x", "old", "m-3"},
	} {
		s, err := c.Lookup(x.name)
		if err != nil || s.Name != x.vocab {
			t.Errorf("Lookup(%q) = %v, %v; want %s", x.name, s, err, x.vocab)
			continue
		}
		s, m, err := c.LookupModel(x.name)
		if x.model == "" {
			if err == nil {
				t.Errorf("LookupModel(%q) = %s; a vocabulary is no model", x.name, m.Name)
			}
		} else if err != nil || s.Name != x.vocab || m.Name != x.model {
			t.Errorf("LookupModel(%q) = %v, %v, %v; want %s of %s", x.name, s, m, err, x.model, x.vocab)
		}
	}
	for _, name := range []string{"", "m-4O", "M-4", " m-4", "ol", "xm-4-0613"} {
		s, err := c.Lookup(name)
		var unknown *tokenizers.UnknownError
		if s != nil || !errors.As(err, &unknown) || unknown.Name != name {
			t.Errorf("Lookup(%q) = %v, %v; want an UnknownError", name, s, err)
		}
	}
	if got := c.Specs(); len(got) != 3 || got[0].Name != "m-9" || got[1].Name != "new" || got[2].Name != "old" {
		t.Errorf("Specs are not those of the catalogue by name: %v", got)
	}
	c.Specs()[0] = nil // must not reach the catalogue
	if _, err := c.Lookup("m-9"); err != nil || c.Specs()[0] == nil {
		t.Error("the catalogue changes with what Specs returned")
	}
}

// In the catalogue of the program, names go where tiktoken 0.14.0 takes them.
func TestBuiltinLookup(t *testing.T) {
	c := catalogue(t)
	for name, want := range map[string]string{
		"gpt-4o": "o200k_base", "gpt-4o-2024-08-06": "o200k_base", "ft:gpt-4o:acme:x:1": "o200k_base", "chatgpt-4o-latest": "o200k_base",
		"gpt-4o-mini-2024-07-18": "o200k_base", "gpt-4.1": "o200k_base", "gpt-5": "o200k_base", "o1": "o200k_base", "o3-mini": "o200k_base", "o200k_base": "o200k_base",
		"gpt-4": "cl100k_base", "gpt-4-0613": "cl100k_base", "gpt-4-turbo-2024-04-09": "cl100k_base", "ft:gpt-4:acme:x:1": "cl100k_base",
		"gpt-3.5-turbo": "cl100k_base", "gpt-3.5-turbo-0125": "cl100k_base", "ft:gpt-3.5-turbo:acme::1": "cl100k_base", "text-embedding-3-large": "cl100k_base", "cl100k_base": "cl100k_base",
		"text-davinci-003": "p50k_base", "p50k_base": "p50k_base", "text-davinci-001": "r50k_base", "davinci": "r50k_base", "r50k_base": "r50k_base",
	} {
		s, err := c.Lookup(name)
		if err != nil || s.Name != want {
			t.Errorf("Lookup(%q) = %v, %v; want %s", name, s, err, want)
		}
	}
	// Names that are nobody's are told as such.
	for _, name := range []string{"gpt-40", "llama-99", "gpt", "ft:", "openai/gpt-4o"} {
		if s, err := c.Lookup(name); err == nil {
			t.Errorf("Lookup(%q) = %s, want an error", name, s.Name)
		}
	}
}

func TestNearNames(t *testing.T) {
	c := catalog(t, vocabulary("o200k_base", "gpt-4o prefix=gpt-4o-", "gpt-4o-mini", "o1", "Qwen/Qwen3-8B alias=qwen3-8b"), vocabulary("cl100k_base", "gpt-4", "gpt-4-turbo", "same"), vocabulary("same"))
	check := func(name string, want ...string) {
		t.Helper()
		_, err := c.Lookup(name)
		var unknown *tokenizers.UnknownError
		if !errors.As(err, &unknown) {
			t.Errorf("Lookup(%q): %v", name, err)
			return
		}
		if diff := cmp.Diff(want, unknown.Near); diff != "" {
			t.Errorf("near %q (-want +got):\n%s", name, diff)
		}
	}
	check("gpt4o", "gpt-4o", "gpt-4")                 // one letter from the one, two from the other
	check("GPT-4o", "gpt-4o", "gpt-4", "gpt-4o-mini") // case does not count as a difference
	check("o200k", "o200k_base")                      // a part of the name
	check("qwen/qwen3-8b", "Qwen/Qwen3-8B", "qwen3-8b")
	check("openai/gpt-4o", "gpt-4", "gpt-4o")
	check("sane", "same") // once, though a vocabulary and a model have the name
	check("something else entirely")
	check(strings.Repeat("gpt-4o ", 100_000))
	_, err := c.Lookup("gpt4o")
	if want := `unknown vocabulary or model "gpt4o"; near: gpt-4o, gpt-4`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := c.Lookup("xyzzyx"); err.Error() != `unknown vocabulary or model "xyzzyx"` {
		t.Errorf("got %v", err)
	}
	var many []string
	for i := range 9 {
		many = append(many, fmt.Sprint("model-", i))
	}
	if _, err := catalog(t, vocabulary("v", many...)).Lookup("model-x"); !strings.HasSuffix(err.Error(), "; near: model-0, model-1, model-2, model-3, model-4") {
		t.Errorf("nine names alike: %v", err)
	}
}

// Two claims of one name cannot be told apart.
func TestNewCatalogRefusesTwoClaims(t *testing.T) {
	for _, x := range []struct {
		name  string
		specs []*tokenizers.Spec
		want  string
	}{
		{"vocabulary", []*tokenizers.Spec{vocabulary("v", "a"), vocabulary("v", "b")}, "tokenizers: two vocabularies named v"},
		{"model", []*tokenizers.Spec{vocabulary("v", "m"), vocabulary("w", "m")}, "tokenizers: model m is claimed by v and w"},
		{"model in one vocabulary", []*tokenizers.Spec{vocabulary("v", "m", "m")}, "tokenizers: model m is claimed by v and v"},
		{"alias of a model", []*tokenizers.Spec{vocabulary("v", "m"), vocabulary("w", "n alias=m")}, "tokenizers: model m is claimed by v and w"},
		{"two aliases", []*tokenizers.Spec{vocabulary("v", "m alias=x"), vocabulary("w", "n alias=x")}, "tokenizers: model x is claimed by v and w"},
		{"prefix", []*tokenizers.Spec{vocabulary("v", "m prefix=x-"), vocabulary("w", "n prefix=x-")}, "tokenizers: model names that begin with x- are claimed by m of v and n of w"},
		{"prefix in one vocabulary", []*tokenizers.Spec{vocabulary("v", "m prefix=x-", "n prefix=x-")}, "tokenizers: model names that begin with x- are claimed by m of v and n of v"},
	} {
		// The order in which they are given does not matter.
		for range 2 {
			if _, err := tokenizers.NewCatalog(x.specs); err == nil || err.Error() != x.want {
				t.Errorf("%s: got %v, want %s", x.name, err, x.want)
			}
			slices.Reverse(x.specs)
		}
	}
	catalog(t, vocabulary("v", "m prefix=x- prefix=x-1"), vocabulary("w", "n prefix=x-2")) // nothing twice
}

// Every name that a manifest gives leads to it.
func TestBuiltinManifests(t *testing.T) {
	c := catalogue(t)
	for _, s := range c.Specs() {
		if got, err := c.Lookup(s.Name); err != nil || got != s {
			t.Errorf("vocabulary %s is looked up as %v, %v", s.Name, got, err)
		}
		for i := range s.Models {
			m := &s.Models[i]
			for _, name := range append([]string{m.Name}, m.Aliases...) {
				if got, model, err := c.LookupModel(name); err != nil || got != s || model != m {
					t.Errorf("%s: model %s is looked up as %v, %v, %v", s.Name, name, got, model, err)
				}
			}
		}
	}
}
