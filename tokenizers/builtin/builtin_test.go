package builtin_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/testdata/vectors"
	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
	"github.com/babelmeter/babelmeter/tokenizers/format"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

func open(t testing.TB, name string) *vocab.Definition {
	t.Helper()
	def, err := builtin.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return def
}

func tokenizer(t testing.TB, def *vocab.Definition) *tokenizers.Tokenizer {
	t.Helper()
	tok, err := tokenizers.New(def)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestVectors holds every vocabulary to its reference.
func TestVectors(t *testing.T) {
	for _, name := range builtin.Names() {
		t.Run(name, func(t *testing.T) {
			def := open(t, name)
			if def.Name != name {
				t.Errorf("definition of %s", def.Name)
			}
			tok := tokenizer(t, def)
			h, vecs, err := vectors.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			if h.CountsOnly {
				t.Error("the vectors have no ids that are certain")
			}
			n, wrong := 0, 0
			for v, err := range vecs {
				if err != nil {
					t.Fatal(err)
				}
				if v.IDs == nil {
					continue
				}
				n++
				ids, err := tok.AppendEncode(nil, v.Text)
				if err != nil || !slices.Equal(ids, v.IDs) {
					if wrong++; wrong <= 3 {
						t.Errorf("%+q:\n got %v\nwant %v", v.Text, ids, v.IDs)
					}
				}
			}
			if wrong > 0 || n == 0 {
				t.Errorf("%d of %d texts differ from %s %s", wrong, n, h.Reference, h.Version)
			}
		})
	}
}

// original reads a vocabulary from its published files, or skips the test.
func original(t *testing.T, name string) *vocab.Definition {
	t.Helper()
	dirs := []string{os.Getenv("BABELMETER_VOCABS"), os.Getenv("BABELMETER_MIRROR")}
	if dirs[1] == "" {
		dirs[1] = "../../../shared/mirror"
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil || dir == "" {
			continue
		}
		def, err := format.Open(os.DirFS(dir), name, name)
		if err != nil {
			t.Fatal(err)
		}
		return def
	}
	t.Skip("its published files are not below BABELMETER_VOCABS or BABELMETER_MIRROR")
	return nil
}

// TestOriginal compares with the definition that the published files give.
// Ranks that were turned into merges are compared by what they do.
func TestOriginal(t *testing.T) {
	for _, name := range builtin.Names() {
		t.Run(name, func(t *testing.T) {
			want, got := original(t, name), open(t, name)
			o, err := builtin.Source(name)
			if err != nil {
				t.Fatal(err)
			}
			byRank := tokenizer(t, want)
			switch m := &got.Model; {
			case o.AliasOf != "":
				// Special tokens and the form of the merges may be others.
				sameIDs(t, byRank, tokenizer(t, got), &want.Model.Tokens)
				return
			case want.Model.MergeBy == vocab.ByRank && m.MergeBy == vocab.ByList:
				if !m.IgnoreMerges {
					t.Error("IgnoreMerges is not set")
				}
				checkMerges(t, m)
				sameIDs(t, byRank, tokenizer(t, got), &want.Model.Tokens)
				got.Model.MergeBy, got.Model.Merges, got.Model.IgnoreMerges = want.Model.MergeBy, want.Model.Merges, want.Model.IgnoreMerges
			}
			if !reflect.DeepEqual(want, got) { // cmp takes seconds
				diff := cmp.Diff(want, got)
				t.Errorf("differs from the published file (-file +table):\n%.2000s", diff)
			}
		})
	}
}

// checkMerges: one merge for each token of two bytes or more, by rank.
func checkMerges(t *testing.T, m *vocab.Model) {
	next := 0
	for id := range vocab.ID(m.Tokens.Len()) {
		if len(m.Tokens.At(id)) < 2 {
			continue
		}
		if next == len(m.Merges) {
			t.Fatalf("no merge for token %d", id)
		}
		g := m.Merges[next]
		if g.Into != id || g.Left >= id || g.Right >= id || string(m.Tokens.At(g.Left))+string(m.Tokens.At(g.Right)) != string(m.Tokens.At(id)) {
			t.Fatalf("merge %d is %v, expected one for token %d %q", next, g, id, m.Tokens.At(id))
		}
		next++
	}
	if next < len(m.Merges) {
		t.Errorf("%d merges too many", len(m.Merges)-next)
	}
}

// sameIDs encodes tokens joined at random, whole and cut off, by both.
func sameIDs(t *testing.T, want, got *tokenizers.Tokenizer, tokens *vocab.Tokens) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 9))
	for range 3000 {
		var b []byte
		near := rng.IntN(tokens.Len())
		for range 1 + rng.IntN(12) {
			id := near + rng.IntN(400) - 200
			if rng.IntN(3) == 0 {
				id = rng.IntN(tokens.Len())
			}
			s := tokens.At(vocab.ID(max(id, 0)))
			if len(s) > 0 && rng.IntN(4) == 0 {
				s = s[rng.IntN(len(s)):]
			}
			b = append(b, s...)
		}
		text := strings.ToValidUTF8(string(b), "")
		x, err := want.AppendEncode(nil, text)
		y, err2 := got.AppendEncode(nil, text)
		if err != nil || err2 != nil || !slices.Equal(x, y) {
			t.Fatalf("%+q:\nfile  %v %v\ntable %v %v", text, x, err, y, err2)
		}
	}
}

