package runtime

// MetadataVersions are the formats in which the runtime describes itself.
func MetadataVersions() []uint32 { return []uint32{14, 15} }

// Metadata is the runtime's description in one of these formats, nil for others. It
// is encoded anew at each call: whoever needs it often keeps it.
func Metadata(version uint32) []byte { return composed.metadata(version) }

func (r *composition) metadata(version uint32) []byte {
	if version != 14 && version != 15 {
		return nil
	}
	encoded, err := r.declared.Encode(version)
	if err != nil {
		panic(err) // the declarations contradict each other: a mistake in the program
	}
	return encoded
}
