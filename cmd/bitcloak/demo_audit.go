package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/big"
	"text/tabwriter"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/hashing"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wallet/chain"
	"github.com/bitcloak/bitcloak/wire"
)

// The audit recomputes I1 and I2 with its own arithmetic over raw, proven storage: it shares neither types nor sums with the
// runtime. Offsets are those of the encodings in spec/interface.md.
const (
	accountFree, accountReserved = 16, 32 // in System.Account, after four u32
	accountSize                  = 80
	accountKeyTail               = 32 // keys end with the account
)

// audit compares issuance with balances, and custody with what is owed, for every asset.
func (d *demo) audit(ctx context.Context) error {
	view, err := d.chain.Fresh(ctx)
	if err != nil {
		return err
	}
	head := view.Head
	d.say("\nRecomputed from storage proven at block %d:", head.Number)
	table := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "  asset\tissuance\tsum of balances\tcustody counter\tL + (D - D[c0]) + Q + S\tcustody's balance\tI1\tI2")
	d.result.Conserved, d.result.Backed = true, true
	for i := range d.listing.Assets {
		row, err := d.auditAsset(ctx, head, &d.listing.Assets[i])
		if err != nil {
			return err
		}
		d.result.Conserved = d.result.Conserved && row.conserved()
		d.result.Backed = d.result.Backed && row.backed()
		fmt.Fprintf(table, "  %s\t%v\t%v\t%v\t%v\t%v\t%v\t%v\n", d.listing.Assets[i].Symbol, row.issuance, row.balances, row.custody, row.owed, row.held,
			verdict(row.conserved()), verdict(row.backed()))
	}
	return table.Flush()
}

func verdict(holds bool) string {
	if holds {
		return "holds"
	}
	return "BROKEN"
}

// auditRow is one asset, in base units.
type auditRow struct {
	issuance, balances  *big.Int
	custody, owed, held *big.Int
}

func (r *auditRow) conserved() bool { return r.issuance.Cmp(r.balances) == 0 }                          // I1
func (r *auditRow) backed() bool    { return r.custody.Cmp(r.owed) == 0 && r.held.Cmp(r.custody) >= 0 } // I2

func (d *demo) auditAsset(ctx context.Context, head light.Head, asset *chain.Asset) (*auditRow, error) {
	row := &auditRow{balances: new(big.Int), held: new(big.Int)}
	native := asset.ID == 0
	prefix := hashing.StoragePrefix("System", "Account")
	holders := prefix[:]
	if !native {
		holders = wire.StorageAssetAccount(asset.ID, scale.AccountID{})
		holders = holders[:len(holders)-16-accountKeyTail] // without the second key: Blake2_128Concat(AccountId)
	}
	err := d.eachProven(ctx, head, holders, func(key, value []byte) error {
		amount, err := balanceIn(value, native)
		if err != nil {
			return err
		}
		row.balances.Add(row.balances, amount)
		if scale.AccountID(key[len(key)-accountKeyTail:]) == wire.CustodyAccount {
			row.held = amount
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if row.issuance, err = d.issuance(ctx, head, asset.ID); err != nil {
		return nil, err
	}
	values, err := d.chain.Read(ctx, head, wire.StorageCounters(asset.ID))
	if err != nil {
		return nil, err
	}
	counters := make([]*big.Int, 6) // D, D[c0], L, Q, S, custody
	for i := range counters {
		counters[i] = new(big.Int)
		if values[0] != nil {
			counters[i] = u128At(values[0], 16*i)
		}
	}
	row.custody = counters[5]
	row.owed = new(big.Int).Add(counters[2], counters[0])
	row.owed.Sub(row.owed, counters[1]).Add(row.owed, counters[3]).Add(row.owed, counters[4])
	return row, nil
}

// issuance reads Balances.TotalIssuance, or the supply in Assets.Asset.
func (d *demo) issuance(ctx context.Context, head light.Head, asset uint32) (*big.Int, error) {
	total := hashing.StoragePrefix("Balances", "TotalIssuance")
	key := total[:]
	if asset != 0 {
		key = wire.StorageAsset(asset)
	}
	values, err := d.chain.Read(ctx, head, key)
	if err != nil {
		return nil, err
	}
	if asset == 0 {
		return u128At(values[0], 0), nil
	}
	decoder := scale.NewDecoder(values[0])
	if decoder.U8() == 2 { // AssetKind Parachain { para, key }
		decoder.U32()
		decoder.Bytes(64)
	}
	decoder.View(4 * 32) // owner, issuer, admin, freezer
	supply := decoder.U128()
	if err := decoder.Err(); err != nil {
		return nil, fmt.Errorf("Assets.Asset of asset %d: %w", asset, err)
	}
	value, _ := new(big.Int).SetString(supply.String(), 10)
	return value, nil
}

// eachProven visits every key below a prefix. The node names the keys; the values are proven, and the sums would not meet if it
// had left some out.
func (d *demo) eachProven(ctx context.Context, head light.Head, prefix []byte, visit func(key, value []byte) error) error {
	var after []byte
	for {
		keys, err := d.chain.Node().Keys(ctx, head.Hash, prefix, after)
		if err != nil || len(keys) == 0 {
			return err
		}
		values, err := d.chain.Read(ctx, head, keys...)
		if err != nil {
			return err
		}
		for i, key := range keys {
			if err := visit(key, values[i]); err != nil {
				return err
			}
		}
		after = keys[len(keys)-1]
	}
}

// balanceIn adds up what an account holds, free and reserved.
func balanceIn(value []byte, native bool) (*big.Int, error) {
	if !native {
		if len(value) != 17 {
			return nil, fmt.Errorf("Assets.Account has %d bytes instead of 17", len(value))
		}
		return u128At(value, 0), nil
	}
	if len(value) != accountSize {
		return nil, fmt.Errorf("System.Account has %d bytes instead of %d", len(value), accountSize)
	}
	return new(big.Int).Add(u128At(value, accountFree), u128At(value, accountReserved)), nil
}

// u128At reads 16 bytes, little-endian.
func u128At(value []byte, offset int) *big.Int {
	low, high := binary.LittleEndian.Uint64(value[offset:]), binary.LittleEndian.Uint64(value[offset+8:])
	number := new(big.Int).Lsh(new(big.Int).SetUint64(high), 64)
	return number.Or(number, new(big.Int).SetUint64(low))
}
