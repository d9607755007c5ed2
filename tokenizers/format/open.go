package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

// Open reads the vocabulary at p in fsys, a file or a folder, whatever its
// format.
//
// Of a file the content decides, and its name only where that says nothing
// (merges.txt, vocab.txt). vocab.json and merges.txt go together, and so do
// encoder.json and vocab.bpe. In a folder the first of these is taken:
// tokenizer.json, tekken.json, tokenizer.model, tiktoken.model, spiece.model,
// sentencepiece.bpe.model, tokenizer.model.*, vocab.json or encoder.json,
// claude.json, *.tiktoken, *.gguf, *.model, vocab.txt, merges.txt or
// vocab.bpe. Where a pattern fits more than one file, the folder is refused.
//
// For a vocab.txt, tokenizer_config.json beside it tells whether it is cased;
// without one it is if any token of it has a capital letter outside brackets.
func Open(fsys fs.FS, p, name string) (*vocab.Definition, error) {
	info, err := fs.Stat(fsys, p)
	if err != nil {
		return nil, fmt.Errorf("format: open %s: %w", name, err)
	}
	if info.IsDir() {
		if p, err = choose(fsys, p); err != nil {
			return nil, fmt.Errorf("format: open %s: %w", name, err)
		}
	}
	def, err := openFile(fsys, p, name)
	if err != nil {
		return nil, fmt.Errorf("%w (file %s)", err, p)
	}
	return def, nil
}

// fileNames are the names under which vocabularies are published, best first.
var fileNames = []string{
	"tokenizer.json", "tekken.json", "tokenizer.model", "tiktoken.model", "spiece.model",
	"sentencepiece.bpe.model", "tokenizer.model.*", "vocab.json", "encoder.json", "claude.json",
	"*.tiktoken", "*.gguf", "*.model", "vocab.txt", "merges.txt", "vocab.bpe",
}

// choose picks the file in a folder.
func choose(fsys fs.FS, dir string) (string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return "", err
	}
	for _, pattern := range fileNames {
		var found []string
		for _, e := range entries {
			if ok, _ := path.Match(pattern, e.Name()); ok && !e.IsDir() {
				found = append(found, e.Name())
			}
		}
		switch {
		case len(found) == 0:
			continue
		case len(found) > 1:
			return "", fmt.Errorf("folder %s has %d files %s: %s", dir, len(found), pattern, strings.Join(found, ", "))
		}
		// A vocab.json of another kind of model (WordLevel) has no merges.
		if other := partner(pattern); other != "" && strings.HasSuffix(pattern, ".json") {
			if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == other }) {
				continue
			}
		}
		return path.Join(dir, found[0]), nil
	}
	return "", fmt.Errorf("folder %s has no vocabulary: looked for %s", dir, strings.Join(fileNames, ", "))
}

// partner names the other file of a pair of vocabulary and merges.
func partner(file string) string {
	switch file {
	case "vocab.json":
		return "merges.txt"
	case "merges.txt":
		return "vocab.json"
	case "encoder.json":
		return "vocab.bpe"
	case "vocab.bpe":
		return "encoder.json"
	}
	return ""
}

// openFile finds out what a file is and reads it.
func openFile(fsys fs.FS, p, name string) (*vocab.Definition, error) {
	f, err := fsys.Open(p)
	if err != nil {
		return nil, fmt.Errorf("format: open %s: %w", name, err)
	}
	defer f.Close()
	head := bufio.NewReaderSize(f, 1<<12)
	magic, err := head.Peek(4)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("format: open %s: %w", name, err)
	}
	if string(magic) == "GGUF" { // not read whole: the weights may be in it
		return ReadGGUF(head, name)
	}
	data, err := readAll(statReader{head, f})
	if err != nil {
		return nil, fmt.Errorf("format: open %s: %w", name, err)
	}
	switch kind, err := sniff(data, path.Base(p)); {
	case err != nil:
		return nil, fmt.Errorf("format: open %s: %w", name, err)
	case kind == "huggingface":
		def, err := parseHuggingFace(data, name)
		if err != nil {
			return nil, fail(kind, name, err)
		}
		return def, nil
	case kind == "tekken":
		return ReadTekken(bytes.NewReader(data), name)
	case kind == "tiktoken":
		return ReadTiktoken(bytes.NewReader(data), name)
	case kind == "tiktoken json":
		return ReadTiktokenJSON(bytes.NewReader(data), name)
	case kind == "sentencepiece":
		return ReadSentencePiece(bytes.NewReader(data), name)
	case kind == "vocab.txt":
		o, err := bertOptions(fsys, path.Join(path.Dir(p), "tokenizer_config.json"), data)
		if err != nil {
			return nil, fail(kind, name, err)
		}
		return ReadVocabTxt(bytes.NewReader(data), name, o)
	default: // "vocab.json", "merges"
		return openMerges(fsys, p, name, kind, data)
	}
}

