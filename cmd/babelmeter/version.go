package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/babelmeter/babelmeter/bench/textsize"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the versions that a figure depends on",
		Long:    "Print the versions that a figure depends on: of the program, its toolchain and\nthe Unicode tables of its text sizes.",
		Example: "  babelmeter version\n  babelmeter version | head -1",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Out, "babelmeter %s\n%s %s/%s\nUnicode %s for graphemes and words\n",
				version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, textsize.Unicode)
			return err
		},
	}
}
