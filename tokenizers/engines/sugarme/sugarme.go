// Package sugarme adapts github.com/sugarme/tokenizer to tokenizers.Engine,
// reading Hugging Face's tokenizer.json.
//
// The library panics or ends the process on many files and texts. The adapter
// turns panics into errors, and so it does the library's log.Fatal: that one
// writes a message before it exits, and the adapter's log writer panics first.
// The library works with process-wide state, so calls run one at a time.
package sugarme

import (
	"bytes"
	"fmt"
	"io/fs"
	"log"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/sugarme/tokenizer"
	"github.com/sugarme/tokenizer/pretrained"

	"github.com/babelmeter/babelmeter/tokenizers"
)

// Engine is the adapter. Its zero value is ready.
type Engine struct{}

// Name returns "sugarme".
func (Engine) Name() string { return "sugarme" }

// Version returns that of the library that this module requires.
func (Engine) Version() string { return "v0.3.0" }

// Open reads the vocabulary's tokenizer.json.
func (Engine) Open(fsys fs.FS, spec *tokenizers.Spec) (tokenizers.Encoder, error) {
	if spec.Format != "huggingface" {
		return nil, fmt.Errorf("sugarme: %s is published as %s; the library reads tokenizer.json only", spec.Name, spec.Format)
	}
	data, err := spec.ReadFile(fsys, 0)
	if err != nil {
		return nil, err
	}
	var t *tokenizer.Tokenizer
	err = guard(func() (err error) {
		t, err = pretrained.FromReader(bytes.NewReader(data))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sugarme: %s: %w", spec.Name, err)
	}
	return encoder{t}, nil
}

type encoder struct{ t *tokenizer.Tokenizer }

func (e encoder) AppendEncode(dst []tokenizers.ID, text string) ([]tokenizers.ID, error) {
	err := guard(func() error {
		enc, err := e.t.EncodeSingle(tokenizers.ValidUTF8(text), false)
		if err != nil {
			return err
		}
		for _, id := range enc.Ids {
			dst = append(dst, tokenizers.ID(id))
		}
		return nil
	})
	if err != nil {
		return dst, fmt.Errorf("sugarme: %w", err)
	}
	return dst, nil
}

func (e encoder) Count(text string) (int, error) {
	ids, err := e.AppendEncode(nil, text)
	return len(ids), err
}

var mu sync.Mutex // one call of the library at a time

// fatal is what a log.Fatal of the library becomes.
type fatal string

// trap is a log writer that turns log.Fatal* and log.Panic* into a panic
// before the process ends, and drops other messages.
type trap struct{}

func (trap) Write(p []byte) (int, error) {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "log.Fatal") || strings.HasPrefix(f.Function, "log.(*Logger).Fatal") {
			panic(fatal(strings.TrimSpace(string(p))))
		}
		if !more {
			return len(p), nil
		}
	}
}

func guard(f func() error) (err error) {
	mu.Lock()
	defer mu.Unlock()
	out := log.Writer()
	log.SetOutput(trap{})
	defer log.SetOutput(out)
	// It also prints to standard output, which is the program's result.
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		stdout := os.Stdout
		os.Stdout = null
		defer func() { os.Stdout = stdout; null.Close() }()
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case fatal:
			err = fmt.Errorf("the library would have ended the program: %s", string(r))
		default:
			err = fmt.Errorf("the library panicked: %v", r)
		}
	}()
	return f()
}
