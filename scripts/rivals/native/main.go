// Command native times this module's engine and the Go libraries, each in the
// three regimes that must not be mixed:
//
//	cold   the first text after opening
//	fresh  warmed on other text of the same kind, timed once on unseen text
//	hot    the same text again
//
//	native -engine native -vocab o200k_base FILE
//
// It prints one line of JSON for scripts/rivals/run.py: MB/s (10⁶ bytes of
// UTF-8, processor time) for each regime, the number of ids and a checksum.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"
	"unicode/utf8"

	codec "github.com/tiktoken-go/tokenizer"

	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
	"github.com/babelmeter/babelmeter/tokenizers/engines/sugarme"
	"github.com/babelmeter/babelmeter/tokenizers/engines/tiktokengo"
	"github.com/babelmeter/babelmeter/tokenizers/format"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

func main() {
	engine := flag.String("engine", "native", "native, native-count, tiktoken-go, tiktoken-go/tokenizer or sugarme")
	name := flag.String("vocab", "o200k_base", "vocabulary, or the path of its file or folder")
	limit := flag.Int("limit", 0, "use only so many bytes of the timed part (slow engines)")
	profile := flag.String("profile", "", "write a CPU profile of 50 fresh passes (label regime=fresh)")
	flag.Parse()
	if err := run(*engine, *name, flag.Arg(0), *limit, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "native:", err)
		os.Exit(1)
	}
}

func open(engine, name string) (tokenizers.Encoder, error) {
	cat, err := tokenizers.Builtin()
	if err != nil {
		return nil, err
	}
	if engine == "tiktoken-go/tokenizer" {
		return openCodec(name)
	}
	if _, err := os.Stat(name); err == nil {
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		if engine == "sugarme" {
			spec := &tokenizers.Spec{Name: "x", Format: "huggingface", Files: []tokenizers.File{{Name: filepath.Base(abs)}}}
			return sugarme.Engine{}.Open(os.DirFS(filepath.Dir(abs)), spec)
		}
		def, err := format.Open(os.DirFS(filepath.Dir(abs)), filepath.Base(abs), filepath.Base(abs))
		if err != nil {
			return nil, err
		}
		return tokenizers.New(def)
	}
	spec, err := cat.Lookup(name)
	if err != nil {
		return nil, err
	}
	if engine == "tiktoken-go" {
		return tiktokengo.Engine{}.Open(tiktokengo.Files(), spec)
	}
	return tokenizers.Native{}.Open(builtinFiles{}, spec)
}

// builtinFiles is a file system with the built-in vocabularies and nothing else.
type builtinFiles struct{}

func (builtinFiles) Open(string) (fs.File, error) { return nil, fs.ErrNotExist }

func (builtinFiles) Definition(name string) (*vocab.Definition, error) { return builtin.Open(name) }

// openCodec opens tiktoken-go/tokenizer.
func openCodec(name string) (tokenizers.Encoder, error) {
	c, err := codec.Get(codec.Encoding(name))
	return codecEncoder{c}, err
}

type codecEncoder struct{ codec.Codec }

func (c codecEncoder) AppendEncode(dst []tokenizers.ID, text string) ([]tokenizers.ID, error) {
	ids, _, err := c.Encode(text)
	for _, id := range ids {
		dst = append(dst, tokenizers.ID(id))
	}
	return dst, err
}

func run(engine, name, file string, limit int, profile string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	cut := len(data) * 6 / 10
	for !utf8.RuneStart(data[cut]) {
		cut++
	}
	warm, timed := string(data[:cut]), string(data[cut:])
	if limit > 0 {
		warm = shorten(warm, limit)
		timed = shorten(timed, limit)
	}
	var ids []tokenizers.ID
	began := time.Now()
	enc, err := open(engine, name)
	if err != nil {
		return err
	}
	loaded := time.Since(began)
	// Processor time of the process: on a machine that does other work, too, it
	// moves less than the clock on the wall.
	now := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			panic(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	n := 0
	pass := func(text string) float64 {
		began := now()
		if engine == "native-count" {
			n, err = enc.Count(text)
		} else {
			ids, err = enc.AppendEncode(ids[:0], text)
			n = len(ids)
		}
		return float64(len(text)) / 1e6 / (now() - began).Seconds()
	}
	ids = make([]tokenizers.ID, 0, len(data)) // memory of the caller
	cold := pass(timed)
	if enc, err = open(engine, name); err != nil { // forget what was seen
		return err
	}
	pass(warm)
	fresh := pass(timed)
	hot := pass(timed)
	if err != nil {
		return err
	}
	h := fnv.New64a()
	for _, id := range ids {
		h.Write([]byte{byte(id), byte(id >> 8), byte(id >> 16), byte(id >> 24)})
	}
	if profile != "" {
		if err := write(profile, func() error {
			if enc, err = open(engine, name); err != nil {
				return err
			}
			pass(warm)
			pprof.Do(context.Background(), pprof.Labels("regime", "fresh"), func(context.Context) { pass(timed) })
			return err
		}); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"engine": engine, "vocab": name, "file": filepath.Base(file), "bytes": len(timed), "gives": "array",
		"cold": cold, "fresh": fresh, "hot": hot, "ids": n, "checksum": fmt.Sprintf("%016x", h.Sum64()), "load_ms": loaded.Seconds() * 1000,
	})
}

// shorten cuts a text to about limit bytes.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for !utf8.RuneStart(text[limit]) {
		limit++
	}
	return text[:limit]
}

// write writes a CPU profile of 50 times f.
func write(profile string, f func() error) error {
	out, err := os.Create(profile)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	for range 50 {
		if err := f(); err != nil {
			return err
		}
	}
	pprof.StopCPUProfile()
	return out.Close()
}