// statReader reads what is buffered and shows the size of the file behind.
type statReader struct {
	io.Reader
	file fs.File
}

func (r statReader) Stat() (fs.FileInfo, error) { return r.file.Stat() }

// openMerges reads a pair of files of which one is given. Without a vocab.json
// the merges stand alone; without merges nothing can be done.
func openMerges(fsys fs.FS, p, name, kind string, data []byte) (*vocab.Definition, error) {
	other := partner(path.Base(p))
	if other == "" && kind == "vocab.json" {
		other = "merges.txt"
	}
	var second io.Reader
	f, err := fsys.Open(path.Join(path.Dir(p), other))
	switch {
	case other != "" && err == nil:
		defer f.Close()
		second = f
	case other != "" && !errors.Is(err, fs.ErrNotExist) || kind == "vocab.json":
		return nil, fmt.Errorf("format: open %s: a vocab.json needs its merges: %w", name, err)
	}
	if kind == "vocab.json" {
		return ReadMerges(bytes.NewReader(data), second, name)
	}
	return ReadMerges(second, bytes.NewReader(data), name)
}

// sniff tells what a file is by its content and, failing that, its name.
func sniff(data []byte, file string) (string, error) {
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch first := bytes.TrimLeft(text, " \t\r\n"); {
	case len(first) == 0:
		return "", errors.New("empty file")
	case first[0] == '{':
		return sniffJSON(data)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case file == "vocab.txt":
		return file, nil
	case file == "merges.txt", file == "vocab.bpe", bytes.HasPrefix(line, []byte("#version")):
		return "merges", nil
	case isRank(line):
		return "tiktoken", nil
	case isPiece(data):
		return "sentencepiece", nil
	}
	return "", fmt.Errorf("%s: not a vocabulary of a format that is known (tokenizer.json, tekken.json, claude.json, rank file, SentencePiece, GGUF, vocab.json and merges.txt, vocab.txt)", file)
}

// isRank reports whether a line is a token in base64 and a rank.
func isRank(line []byte) bool {
	token, rank, ok := bytes.Cut(line, []byte(" "))
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	return ok && len(token) > 0 && len(token)%4 == 0 && len(bytes.Trim(token, alphabet)) == 0 &&
		len(rank) > 0 && len(bytes.Trim(rank, "0123456789")) == 0
}

// isPiece reports whether data begins with the first field of a ModelProto, a
// message of a piece.
func isPiece(data []byte) bool {
	done := errors.New("")
	var first field
	err := fields(data, func(f field) error { first = f; return done })
	if err != done || first.num != 1 || first.bytes == nil {
		return false
	}
	err = fields(first.bytes, func(f field) error { first = f; return done })
	return err == done && first.num == 1 && first.bytes != nil
}

// sniffJSON tells the JSON formats apart by their keys.
func sniffJSON(data []byte) (kind string, err error) {
	s, err := newScanner(data)
	if err != nil {
		return "", err
	}
	keys, other := make(map[string]bool), false
	err = s.object(func(key []byte) error {
		switch k := string(key); k {
		case "model", "added_tokens", "bpe_ranks", "config", "vocab":
			keys[k] = true
		}
		c := s.peek()
		if c < '0' || c > '9' {
			other = true
		}
		return s.skip()
	})
	switch {
	case err != nil:
		return "", err
	case !other:
		return "vocab.json", nil
	case keys["bpe_ranks"]:
		return "tiktoken json", nil
	case keys["model"]:
		return "huggingface", nil
	case keys["config"] && keys["vocab"]:
		return "tekken", nil
	}
	return "", errors.New("JSON, but neither a tokenizer.json nor a tekken.json nor a map of tokens and ids")
}

// bertOptions reads BERT's options from tokenizer_config.json, if it is there.
func bertOptions(fsys fs.FS, config string, vocabulary []byte) (o BertOptions, err error) {
	// A vocabulary of lower-cased text has no capitals but in [CLS] and its
	// like.
	err = lines(vocabulary, func(_ int, line []byte) error {
		if len(line) > 0 && line[0] != '[' && !bytes.Equal(line, bytes.ToLower(line)) {
			o.Cased = true
		}
		return nil
	})
	if err != nil {
		return o, err
	}
	f, err := fsys.Open(config)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	defer f.Close()
	var c struct {
		Lower   *bool `json:"do_lower_case"`
		Accents *bool `json:"strip_accents"`
		Chinese *bool `json:"tokenize_chinese_chars"`
	}
	if err := json.NewDecoder(io.LimitReader(f, 1<<24)).Decode(&c); err != nil {
		return o, fmt.Errorf("%s: %w", config, err)
	}
	if c.Lower != nil {
		o.Cased = !*c.Lower
	}
	if c.Accents != nil {
		o.StripAccents, o.KeepAccents = *c.Accents, !*c.Accents
	}
	if c.Chinese != nil {
		o.JoinChinese = !*c.Chinese
	}
	return o, nil
}
