package chain

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"unicode"

	"github.com/bitcloak/bitcloak/light"
	"github.com/bitcloak/bitcloak/substrate/scale"
	"github.com/bitcloak/bitcloak/wire"
)

// Bounds of what a wallet lists.
const (
	maxAssets  = 4096
	maxMarkets = 1024 // Confidential.MaxMarkets
)

// AssetKind is where an asset comes from.
type AssetKind uint8

// Kinds of assets.
const (
	KindNative AssetKind = iota
	KindRelay
	KindParachain
	KindUserIssued
)

// String is the kind's name in the runtime's metadata.
func (k AssetKind) String() string {
	names := [...]string{"Native", "Relay", "Parachain", "UserIssued"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Asset is what the chain says of an asset.
type Asset struct {
	ID         uint32
	Name       string
	Symbol     string
	Decimals   uint8
	Kind       AssetKind
	MinBalance scale.U128
}

// assetDetails is Assets.Asset.
type assetDetails struct {
	Kind                          uint8
	Para                          uint32
	Key                           []byte
	Owner, Issuer, Admin, Freezer scale.AccountID
	Supply, MinBalance            scale.U128
	Accounts                      uint32
	Status                        uint8
}

// maxLocationKey bounds a parachain's key of an asset, in bytes.
const maxLocationKey = 32

var kindCodec = scale.Enum("bitcloak_assets::AssetKind", func(d *assetDetails) *uint8 { return &d.Kind },
	scale.Variant[assetDetails](uint8(KindNative), "Native", ""),
	scale.Variant[assetDetails](uint8(KindRelay), "Relay", ""),
	scale.Variant(uint8(KindParachain), "Parachain", "",
		scale.Field("para", scale.U32, func(d *assetDetails) *uint32 { return &d.Para }),
		scale.Field("key", scale.Bytes(maxLocationKey), func(d *assetDetails) *[]byte { return &d.Key })),
	scale.Variant[assetDetails](uint8(KindUserIssued), "UserIssued", ""))

var assetCodec = scale.Struct("bitcloak_assets::AssetDetails", "",
	scale.Field("kind", kindCodec, func(d *assetDetails) *assetDetails { return d }),
	scale.Field("owner", scale.AccountIDCodec, func(d *assetDetails) *scale.AccountID { return &d.Owner }),
	scale.Field("issuer", scale.AccountIDCodec, func(d *assetDetails) *scale.AccountID { return &d.Issuer }),
	scale.Field("admin", scale.AccountIDCodec, func(d *assetDetails) *scale.AccountID { return &d.Admin }),
	scale.Field("freezer", scale.AccountIDCodec, func(d *assetDetails) *scale.AccountID { return &d.Freezer }),
	scale.Field("supply", scale.U128Codec, func(d *assetDetails) *scale.U128 { return &d.Supply }),
	scale.Field("min_balance", scale.U128Codec, func(d *assetDetails) *scale.U128 { return &d.MinBalance }),
	scale.Field("accounts", scale.U32, func(d *assetDetails) *uint32 { return &d.Accounts }),
	scale.Field("status", scale.U8, func(d *assetDetails) *uint8 { return &d.Status }))

// Bounds of an asset's texts, in bytes.
const (
	maxAssetName   = 64
	maxAssetSymbol = 16
)

type assetTexts struct {
	Name, Symbol []byte
	Decimals     uint8
}

var assetTextsCodec = scale.Struct("bitcloak_assets::AssetMetadata", "",
	scale.Field("name", scale.Bytes(maxAssetName), func(t *assetTexts) *[]byte { return &t.Name }),
	scale.Field("symbol", scale.Bytes(maxAssetSymbol), func(t *assetTexts) *[]byte { return &t.Symbol }),
	scale.Field("decimals", scale.U8, func(t *assetTexts) *uint8 { return &t.Decimals }))

// Assets lists the registered assets by number. The node says which there are; what it says of each is proven, so it can hide an
// asset and not invent or alter one.
func (c *Client) Assets(ctx context.Context) ([]Asset, error) {
	head := c.View().Head
	prefix := wire.StorageAsset(0)[:32]
	ids, err := c.numbers(ctx, head, prefix, maxAssets, 16)
	if err != nil {
		return nil, err
	}
	keys := make([][]byte, 0, 2*len(ids))
	for _, id := range ids {
		keys = append(keys, wire.StorageAsset(id), wire.StorageAssetMetadata(id))
	}
	values, err := c.Read(ctx, head, keys...)
	if err != nil {
		return nil, err
	}
	var assets []Asset
	for i, id := range ids {
		if values[2*i] == nil {
			continue
		}
		asset, err := decodeAsset(id, values[2*i], values[2*i+1])
		if err != nil {
			return nil, err
		}
		assets = append(assets, asset)
	}
	return assets, nil
}

func decodeAsset(id uint32, details, texts []byte) (Asset, error) {
	d, err := decode("Assets.Asset", details, assetCodec)
	if err != nil {
		return Asset{}, err
	}
	asset := Asset{ID: id, Symbol: fmt.Sprintf("asset-%d", id), Kind: AssetKind(d.Kind), MinBalance: d.MinBalance}
	if texts == nil {
		return asset, nil
	}
	t, err := decode("Assets.Metadata", texts, assetTextsCodec)
	if err != nil {
		return Asset{}, err
	}
	asset.Name, asset.Decimals = printable(t.Name), t.Decimals
	if symbol := printable(t.Symbol); symbol != "" {
		asset.Symbol = symbol
	}
	return asset, nil
}

// printable keeps an issuer's text from steering the terminal it is shown on.
func printable(text []byte) string {
	return string(bytes.Map(func(r rune) rune {
		if !unicode.IsPrint(r) { // control and formatting characters, such as those that turn the direction of writing
			return -1
		}
		return r
	}, bytes.ToValidUTF8(text, nil)))
}

// Markets lists the listed markets by number, proven as Assets is.
func (c *Client) Markets(ctx context.Context) ([]wire.Market, error) {
	head := c.View().Head
	ids, err := c.numbers(ctx, head, wire.StorageMarkets(), maxMarkets, 8)
	if err != nil {
		return nil, err
	}
	keys := make([][]byte, len(ids))
	for i, id := range ids {
		keys[i] = wire.StorageMarket(id)
	}
	values, err := c.Read(ctx, head, keys...)
	if err != nil {
		return nil, err
	}
	var markets []wire.Market
	for i, value := range values {
		if value == nil {
			continue
		}
		market, err := decode("Confidential.Markets", value, wire.MarketCodec)
		if err != nil {
			return nil, err
		}
		if market.ID != ids[i] || market.Check() != nil {
			return nil, fmt.Errorf("%w (Confidential.Markets of %d)", ErrState, ids[i])
		}
		markets = append(markets, market)
	}
	return markets, nil
}

// numbers are the u32 keys of a map whose hasher puts so many bytes before the key, ascending.
func (c *Client) numbers(ctx context.Context, at light.Head, prefix []byte, most, hash int) ([]uint32, error) {
	var ids []uint32
	var after []byte
	for {
		keys, err := c.node.Keys(ctx, at.Hash, prefix, after)
		if err != nil {
			return nil, fmt.Errorf("chain: list storage keys: %w", err)
		}
		for _, key := range keys {
			if len(key) != len(prefix)+hash+4 || !bytes.HasPrefix(key, prefix) || bytes.Compare(key, after) <= 0 {
				return nil, fmt.Errorf("%w (a storage key that was not asked for)", light.ErrMalformed)
			}
			id, after4 := uint32(0), key[len(key)-4:]
			for i, b := range after4 {
				id |= uint32(b) << (8 * i)
			}
			ids, after = append(ids, id), key
		}
		if len(ids) > most {
			return nil, fmt.Errorf("%w (more than %d entries of a map)", light.ErrMalformed, most)
		}
		if len(keys) < MaxKeys {
			break
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids, nil
}
