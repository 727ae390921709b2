package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bitcloak/bitcloak/substrate/keys"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet"
)

// maximumSecret bounds a typed secret, in bytes.
const maximumSecret = 1 << 10

type accountJSON struct {
	Name      string          `json:"name"`
	Address   string          `json:"address"`
	PublicKey scale.AccountID `json:"publicKey"`
}

func accountOf(account wallet.Account) accountJSON { return accountJSON(account) }

func (w *walletRun) accountCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "account",
		Short: "Make, import and list accounts",
		Long: `An account is a key pair; its address is where others send you assets. Keys are kept in the wallet's home under a password, which is
asked for, or read from the file named in ` + passwordFile + `.`,
	}, w.accountNew(), w.accountImport(), w.accountList(), w.accountShow())
}

func (w *walletRun) accountNew() *cobra.Command {
	var words int
	var scheme string
	command := &cobra.Command{
		Use:   "new NAME",
		Short: "Make an account and print its mnemonic once",
		Long: `Makes an account from fresh randomness. Its mnemonic, the words from which the key follows, is printed once, on standard error: write it
down and keep it away from computers. Whoever has it has the account; without it a lost password or disk is the end of the account.`,
		Args: cobra.ExactArgs(1),
		RunE: w.runs(func(_ context.Context, args []string) error {
			mnemonic, err := keys.GenerateMnemonic(words)
			if err != nil {
				return usagef("--words: %w", err)
			}
			account, err := w.keep(args[0], mnemonic, scheme)
			if err != nil {
				return err
			}
			fmt.Fprintf(w.command.ErrOrStderr(), "\nMnemonic of %s, shown this once. Write it down:\n\n    %s\n\n", account.Name, mnemonic)
			return w.printAccount(account)
		}),
	}
	command.Flags().IntVar(&words, "words", 12, "words of the mnemonic: 12, 15, 18, 21 or 24")
	schemeFlag(command, &scheme)
	return command
}

func schemeFlag(command *cobra.Command, scheme *string) {
	command.Flags().StringVar(scheme, "scheme", "sr25519", "signature scheme: sr25519, as browser extensions use, or ed25519")
}

func (w *walletRun) accountImport() *cobra.Command {
	var scheme string
	command := &cobra.Command{
		Use:   "import NAME",
		Short: "Keep an account that exists: by its mnemonic or secret URI",
		Long: `Reads a mnemonic or a secret URI (mnemonic//hard/soft///password, or a 0x-hex seed) from the terminal, without showing it, or from
standard input.`,
		Args: cobra.ExactArgs(1),
		RunE: w.runs(func(_ context.Context, args []string) error {
			secret, err := w.readSecret()
			if err != nil {
				return err
			}
			account, err := w.keep(args[0], secret, scheme)
			if err != nil {
				return err
			}
			return w.printAccount(account)
		}),
	}
	schemeFlag(command, &scheme)
	return command
}

func (w *walletRun) readSecret() (string, error) {
	if input, person := w.terminal(); person {
		typed, err := w.ask(input, "Mnemonic or secret URI: ")
		return strings.Join(strings.Fields(string(typed)), " "), err
	}
	line, err := bufio.NewReader(io.LimitReader(w.command.InOrStdin(), maximumSecret)).ReadString('\n')
	if text := strings.Join(strings.Fields(line), " "); text != "" {
		return text, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = usagef("nothing on standard input; type the mnemonic or secret URI there")
	}
	return "", err
}

// keep stores an account under a password.
func (w *walletRun) keep(name, secret, scheme string) (account wallet.Account, err error) {
	kind, err := keys.ParseKind(scheme)
	if err != nil {
		return account, usagef("--scheme: %w", err)
	}
	home, err := w.openHome()
	if err != nil {
		return account, err
	}
	store, err := home.Keystore()
	if err != nil {
		return account, err
	}
	password, err := w.password(name, true)
	if err != nil {
		return account, err
	}
	defer clear(password)
	return store.Add(name, secret, kind, password)
}

func (w *walletRun) printAccount(account wallet.Account) error {
	return w.print(accountOf(account), func(out io.Writer) {
		fmt.Fprintf(out, "account\t%s\naddress\t%s\npublic key\t%s\n", account.Name, account.Address, account.PublicKey)
	})
}

func (w *walletRun) accountList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the accounts in the home", Args: cobra.NoArgs,
		RunE: w.runs(func(context.Context, []string) error {
			home, err := w.openHome()
			if err != nil {
				return err
			}
			store, err := home.Keystore()
			if err != nil {
				return err
			}
			accounts, err := store.List()
			if err != nil {
				return err
			}
			list := []accountJSON{}
			for _, account := range accounts {
				list = append(list, accountOf(account))
			}
			return w.print(list, func(out io.Writer) {
				fmt.Fprintln(out, "NAME\tADDRESS")
				for _, account := range accounts {
					fmt.Fprintf(out, "%s\t%s\n", account.Name, account.Address)
				}
			})
		}),
	}
}

func (w *walletRun) accountShow() *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show the account that commands would use", Args: cobra.NoArgs,
		RunE: w.runs(func(context.Context, []string) error {
			account, err := w.named()
			if err != nil {
				return err
			}
			return w.printAccount(account)
		}),
	}
}

// named is the account that the flags name, without its secret.
func (w *walletRun) named() (account wallet.Account, err error) {
	if isSURI(w.flags.account) {
		pair, err := keys.PairFromSURI(keys.Sr25519, w.flags.account)
		if err != nil {
			return account, err
		}
		defer pair.Wipe()
		name := w.flags.account
		if !strings.HasPrefix(name, "/") {
			name = "" // it is a secret
		}
		return wallet.Account{Name: name, Address: wallet.Address(pair.AccountID()), PublicKey: pair.AccountID()}, nil
	}
	home, err := w.openHome()
	if err != nil {
		return account, err
	}
	store, err := home.Keystore()
	if err != nil {
		return account, err
	}
	name, err := accountName(store, w.flags.account)
	if err != nil {
		return account, err
	}
	accounts, err := store.List()
	for _, account := range accounts {
		if account.Name == name {
			return account, nil
		}
	}
	if err == nil {
		err = &wallet.Refused{Cause: fmt.Sprintf("there is no account %q", name), Remedy: "see 'bitcloak wallet account list'"}
	}
	return account, err
}
