// Command asm writes the assembly of this module for amd64, a file at a time:
//
//	cd scripts/asm && go run . scan && go run . probe && go run . cut && go run . find
//
// What each function does is explained where it is called from; it reads the
// structs there by offset.
package main

import (
	"flag"
	"fmt"
	"os"
	"path"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
)

var (
	functions = map[string]func(){"scan": scan, "probe": probe, "cut": cut, "find": find}
	folders   = map[string]string{"scan": "split", "probe": "model", "cut": "model", "find": "internal/trie"}
)

func main() {
	var function func()
	if len(os.Args) == 2 {
		function = functions[os.Args[1]]
	}
	if function == nil {
		fmt.Fprintln(os.Stderr, "asm: expected one of scan, probe, cut, find")
		os.Exit(2)
	}
	name := os.Args[1]
	os.Args = os.Args[:1]
	dir, pkg := "../../tokenizers/"+folders[name]+"/", path.Base(folders[name])
	for flagName, value := range map[string]string{"out": dir + name + "_amd64.s", "stubs": dir + name + "_amd64.go", "pkg": pkg} {
		if err := flag.Set(flagName, value); err != nil {
			panic(err)
		}
	}
	Constraint(buildtags.Not("noasm").ToConstraint())
	function()
	Generate()
}