// TestCatalogue: the files are those of the manifests, and every vocabulary may
// be passed on.
func TestCatalogue(t *testing.T) {
	cat, err := tokenizers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	specs := make(map[string]*tokenizers.Spec)
	for _, s := range cat.Specs() {
		specs[s.Name] = s
	}
	for _, name := range builtin.Names() {
		o, err := builtin.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		s := specs[name]
		if o.AliasOf != "" {
			s = specs[o.AliasOf]
		}
		switch {
		case s == nil:
			t.Errorf("%s has no manifest", name)
			continue
		case !s.Licence.Redistribute:
			t.Errorf("%s may not be passed on, says its manifest", name)
		case s.Licence.SPDX != o.SPDX:
			t.Errorf("%s is under %s, the manifest says %s", name, o.SPDX, s.Licence.SPDX)
		case len(s.Files) != len(o.Files):
			t.Errorf("%s is made from %d files, the manifest has %d", name, len(o.Files), len(s.Files))
			continue
		}
		for i, f := range o.Files {
			if m := s.Files[i]; f.Name != m.Name || f.Size != m.Size || f.SHA256 != m.SHA256 {
				t.Errorf("%s is made from %v, the manifest has %v", name, f, m)
			}
			if len(f.Packages) == 0 {
				t.Errorf("%s: no package carries %s", name, f.Name)
			}
		}
	}
}

// TestTables: every table has its licence and its origin beside it, and is the
// one that the list describes.
func TestTables(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	used := make(map[string]bool)
	names := builtin.Names()
	if !slices.IsSorted(names) || len(names) == 0 {
		t.Errorf("names %q", names)
	}
	for _, name := range names {
		o, err := builtin.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		table := name
		if o.AliasOf != "" {
			table = o.AliasOf
		}
		table += ".bin"
		data, err := os.ReadFile(filepath.Join("tables", table))
		if err != nil {
			t.Fatal(err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(data)); sum != o.Table || len(data) != o.Size {
			t.Errorf("%s: %d bytes with sha256 %s, the list says %d with %s", table, len(data), sum, o.Size, o.Table)
		}
		text, err := builtin.Licence(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "Apache License") && !strings.Contains(text, "Permission is hereby granted, free of charge") {
			t.Errorf("%s: %s is not a licence that is known here", name, o.Licence)
		}
		_, section, ok := strings.Cut(string(readme), "\n## "+name+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok {
			t.Errorf("README.md says nothing about %s", name)
		}
		if o.AliasOf == "" {
			for _, s := range []string{table, o.Table, o.SPDX, o.Licence, o.Files[0].SHA256, o.Files[0].Packages[0]} {
				if !strings.Contains(section, s) {
					t.Errorf("README.md does not have %s of %s", s, name)
				}
			}
		}
		used[table], used[o.Licence] = true, true
	}
	entries, err := os.ReadDir("tables")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !used[e.Name()] {
			t.Errorf("tables/%s belongs to no vocabulary", e.Name())
		}
	}
}

func TestUnknown(t *testing.T) {
	_, err := builtin.Open("llama3")
	_, err2 := builtin.Source("llama3")
	_, err3 := builtin.Licence("llama3")
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "llama3") {
			t.Errorf("error %v", err)
		}
	}
}

// TestOwn: what is done to one definition is not seen in the next.
func TestOwn(t *testing.T) {
	o, _ := builtin.Source("deepseek_v4")
	o.Files[0].Packages[0] = "x"
	if o, _ = builtin.Source("deepseek_v4"); o.Files[0].Packages[0] == "x" {
		t.Error("the list of origins was changed")
	}
	def := open(t, "deepseek_v4")
	clear(def.Model.Tokens.Bytes)
	clear(def.Model.Merges)
	def.Added[0].Text = ""
	if cmp.Equal(def, open(t, "deepseek_v4")) {
		t.Error("definitions share memory")
	}
}

func BenchmarkOpen(b *testing.B) {
	total := 0
	for _, name := range builtin.Names() {
		o, err := builtin.Source(name)
		if err != nil {
			b.Fatal(err)
		}
		if o.AliasOf != "" {
			continue
		}
		total += o.Size
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				open(b, name)
			}
			b.ReportMetric(float64(o.Size), "table-B")
		})
	}
	b.Logf("all tables: %d bytes", total)
}

// BenchmarkNew is what a program waits for: table to tokenizer.
func BenchmarkNew(b *testing.B) {
	for _, name := range builtin.Names() {
		if o, _ := builtin.Source(name); o.AliasOf != "" {
			continue
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				tokenizer(b, open(b, name))
			}
		})
	}
}
