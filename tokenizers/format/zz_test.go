package format

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	root := "/tmp/ref/vocabs"
	filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if d.IsDir() || strings.HasSuffix(p, "config.json") || strings.HasSuffix(p, ".inp") || strings.HasSuffix(p, ".out") {
			return nil
		}
		name := filepath.Base(filepath.Dir(p))
		rel, _ := filepath.Rel(root, p)
		runtime.GC()
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		t0 := time.Now()
		def, err := Open(os.DirFS(root), rel, name)
		el := time.Since(t0)
		runtime.ReadMemStats(&m1)
		if err != nil {
			fmt.Println(rel, el, err)
			return nil
		}
		fmt.Println(rel, el.Round(time.Millisecond), (m1.TotalAlloc-m0.TotalAlloc)>>20, "MB", def.Format, def.Model.Kind, def.Model.Tokens.Len(), "merges", len(def.Model.Merges), "added", len(def.Added), "unk", int32(def.Model.Unknown), "bf", def.Model.ByteFallback, "split", len(def.Splitters), "norm", len(def.Normalizers), def.Decoder)
		return nil
	})
}
