package tokenizers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/babelmeter/babelmeter/tokenizers"
)

const manifest = `name = "made_up.1"
title = "Made up"
maker = "Nobody"
format = "tiktoken"
tokens = 3
split = ["a|b"]
normalize = "nfc"
unicode = "16.0.0"
notes = "n"

[reference]
name = "ref"
version = "1.2"

[licence]
spdx = "MIT"
redistribute = true
source = "LICENSE"

[[file]]
name = "sub/made_up.tiktoken"
size = 6
sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
sources = ["https://example.org/x"]

[[model]]
name = "m"
title = "M"
aliases = ["em"]
prefixes = ["m-"]
provenance = "exact"
evidence = "the vendor says so"
`

func TestReadSpec(t *testing.T) {
	s, err := tokenizers.ReadSpec([]byte(manifest), "made_up.toml")
	if err != nil {
		t.Fatal(err)
	}
	want := &tokenizers.Spec{
		Name: "made_up.1", Title: "Made up", Maker: "Nobody", Format: "tiktoken", Tokens: 3, Split: []string{"a|b"}, Normalize: "nfc", Unicode: "16.0.0", Notes: "n",
		Reference: tokenizers.Reference{Name: "ref", Version: "1.2"},
		Licence:   tokenizers.Licence{SPDX: "MIT", Redistribute: true, Source: "LICENSE"},
		Files:     []tokenizers.File{{Name: "sub/made_up.tiktoken", Size: 6, SHA256: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Sources: []string{"https://example.org/x"}}},
		Models:    []tokenizers.Model{{Name: "m", Title: "M", Aliases: []string{"em"}, Prefixes: []string{"m-"}, Provenance: tokenizers.Exact, Evidence: "the vendor says so"}},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.Reference.String() != "ref 1.2" {
		t.Errorf("reference %q", s.Reference)
	}
}

// A file that no one has read yet has neither size nor digest, and its
// vocabulary need not have a size.
func TestReadSpecOfUnreadFile(t *testing.T) {
	text := manifest
	for _, line := range []string{"tokens = 3\n", "size = 6\n", "sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n"} {
		text = strings.Replace(text, line, "", 1)
	}
	s, err := tokenizers.ReadSpec([]byte(text), "x.toml")
	if err != nil {
		t.Fatal(err)
	}
	if s.Digest() != "" {
		t.Errorf("digest %q of a file that is not known", s.Digest())
	}
	data, err := s.ReadFile(fstest.MapFS{"sub/made_up.tiktoken": {Data: []byte("anything")}}, 0)
	if err != nil || string(data) != "anything" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := s.ReadFile(slow{}, 0); err == nil || err.Error() != "made_up.1: sub/made_up.tiktoken: more than 268435456 bytes, which no vocabulary has" {
		t.Errorf("a file without end: %v", err)
	}
}

// Without any one of its lines the manifest is refused and the error names the
// key, but for those that may be left out.
func TestReadSpecNamesEachMissingKey(t *testing.T) {
	optional := map[string]bool{"split": true, "normalize": true, "notes": true, "redistribute": true, "aliases": true, "prefixes": true}
	lines := strings.Split(strings.TrimSpace(manifest), "\n")
	table := ""
	tested := 0
	for i, line := range lines {
		if header, ok := strings.CutPrefix(line, "["); ok {
			table = strings.Trim(header, "[]")
			continue
		}
		key, _, ok := strings.Cut(line, " = ")
		if !ok {
			continue
		}
		without := strings.Join(append(append([]string(nil), lines[:i]...), lines[i+1:]...), "\n")
		_, err := tokenizers.ReadSpec([]byte(without), "x.toml")
		if optional[key] {
			if err != nil {
				t.Errorf("without %s: %v", key, err)
			}
			continue
		}
		tested++
		if err == nil || !strings.HasPrefix(err.Error(), "x.toml: ") || !regexp.MustCompile(`\b`+key+`\b`).MatchString(err.Error()) || table != "" && !strings.Contains(err.Error(), table) {
			t.Errorf("without %s.%s: got %v, want an error that names it", table, key, err)
		}
	}
	if tested != 18 {
		t.Errorf("%d keys tested, want 18", tested)
	}
	if _, err := tokenizers.ReadSpec([]byte(manifest[:strings.Index(manifest, "[[file]]")]), "x.toml"); err == nil || err.Error() != "x.toml: no [[file]]" {
		t.Errorf("without files: %v", err)
	}
	if _, err := tokenizers.ReadSpec([]byte(manifest[:strings.Index(manifest, "[[model]]")]), "x.toml"); err != nil {
		t.Errorf("without models: %v", err) // no model is known to use it
	}
}

func TestReadSpecErrors(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", `notes = "n"`, `note = "n"`, `x.toml: unknown key "note"`},
		{"unknown key of a table", `evidence =`, "sure = true\nevidence =", `x.toml: unknown key "model.sure"`},
		{"American spelling", "[licence]", "[license]", `x.toml: unknown key "license"`},
		{"capital in the name", `"made_up.1"`, `"Made_up"`, `x.toml: name "Made_up": expected a-z, 0-9, dot and underscore`},
		{"hyphen in the name", `"made_up.1"`, `"llama-3"`, `x.toml: name "llama-3": expected a-z, 0-9, dot and underscore`},
		{"line feed in the name", `"made_up.1"`, `"a\n"`, `x.toml: name "a\n": expected a-z, 0-9, dot and underscore`},
		{"blank title", `"Made up"`, `" "`, "x.toml: title missing"},
		{"format", `"tiktoken"`, `"bpe"`, `x.toml: format "bpe": expected `},
		{"no tokens", "tokens = 3", "tokens = 0", "x.toml: tokens: expected the size of the vocabulary, got 0"},
		{"negative tokens", "tokens = 3", "tokens = -1", "x.toml: tokens: expected the size of the vocabulary, got -1"},
		{"path out of the folder", `"sub/made_up.tiktoken"`, `"../x"`, `x.toml: file "../x": not a relative path`},
		{"absolute path", `"sub/made_up.tiktoken"`, `"/etc/passwd"`, `x.toml: file "/etc/passwd": not a relative path`},
		{"folder", `"sub/made_up.tiktoken"`, `"."`, `x.toml: file ".": not a relative path`},
		{"size", "size = 6", "size = 0", "x.toml: file sub/made_up.tiktoken: size missing"},
		{"negative size", "size = 6", "size = -6", "x.toml: file sub/made_up.tiktoken: size missing"},
		{"short digest", `"0123456789abcdef`, `"`, `x.toml: file sub/made_up.tiktoken: sha256 "0123456789abcdef0123456789abcdef0123456789abcdef": expected 64 hex digits`},
		{"digest in capitals", `"0123456789abcdef`, `"0123456789ABCDEF`, `x.toml: file sub/made_up.tiktoken: sha256 "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef": expected 64 hex digits`},
		{"no sources", `["https://example.org/x"]`, `[]`, "x.toml: file sub/made_up.tiktoken: sources missing"},
		{"empty source", `["https://example.org/x"]`, `[""]`, "x.toml: file sub/made_up.tiktoken: sources missing"},
		{"file twice", "[[model]]", "[[file]]\nname = \"sub/made_up.tiktoken\"\nsize = 1\nsha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\nsources = [\"x\"]\n[[model]]", "x.toml: file sub/made_up.tiktoken: named twice"},
		{"provenance", `"exact"`, `"certain"`, `x.toml: model m: provenance "certain": expected exact, vendor_proxy, api or estimate`},
		{"empty prefix", `["m-"]`, `["m-", ""]`, "x.toml: model m: an alias or prefix is empty"},
		{"empty alias", `["em"]`, `[""]`, "x.toml: model m: an alias or prefix is empty"},
		{"split and splitter", `split = ["a|b"]`, `split = ["a|b"]` + "\nsplitter = \"llama3\"", "x.toml: split and splitter: expected one of them"},
		{"normaliser", `normalize = "nfc"`, `normalize = "nfd"`, `x.toml: normalize "nfd": expected nfc or nfkc`},
		{"version of no normaliser", `normalize = "nfc"`, `normalize_unicode = "17.0.0"`, "x.toml: normalize_unicode: expected normalize to be nfc or nfkc"},
		{"vocab.txt that is neither cased nor uncased", `format = "tiktoken"`, `format = "wordpiece"`, `x.toml: normalize "nfc": expected bert_cased or bert_uncased`},
		{"Unicode of SentencePiece", `format = "tiktoken"`, `format = "sentencepiece"`, `x.toml: unicode "16.0.0": files of format sentencepiece hold what they need of Unicode`},
		{"source without version", `"https://example.org/x"`, `"npm:@a/b/c.json"`, `x.toml: file sub/made_up.tiktoken: sources: "npm:@a/b/c.json": expected https://`},
		{"source of another kind", `"https://example.org/x"`, `"http://example.org/x"`, `x.toml: file sub/made_up.tiktoken: sources: "http://example.org/x": expected https://`},
		{"digest without size", "size = 6\n", "", "x.toml: file sub/made_up.tiktoken: size missing"},
		{"accept without terms", "redistribute = true", "accept = true", "x.toml: licence: accept and terms go together"},
		{"terms without accept", "redistribute = true", `terms = "be good"`, "x.toml: licence: accept and terms go together"},
		{"terms of two lines", "redistribute = true", "url = \"https://x/y\"\naccept = true\nterms = \"be\\ngood\"", "x.toml: licence.terms: expected one line"},
		{"accept without url", "redistribute = true", "accept = true\nterms = \"be good\"", "x.toml: licence.url missing: who must accept terms must be able to read them"},
		{"url of another kind", "redistribute = true", "redistribute = true\nurl = \"example.com\"", "x.toml: licence.url \"example.com\": expected https://…"},
		{"restricted and redistributable", "redistribute = true", "url = \"https://x/y\"\nredistribute = true\naccept = true\nterms = \"be good\"", "x.toml: licence: what must be accepted first is not redistributable"},
		{"gated without a gate", `notes = "n"`, "gated = true", "x.toml: gated and gate go together"},
		{"how the licence is known", "redistribute = true", `checked = "yes"`, `x.toml: licence: checked "yes": expected V, D or U`},
		{"how the evidence is known", `evidence =`, "checked = \"X\"\nevidence =", `x.toml: model m: checked "X": expected V, D or U`},
		{"closed, with files", `format = "tiktoken"`, `format = "remote"`, "x.toml: [remote] missing: "},
		{"endpoint without address", "[licence]", "[remote]\napi = \"a\"\nmethod = \"POST\"\n[licence]", "x.toml: remote.url missing"},
		{"wrong type", "tokens = 3", `tokens = "3"`, `x.toml: toml: line 5 (last key "tokens"): `},
		{"not TOML", "maker =", "maker", "x.toml:3: "},
		{"key twice", `maker = "Nobody"`, "maker = \"Nobody\"\nmaker = \"Me\"", "x.toml:4: "},
	} {
		if !strings.Contains(manifest, c.old) {
			t.Fatalf("%s: the manifest has no %q", c.name, c.old)
		}
		s, err := tokenizers.ReadSpec([]byte(strings.Replace(manifest, c.old, c.new, 1)), "x.toml")
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || s != nil {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := tokenizers.ReadSpec(nil, "x.toml"); err == nil {
		t.Error("an empty manifest is no error")
	}
}

func FuzzReadSpec(f *testing.F) {
	f.Add([]byte(manifest))
	for _, name := range []string{"o200k_base", "r50k_base", "claude", "solar_pro2", "bert_base_cased", "exaone3", "command_r_plus"} {
		data, err := os.ReadFile(filepath.Join("manifests", name+".toml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := tokenizers.ReadSpec(data, "x.toml")
		if err != nil {
			if s != nil || !strings.HasPrefix(err.Error(), "x.toml:") {
				t.Fatalf("spec %v with error %v", s, err)
			}
			return
		}
		if s.Name == "" || s.Licence.SPDX == "" || s.Closed() != (len(s.Files) == 0) || s.Closed() && s.Remote == nil {
			t.Fatalf("accepted, but not complete: %+v", s)
		}
		if d := s.Digest(); d != "" && !strings.HasPrefix(d, "sha256:") {
			t.Fatalf("digest %q", d)
		}
		if _, err := tokenizers.NewCatalog([]*tokenizers.Spec{s}); err != nil && !strings.HasPrefix(err.Error(), "tokenizers: ") {
			t.Fatal(err)
		}
	})
}

func sha(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:])
}

// slow is a file system whose file never ends.
type slow struct{}

func (slow) Open(name string) (fs.File, error) { return endlessFile{}, nil }

type endlessFile struct{ fs.File }

func (endlessFile) Read(p []byte) (int, error) { return len(p), nil }
func (endlessFile) Close() error               { return nil }

// broken is a file system whose file cannot be read to its end.
type broken struct{}

func (broken) Open(name string) (fs.File, error) { return brokenFile{}, nil }

type brokenFile struct{ fs.File }

func (brokenFile) Read(p []byte) (int, error) { return 0, io.ErrNoProgress }
func (brokenFile) Close() error               { return nil }

func TestReadFileChecksTheDigest(t *testing.T) {
	const content = "YQ== 0"
	s := &tokenizers.Spec{Name: "v", Files: []tokenizers.File{{Name: "other", Size: 1}, {Name: "sub/v.tiktoken", Size: 6, SHA256: sha(content)}}}
	fsys := func(content string) fs.FS { return fstest.MapFS{"sub/v.tiktoken": {Data: []byte(content)}} }
	data, err := s.ReadFile(fsys(content), 1)
	if err != nil || string(data) != content {
		t.Errorf("the published file: %q, %v", data, err)
	}
	for _, c := range []struct {
		name string
		fsys fs.FS
		want string
	}{
		{"another byte", fsys("YQ== 1"), "v: sub/v.tiktoken: 6 bytes with sha256 " + sha("YQ== 1") + ", expected 6 bytes with " + sha(content) + ": the file is not the published one; fetch it again"},
		{"cut", fsys("YQ== "), "v: sub/v.tiktoken: 5 bytes with sha256 " + sha("YQ== ") + ", expected 6 bytes with " + sha(content) + ": the file is not the published one; fetch it again"},
		{"empty", fsys(""), "v: sub/v.tiktoken: 0 bytes with sha256 " + sha("") + ", expected 6 bytes with " + sha(content) + ": the file is not the published one; fetch it again"},
		{"a line feed more", fsys(content + "\n"), "v: sub/v.tiktoken: more than the 6 bytes expected: the file is not the published one; fetch it again"},
		{"without end", slow{}, "v: sub/v.tiktoken: more than the 6 bytes expected: the file is not the published one; fetch it again"},
	} {
		data, err := s.ReadFile(c.fsys, 1)
		if err == nil || err.Error() != c.want || data != nil {
			t.Errorf("%s: got %q, %v\nwant %s", c.name, data, err, c.want)
		}
	}
	if _, err := s.ReadFile(fstest.MapFS{}, 1); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "v: ") {
		t.Errorf("no file: %v", err)
	}
	if _, err := s.ReadFile(broken{}, 1); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a file that cannot be read: %v", err)
	}
	// A digest in the wrong file system is an error of every engine.
	s.Format = "tiktoken"
	s.Files = s.Files[1:]
	if _, err := (tokenizers.Native{}).Open(fsys("YQ== 1"), s); err == nil || !strings.Contains(err.Error(), "not the published one") {
		t.Errorf("native opens a file with another digest: %v", err)
	}
}

// The digest of a vocabulary is that of its only file, or of their list.
func TestSpecDigest(t *testing.T) {
	a, b := tokenizers.File{Name: "a", SHA256: sha("a")}, tokenizers.File{Name: "b", SHA256: sha("b")}
	digest := func(files ...tokenizers.File) string { return (&tokenizers.Spec{Files: files}).Digest() }
	if got, want := digest(a), "sha256:"+sha("a"); got != want {
		t.Errorf("one file: %s, want %s", got, want)
	}
	if got, want := digest(a, b), "sha256:"+sha(fmt.Sprintf("%s a\n%s b\n", sha("a"), sha("b"))); got != want {
		t.Errorf("two files: %s, want %s", got, want)
	}
	if digest(a, b) == digest(b, a) {
		t.Error("the order of the files does not matter, but it does to a reader")
	}
}

func TestModelSold(t *testing.T) {
	for _, c := range []struct {
		model tokenizers.Model
		want  bool
	}{{tokenizers.Model{}, true}, {tokenizers.Model{Retired: true}, false}, {tokenizers.Model{Embedding: true}, false}} {
		if got := c.model.Sold(); got != c.want {
			t.Errorf("%+v: Sold is %v, want %v", c.model, got, c.want)
		}
	}
}
