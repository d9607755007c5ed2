// Package tiktokengo adapts github.com/pkoukk/tiktoken-go to tokenizers.Engine.
//
// It reads the ranks from the files it is given and never downloads. The
// library keeps its loader and the encodings it opened in package variables;
// the adapter sets the loader under a lock, so only one Open runs at a time.
//
// Known differences from tiktoken, shown by verification: quadratic time on
// long unspaced runs, and 'ſ (U+017F) is no contraction.
package tiktokengo

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/pkoukk/tiktoken-go"
	"github.com/pkoukk/tiktoken-go-loader/assets"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// Engine is the adapter. Its zero value is ready.
type Engine struct{}

// Name returns "tiktoken-go".
func (Engine) Name() string { return "tiktoken-go" }

// Version returns that of the library that this module requires.
func (Engine) Version() string { return "v0.1.8" }

// Files holds the rank files that github.com/pkoukk/tiktoken-go-loader embeds:
// o200k_base, cl100k_base, p50k_base, r50k_base, each NAME.tiktoken.
func Files() fs.FS { return assets.Assets }

var mu sync.Mutex // guards the library's loader

// Open opens one of OpenAI's encodings.
func (Engine) Open(fsys fs.FS, spec *tokenizers.Spec) (tokenizers.Encoder, error) {
	switch spec.Name {
	case tiktoken.MODEL_O200K_BASE, tiktoken.MODEL_CL100K_BASE, tiktoken.MODEL_P50K_BASE, tiktoken.MODEL_R50K_BASE:
	default:
		return nil, fmt.Errorf("tiktoken-go: %s is not one of the library's encodings (o200k_base, cl100k_base, p50k_base, r50k_base)", spec.Name)
	}
	// The library keeps what it opened once: the digest is checked here each
	// time.
	if err := checkName(spec, spec.Name+".tiktoken"); err != nil {
		return nil, fmt.Errorf("tiktoken-go: %w", err)
	}
	if _, err := spec.ReadFile(fsys, 0); err != nil {
		return nil, fmt.Errorf("tiktoken-go: %w", err)
	}
	mu.Lock()
	defer mu.Unlock()
	tiktoken.SetBpeLoader(loader{fsys, spec})
	enc, err := tiktoken.GetEncoding(spec.Name)
	if err != nil {
		return nil, fmt.Errorf("tiktoken-go: %w", err)
	}
	return encoder{enc}, nil
}

// loader gives the library the ranks of spec.
type loader struct {
	fsys fs.FS
	spec *tokenizers.Spec
}

func (l loader) LoadTiktokenBpe(url string) (map[string]int, error) {
	if err := checkName(l.spec, path.Base(url)); err != nil {
		return nil, err
	}
	data, err := l.spec.ReadFile(l.fsys, 0)
	if err != nil {
		return nil, err
	}
	ranks := make(map[string]int, l.spec.Tokens)
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		b64, rank, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		token, err := base64.StdEncoding.DecodeString(b64)
		id, err2 := strconv.Atoi(rank)
		if !ok || err != nil || err2 != nil {
			return nil, fmt.Errorf("%s:%d: expected a base64 token and a rank", l.spec.Files[0].Name, n)
		}
		ranks[string(token)] = id
	}
	return ranks, nil
}

// checkName reports a file that the library asks for under another name.
func checkName(spec *tokenizers.Spec, file string) error {
	if has := spec.Files[0].Name; has != file {
		return fmt.Errorf("the library asks for %s, but %s has %s", file, spec.Name, has)
	}
	return nil
}

type encoder struct{ t *tiktoken.Tiktoken }

func (e encoder) AppendEncode(dst []tokenizers.ID, text string) ([]tokenizers.ID, error) {
	for _, id := range e.t.EncodeOrdinary(tokenizers.ValidUTF8(text)) {
		dst = append(dst, tokenizers.ID(id))
	}
	return dst, nil
}

func (e encoder) Count(text string) (int, error) {
	return len(e.t.EncodeOrdinary(tokenizers.ValidUTF8(text))), nil
}

func (e encoder) AppendDecode(dst []byte, ids []tokenizers.ID) ([]byte, error) {
	for _, id := range ids {
		b, err := e.TokenBytes(id)
		if err != nil {
			return dst, err
		}
		dst = append(dst, b...)
	}
	return dst, nil
}

func (e encoder) TokenBytes(id tokenizers.ID) ([]byte, error) {
	s := e.t.Decode([]int{int(id)})
	if s == "" {
		return nil, fmt.Errorf("tiktoken-go: %d is no token", id)
	}
	return []byte(s), nil
}
