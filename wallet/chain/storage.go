package chain

import (
	"context"
	"fmt"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// AccountInfo is System.Account.
type AccountInfo struct {
	Nonce                            uint32
	Consumers, Providers, Sufficient uint32
	Free, Reserved, Frozen, Flags    scale.U128
}

var accountCodec = scale.Struct("frame_system::AccountInfo", "",
	scale.Field("nonce", scale.U32, func(a *AccountInfo) *uint32 { return &a.Nonce }),
	scale.Field("consumers", scale.U32, func(a *AccountInfo) *uint32 { return &a.Consumers }),
	scale.Field("providers", scale.U32, func(a *AccountInfo) *uint32 { return &a.Providers }),
	scale.Field("sufficients", scale.U32, func(a *AccountInfo) *uint32 { return &a.Sufficient }),
	scale.Field("free", scale.U128Codec, func(a *AccountInfo) *scale.U128 { return &a.Free }),
	scale.Field("reserved", scale.U128Codec, func(a *AccountInfo) *scale.U128 { return &a.Reserved }),
	scale.Field("frozen", scale.U128Codec, func(a *AccountInfo) *scale.U128 { return &a.Frozen }),
	scale.Field("flags", scale.U128Codec, func(a *AccountInfo) *scale.U128 { return &a.Flags }))

// holding is Assets.Account.
type holding struct {
	Balance scale.U128
	Frozen  bool
}

var holdingCodec = scale.Struct("bitcloak_assets::AssetAccount", "",
	scale.Field("balance", scale.U128Codec, func(h *holding) *scale.U128 { return &h.Balance }),
	scale.Field("frozen", scale.Bool, func(h *holding) *bool { return &h.Frozen }))

// Read gives the proven values under keys in a block's state. An absent value is nil.
func (c *Client) Read(ctx context.Context, at light.Head, keys ...[]byte) ([][]byte, error) {
	var values [][]byte
	for len(keys) > 0 {
		count := min(len(keys), light.MaxKeys)
		some, err := c.light.Read(ctx, at, keys[:count]...)
		if err != nil {
			return nil, err
		}
		values, keys = append(values, some...), keys[count:]
	}
	return values, nil
}

// read gives one decoded value; an absent one is the zero value.
func read[T any](ctx context.Context, c *Client, at light.Head, name string, key []byte, codec scale.Codec[T]) (value T, found bool, err error) {
	values, err := c.light.Read(ctx, at, key)
	if err != nil || values[0] == nil {
		return value, false, err
	}
	value, err = decode(name, values[0], codec)
	return value, true, err
}

func decode[T any](name string, encoded []byte, codec scale.Codec[T]) (T, error) {
	value, err := codec.Unmarshal(encoded)
	if err != nil {
		return value, fmt.Errorf("%w (%s: %w)", ErrState, name, err)
	}
	return value, nil
}

// Account is System.Account at the newest head.
func (c *Client) Account(ctx context.Context, account scale.AccountID) (AccountInfo, error) {
	info, _, err := read(ctx, c, c.View().Head, "System.Account", wire.StorageAccount(account), accountCodec)
	return info, err
}

// AccountAt is System.Account at a proven head.
func (c *Client) AccountAt(ctx context.Context, at light.Head, account scale.AccountID) (AccountInfo, error) {
	info, _, err := read(ctx, c, at, "System.Account", wire.StorageAccount(account), accountCodec)
	return info, err
}

// Deposit is a deposit that no commit has passed at a block; found is false once one has.
func (c *Client) Deposit(ctx context.Context, at light.Head, id uint64) (deposit wire.PendingDeposit, found bool, err error) {
	return read(ctx, c, at, "PrivateAssets.Deposits", wire.StorageDeposit(id), wire.PendingDepositCodec)
}

// ContractKey is the contract's public key of an epoch.
func (c *Client) ContractKey(ctx context.Context, epoch uint32) (key wire.ContractKey, found bool, err error) {
	public, found, err := read(ctx, c, c.View().Head, "Confidential.ContractKeys", wire.StorageContractKey(epoch), scale.Bytes(wire.PublicKeySize))
	if err != nil || !found {
		return key, false, err
	}
	if len(public) != wire.PublicKeySize {
		return key, false, fmt.Errorf("%w (Confidential.ContractKeys: %d bytes)", ErrState, len(public))
	}
	key.Epoch = epoch
	copy(key.Public[:], public)
	return key, true, nil
}

// Worker is a registered worker's record at the newest head.
func (c *Client) Worker(ctx context.Context, worker [32]byte) (record wire.Worker, found bool, err error) {
	key := wire.StorageWorker(worker)
	view := c.View()
	if value, known := view.Watched(key); known {
		if value == nil {
			return record, false, nil
		}
		record, err = decode("Confidential.Workers", value, wire.WorkerCodec)
		return record, err == nil, err
	}
	return read(ctx, c, view.Head, "Confidential.Workers", key, wire.WorkerCodec)
}

// Counters are one asset's side of I2 at the newest head.
func (c *Client) Counters(ctx context.Context, asset uint32) (wire.Counters, error) {
	counters, _, err := read(ctx, c, c.View().Head, "PrivateAssets.Counters", wire.StorageCounters(asset), wire.CountersCodec)
	return counters, err
}

// Paused tells whether governance has paused deposits.
func (c *Client) Paused(ctx context.Context) (bool, error) {
	paused, _, err := read(ctx, c, c.View().Head, "PrivateAssets.Paused", wire.StoragePaused(), scale.Bool)
	return paused, err
}
