package light

// SetRetained lets tests make the reader forget bodies early.
func (r *InboxReader) SetRetained(bytes int) { r.retain = bytes }
