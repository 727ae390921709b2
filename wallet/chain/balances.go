package chain

import (
	"context"

	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Holding is what an account has of an asset on the chain, outside the pool.
type Holding struct {
	Balance   scale.U128 // it can spend
	Frozen    bool       // by the asset's freezer
	Claimable scale.U128 // payouts that could not be made: see claim
}

// Holdings are an account's holdings of assets, proven at the newest head, in the order of the assets.
func (c *Client) Holdings(ctx context.Context, account scale.AccountID, assets []Asset) ([]Holding, error) {
	keys := make([][]byte, 0, 2*len(assets))
	for i := range assets {
		key := wire.StorageAssetAccount(assets[i].ID, account)
		if assets[i].Kind == KindNative {
			key = wire.StorageAccount(account)
		}
		keys = append(keys, key, wire.StorageClaimable(account, assets[i].ID))
	}
	values, err := c.Read(ctx, c.View().Head, keys...)
	if err != nil {
		return nil, err
	}
	holdings := make([]Holding, len(assets))
	for i := range assets {
		if holdings[i], err = decodeHolding(assets[i].Kind, values[2*i], values[2*i+1]); err != nil {
			return nil, err
		}
	}
	return holdings, nil
}

func decodeHolding(kind AssetKind, balance, claimable []byte) (h Holding, err error) {
	switch {
	case balance == nil:
	case kind == KindNative:
		info, err := decode("System.Account", balance, accountCodec)
		if err != nil {
			return h, err
		}
		h.Balance = info.Free
	default:
		held, err := decode("Assets.Account", balance, holdingCodec)
		if err != nil {
			return h, err
		}
		h.Balance, h.Frozen = held.Balance, held.Frozen
	}
	if claimable != nil {
		h.Claimable, err = decode("PrivateAssets.Claimable", claimable, scale.U128Codec)
	}
	return h, err
}
