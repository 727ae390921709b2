package auditor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Account is an account's public key.
type Account = [32]byte

// holding names an account's balance of an asset.
type holding struct {
	asset   uint32
	account Account
}

// native is CLOAK's number.
const native uint32 = 0

// custody is the account that holds what was deposited.
var custody = palletAccount("modlbtc/cust")

func palletAccount(name string) (a Account) {
	copy(a[:], name)
	return a
}

// counters are PrivateAssets.Counters of an asset.
type counters struct{ deposited, depositedAtCommit, liabilities, queued, shielded, custody *big.Int }

// pending is a deposit that the chain keeps.
type pending struct {
	depositor Account
	asset     uint32
	amount    *big.Int
	message   uint64
}

// inbox is the chain's count and hash of messages.
type inbox struct {
	count uint64
	hash  [32]byte
}

// state is what the auditor reads of a block's state.
type state struct {
	balances  map[holding]*big.Int
	issuance  map[uint32]*big.Int
	counters  map[uint32]counters
	deposits  map[uint64]pending
	claimable map[holding]*big.Int
	inbox     inbox
	messages  []byte
	events    []byte
	last      *lastCommit
	markets   map[uint32]market
}

// market is the part of a listing that amounts follow from.
type market struct {
	base, quote uint32
	lotSize     *big.Int
	tickValue   uint64
	fees        [2]uint32 // ppm: maker, taker
}

// lastCommit is Confidential.LastCommit.
type lastCommit struct {
	checkpoint uint64
	number     uint32
	block      [32]byte
	root       [32]byte
	inbox      inbox
	outbox     uint64
}

var (
	keyAccounts  = prefix("System", "Account")
	keyEvents    = prefix("System", "Events")
	keyIssuance  = prefix("Balances", "TotalIssuance")
	keyAssets    = prefix("Assets", "Asset")
	keyHoldings  = prefix("Assets", "Account")
	keyCounters  = prefix("PrivateAssets", "Counters")
	keyDeposits  = prefix("PrivateAssets", "Deposits")
	keyClaimable = prefix("PrivateAssets", "Claimable")
	keyInbox     = prefix("Confidential", "Inbox")
	keyMessages  = prefix("Confidential", "BlockMessages")
	keyLast      = prefix("Confidential", "LastCommit")
	keyMarkets   = prefix("Confidential", "Markets")
)

// decodeState reads what matters of all entries.
func decodeState(entries map[string][]byte) (*state, error) {
	s := &state{balances: map[holding]*big.Int{}, issuance: map[uint32]*big.Int{}, counters: map[uint32]counters{},
		deposits: map[uint64]pending{}, claimable: map[holding]*big.Int{}, markets: map[uint32]market{}}
	for key, value := range entries {
		if len(key) < 32 {
			continue
		}
		r := &reader{rest: value}
		if err := s.entry(key[:32], key[32:], r); err != nil {
			return nil, err
		}
		if r.err != nil {
			return nil, fmt.Errorf("auditor: the state under %x: %w", key, r.err)
		}
	}
	if s.issuance[native] == nil {
		s.issuance[native] = new(big.Int)
	}
	return s, nil
}

func (s *state) entry(item, rest string, r *reader) error {
	switch item {
	case keyAccounts:
		r.take(16) // nonce and references
		free, reserved := r.u128(), r.u128()
		s.balances[holding{native, account(rest)}] = free.Add(free, reserved)
	case keyHoldings:
		s.balances[holding{assetOf(rest[16:20]), account(rest)}] = r.u128()
	case keyIssuance:
		s.issuance[native] = r.u128()
	case keyAssets:
		asset := assetOf(rest[len(rest)-4:])
		if kind := r.u8(); kind == 2 {
			r.u32()
			r.bytes()
		}
		r.take(4 * 32)
		if supply := r.u128(); asset != native {
			s.issuance[asset] = supply
		}
	case keyCounters:
		s.counters[assetOf(rest[8:])] = counters{r.u128(), r.u128(), r.u128(), r.u128(), r.u128(), r.u128()}
	case keyDeposits:
		id := binary.LittleEndian.Uint64([]byte(rest[8:]))
		s.deposits[id] = pending{r.hash(), r.u32(), r.u128(), r.u64()}
	case keyClaimable:
		s.claimable[holding{assetOf(rest[len(rest)-4:]), account(rest[16:48])}] = r.u128()
	case keyInbox:
		s.inbox = inbox{r.u64(), r.hash()}
	case keyLast:
		s.last = &lastCommit{r.u64(), r.u32(), r.hash(), r.hash(), inbox{r.u64(), r.hash()}, r.u64()}
	case keyMessages:
		s.messages, r.rest = r.rest, nil
	case keyEvents:
		s.events, r.rest = r.rest, nil
	case keyMarkets:
		id := r.u32()
		m := market{base: r.u32(), quote: r.u32(), lotSize: r.u128(), tickValue: r.u64()}
		r.take(3 * 8) // bounds of quantity and price
		m.fees = [2]uint32{r.u32(), r.u32()}
		s.markets[id] = m
	}
	return nil
}

// account is the last 32 bytes of a key.
func account(key string) Account { return Account([]byte(key[len(key)-32:])) }

func assetOf(key string) uint32 { return binary.LittleEndian.Uint32([]byte(key)) }

// compare lists where two tables of balances differ; a zero is as good as nothing.
func compare(want, got map[holding]*big.Int) error {
	var differences []string
	for h, amount := range want {
		if other := got[h]; amount.Sign() != 0 && (other == nil || other.Cmp(amount) != 0) {
			differences = append(differences, fmt.Sprintf("asset %d of %x: %v, counted %v", h.asset, h.account[:4], other, amount))
		}
	}
	for h, amount := range got {
		if want[h] == nil && amount.Sign() != 0 {
			differences = append(differences, fmt.Sprintf("asset %d of %x: %v, counted nothing", h.asset, h.account[:4], amount))
		}
	}
	if differences == nil {
		return nil
	}
	slices.Sort(differences)
	return errors.New(strings.Join(differences, "; "))
}
