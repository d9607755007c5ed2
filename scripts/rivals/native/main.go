// Command native times this module's engine and the Go libraries, each in the
// three regimes that must not be mixed:
//
//	cold   the first text after opening
//	fresh  warmed on other text of the same kind, timed once on unseen text
//	hot    the same text again
//
// Usage: native -engine native|tiktoken-go -vocab o200k_base FILE
//
// It prints one line of JSON for scripts/rivals/run.py: MB/s (10⁶ bytes of
// UTF-8) for each regime, the number of ids and a checksum of them.
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

	"github.com/babelmeter/babelmeter/tokenizers"
	"github.com/babelmeter/babelmeter/tokenizers/builtin"
	"github.com/babelmeter/babelmeter/tokenizers/engines/tiktokengo"
	"github.com/babelmeter/babelmeter/tokenizers/format"
	"github.com/babelmeter/babelmeter/tokenizers/vocab"
)

func main() {
	engine := flag.String("engine", "native", "native, native-count or tiktoken-go")
	name := flag.String("vocab", "o200k_base", "vocabulary, or the path of its file or folder")
	limit := flag.Int("limit", 0, "use only so many bytes of the timed part (slow engines)")
	profile := flag.String("profile", "", "write a CPU profile of 25 fresh passes (label regime=fresh)")
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
	if _, err := os.Stat(name); err == nil {
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, err
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

func (builtinFiles) Open(name string) (fs.File, error) { return nil, fs.ErrNotExist }

func (builtinFiles) Definition(name string) (*vocab.Definition, error) { return builtin.Open(name) }

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
	if limit > 0 && len(timed) > limit {
		for !utf8.RuneStart(timed[limit]) {
			limit++
		}
		timed = timed[:limit]
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
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		for range 25 {
			if enc, err = open(engine, name); err != nil {
				return err
			}
			pass(warm)
			pprof.Do(context.Background(), pprof.Labels("regime", "fresh"), func(context.Context) { pass(timed) })
		}
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"engine": engine, "vocab": name, "file": filepath.Base(file), "bytes": len(timed),
		"cold": cold, "fresh": fresh, "hot": hot, "ids": n, "checksum": fmt.Sprintf("%016x", h.Sum64()), "load_ms": loaded.Seconds() * 1000,
	})
}
