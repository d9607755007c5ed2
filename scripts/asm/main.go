// Command asm writes the assembly of this module for amd64, one file for each
// package that has any:
//
//	cd scripts/asm && go run . split && go run . model
//
// What each function does is explained where it is called from; it reads the
// structs there by offset.
package main

import (
	"flag"
	"fmt"
	"os"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/buildtags"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "asm: expected split or model")
		os.Exit(2)
	}
	pkg := os.Args[1]
	make, name := scan, "scan"
	if pkg == "model" {
		make, name = probe, "probe"
	}
	os.Args = os.Args[:1]
	dir := "../../tokenizers/" + pkg + "/"
	for flagName, value := range map[string]string{"out": dir + name + "_amd64.s", "stubs": dir + name + "_amd64.go", "pkg": pkg} {
		if err := flag.Set(flagName, value); err != nil {
			panic(err)
		}
	}
	Constraint(buildtags.Not("noasm").ToConstraint())
	make()
	Generate()
}
