package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/wallet"
)

// Exit codes of spec/interface.md.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError says that a command was called wrongly: nothing was done.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// reportedError was already told, as JSON.
type reportedError struct{ err error }

func (r *reportedError) Error() string { return r.err.Error() }
func (r *reportedError) Unwrap() error { return r.err }

// markUsage makes wrong flags and arguments of a command and those below it usage errors.
func markUsage(command *cobra.Command) {
	command.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usagef("%w; see '%s --help'", err, c.CommandPath()) })
	if check := command.Args; check != nil {
		command.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usagef("%w; it is used as: %s", err, c.UseLine())
			}
			return nil
		}
	}
	for _, sub := range command.Commands() {
		markUsage(sub)
	}
}

// group is a command that only holds others.
func group(command *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	command.AddCommand(commands...)
	command.Args = cobra.ArbitraryArgs
	command.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			_ = c.Help() // to standard output, which may be closed
			return usagef("choose one of the commands of '%s'", c.CommandPath())
		}
		return usagef("%q is no command of '%s'; see '%s --help'", args[0], c.CommandPath(), c.CommandPath())
	}
	return command
}

// report tells an error to a person and gives the exit code.
func report(out io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	var usage *usageError
	wrong := errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command ")
	var reported *reportedError
	if !errors.As(err, &reported) {
		cause, remedy := wallet.Explain(err)
		fmt.Fprintln(out, "bitcloak:", cause)
		if remedy != "" {
			fmt.Fprintln(out, "  to do:", remedy)
		}
	}
	if wrong {
		return exitUsage
	}
	return exitFailed
}
