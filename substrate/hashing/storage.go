package hashing

// StoragePrefix returns the first 32 bytes of every key of a storage item:
// twox128(pallet) ++ twox128(item).
func StoragePrefix(pallet, item string) [32]byte {
	var prefix [32]byte
	twox(prefix[:16], []byte(pallet))
	twox(prefix[16:], []byte(item))
	return prefix
}

// Blake2_128Concat returns blake2_128(key) ++ key, the map hasher for keys that
// outsiders choose; the key itself can be read back from the storage key.
func Blake2_128Concat(key []byte) []byte {
	return AppendBlake2_128Concat(make([]byte, 0, 16+len(key)), key)
}

// AppendBlake2_128Concat appends blake2_128(key) ++ key to dst.
func AppendBlake2_128Concat(dst, key []byte) []byte {
	sum := Blake2_128(key)
	dst = append(dst, sum[:]...)
	return append(dst, key...)
}

// Twox64Concat returns twox64(key) ++ key, the map hasher for keys that no
// outsider chooses, such as counters.
func Twox64Concat(key []byte) []byte {
	return AppendTwox64Concat(make([]byte, 0, 8+len(key)), key)
}

// AppendTwox64Concat appends twox64(key) ++ key to dst.
func AppendTwox64Concat(dst, key []byte) []byte {
	sum := Twox64(key)
	dst = append(dst, sum[:]...)
	return append(dst, key...)
}

// Identity returns a copy of key: the map hasher for keys that are already
// hashes.
func Identity(key []byte) []byte {
	return append([]byte(nil), key...)
}
