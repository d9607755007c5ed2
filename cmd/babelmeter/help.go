package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitKey is the annotation that holds when a command ends with exitFailed.
const exitKey = "exit status 1"

// failsIf is the annotation of a command that checks something.
func failsIf(what string) map[string]string { return map[string]string{exitKey: what} }

// helpWidth is that of help texts, whatever the terminal's.
const helpWidth = 80

// writeHelp writes the help of a command: what it does, its flags, examples
// that a test runs, and last its exit status.
func writeHelp(w io.Writer, c *cobra.Command) error {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(c.Long) + "\n\nUsage:\n")
	if c.Runnable() {
		b.WriteString("  " + c.UseLine() + "\n")
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("  " + c.CommandPath() + " COMMAND\n\nCommands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "  %-*s  %s\n", c.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	b.WriteString("\nFlags:\n" + c.LocalFlags().FlagUsagesWrapped(helpWidth))
	b.WriteString("\nExamples:\n" + c.Example + "\n")
	b.WriteString("\nEXIT STATUS\n  0  fine\n")
	if what := c.Annotations[exitKey]; what != "" {
		b.WriteString("  1  " + what + "\n")
	}
	b.WriteString("  2  wrong use or an error\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (a *app) help() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Long:    `Show the help of a command, the same as "babelmeter COMMAND --help".`,
		Example: "  babelmeter help\n  babelmeter help vocab list",
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(of, rest[0])
			}
			of.InitDefaultHelpFlag()
			return writeHelp(a.Out, of)
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			of, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, sub := range of.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, sub.Name()+"\t"+sub.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func (a *app) completion() *cobra.Command {
	shells := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Write a script that completes commands in a shell",
		Long: `Write a script for bash, fish, powershell or zsh that completes commands, flags,
vocabularies, models, languages and domains. The shell reads it at its start.`,
		Example:   "  source <(babelmeter completion bash)\n  babelmeter completion fish > babelmeter.fish",
		ValidArgs: shells,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return fmt.Errorf("expected one of %s, got %q; see `%s --help`", strings.Join(shells, ", "), args, c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.Out, true)
			case "fish":
				return root.GenFishCompletion(a.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.Out)
			}
			return root.GenZshCompletion(a.Out)
		},
	}
}

// unknownCommand says that c has no command of that name.
func unknownCommand(c *cobra.Command, name string) error {
	msg := fmt.Sprintf("unknown command %q for %s", name, c.CommandPath())
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(name); len(near) > 0 {
		msg += "; near: " + strings.Join(near, ", ")
	}
	return fmt.Errorf("%s; see `%s --help`", msg, c.CommandPath())
}

// noArgs refuses arguments with a hint.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasAvailableSubCommands() {
		return unknownCommand(c, args[0])
	}
	return fmt.Errorf("%s takes no arguments, got %q; see `%s --help`", c.CommandPath(), args, c.CommandPath())
}

// list is a flag of names separated by commas. Given again, it goes on. An
// empty name is refused: it is more likely a variable that is not set than a
// wish for the default.
type list []string

func (l *list) AddFlag(fs *pflag.FlagSet, name, usage string) { fs.Var(l, name, usage) }

func (l *list) String() string { return strings.Join(*l, ",") }
func (l *list) Type() string   { return "LIST" }
func (l *list) Set(s string) error {
	for name := range strings.SplitSeq(s, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			return errors.New("expected names separated by commas, found an empty one")
		}
		*l = append(*l, name)
	}
	return nil
}

// completeList completes the last name of a list flag.
func completeList(c *cobra.Command, flag string, names func() ([]string, error)) {
	_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		all, err := names()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		for i, n := range all {
			all[i] = before + n
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	})
}

// quote writes arguments as a shell would read them again: a POSIX one, or
// bash and zsh where there are characters that a terminal would obey.
func quote(args []string) string {
	var b strings.Builder
	for i, arg := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		plain := arg != "" && !strings.ContainsFunc(arg, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./,:=@%+", r))
		})
		switch {
		case strings.ContainsFunc(arg, func(r rune) bool { return !unicode.IsPrint(r) }):
			q := strconv.QuoteToGraphic(arg)
			q = strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
			arg = "$'" + strings.ReplaceAll(q, "'", `\'`) + "'"
		case !plain:
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		b.WriteString(arg)
	}
	return b.String()
}
