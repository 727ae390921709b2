package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/wallet"
)

// passwordFile names a file with the password, for scripts.
const passwordFile = "BITCLOAK_PASSWORD_FILE"

// maximumPassword bounds a password, in bytes.
const maximumPassword = 1 << 10

var errNoPassword = usagef("there is nobody to ask for the password; put it into a file that only you can read and name that in %s", passwordFile)

// terminal is standard input if a person sits there.
func (w *walletRun) terminal() (*os.File, bool) {
	file, isFile := w.command.InOrStdin().(*os.File)
	return file, isFile && term.IsTerminal(int(file.Fd()))
}

// mayAsk refuses a command that moves money where nobody can be asked, before anything is done.
func (w *walletRun) mayAsk() error {
	if _, person := w.terminal(); person || w.flags.yes {
		return nil
	}
	return usagef("this moves money and there is nobody to ask; add --yes if it is meant")
}

// confirm asks before money moves.
func (w *walletRun) confirm(format string, args ...any) error {
	if w.flags.yes {
		return nil
	}
	if err := w.mayAsk(); err != nil {
		return err
	}
	fmt.Fprintf(w.command.ErrOrStderr(), format+" Type yes to go on: ", args...)
	answer, err := bufio.NewReader(io.LimitReader(w.command.InOrStdin(), 64)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if text := strings.ToLower(strings.TrimSpace(answer)); text != "yes" && text != "y" {
		return &wallet.Refused{Cause: "not confirmed, nothing was done"}
	}
	return nil
}

// password asks for an account's password, twice if it is a new one.
func (w *walletRun) password(name string, isNew bool) ([]byte, error) {
	if file := os.Getenv(passwordFile); file != "" {
		return readPassword(file)
	}
	input, person := w.terminal()
	if !person {
		return nil, errNoPassword
	}
	if !isNew {
		return w.ask(input, fmt.Sprintf("Password of account %s: ", name))
	}
	password, err := w.ask(input, fmt.Sprintf("New password for account %s: ", name))
	if err != nil {
		return nil, err
	}
	again, err := w.ask(input, "The same again: ")
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(password, again) {
		return nil, &wallet.Refused{Cause: "the two passwords differ", Remedy: "try again"}
	}
	if len(password) == 0 {
		return nil, &wallet.Refused{Cause: "the password is empty", Remedy: "choose one"}
	}
	return password, nil
}

// ask reads a line without showing it.
func (w *walletRun) ask(input *os.File, question string) ([]byte, error) {
	fmt.Fprint(w.command.ErrOrStderr(), question)
	answer, err := term.ReadPassword(int(input.Fd()))
	fmt.Fprintln(w.command.ErrOrStderr())
	return answer, err
}

func readPassword(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, &wallet.Refused{Cause: "the password file named in " + passwordFile + " cannot be read", Remedy: "correct the name", Err: err}
	}
	if info.Size() > maximumPassword {
		return nil, &wallet.Refused{Cause: "the password file holds more than a password", Remedy: "put the password alone into it"}
	}
	content, err := os.ReadFile(file)
	return bytes.TrimRight(content, "\r\n"), err
}

// unlock gives the key pair of the account that the flags name.
func (w *walletRun) unlock() (keys.Pair, error) {
	home, err := w.openHome()
	if err != nil {
		return nil, err
	}
	if isSURI(w.flags.account) {
		if !strings.HasPrefix(w.flags.account, "/") {
			w.say("A secret on a command line can be read by others on this machine: keep it with 'account import' instead.")
		}
		pair, err := keys.PairFromSURI(keys.Sr25519, w.flags.account)
		if err != nil {
			return nil, &wallet.Refused{Cause: "--account is not a secret URI", Remedy: "write //Alice, or the name of an account in the home", Err: err}
		}
		return pair, nil
	}
	store, err := home.Keystore()
	if err != nil {
		return nil, err
	}
	name, err := accountName(store, w.flags.account)
	if err != nil {
		return nil, err
	}
	password, err := w.password(name, false)
	if err != nil {
		return nil, err
	}
	defer clear(password)
	return store.Unlock(name, password)
}

// isSURI tells a secret URI from a name: names have no slash, space or 0x in front.
func isSURI(text string) bool {
	return strings.ContainsAny(text, "/ ") || strings.HasPrefix(text, "0x")
}

// accountName is the account that was named, or the only one.
func accountName(store *wallet.Keystore, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	accounts, err := store.List()
	if err != nil {
		return "", err
	}
	switch len(accounts) {
	case 0:
		return "", &wallet.Refused{Cause: "this wallet has no account", Remedy: "make one with 'bitcloak wallet account new NAME', or name a development account with --account //Alice"}
	case 1:
		return accounts[0].Name, nil
	}
	return "", &wallet.Refused{Cause: fmt.Sprintf("this wallet has %d accounts", len(accounts)), Remedy: "name one with --account; 'bitcloak wallet account list' shows them"}
}
