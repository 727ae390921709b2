package node

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
)

// A file of what the validator signed last has two places, which are written in turn: a power cut in the middle of one leaves
// the other, of the signature before, and the newest was not given away then. A place holds the record twice, a page each: if
// one of the newest two is damaged later, the other still tells what was given away. A place is overwritten where it is, so
// keeping a signature costs one write to the disk. (CometBFT's own validator makes a new file and renames it, which takes five
// times as long, three times a block.)
//
//	record: count u64, length u32 (little endian), JSON of privval.FilePVLastSignState, SHA-256 of all before
const (
	signedPage    = 4096 // bytes
	signedCopies  = 2
	signedPlace   = signedCopies * signedPage
	signedPlaces  = 2
	signedHeader  = 8 + 4
	maximumSigned = signedPage - signedHeader - sha256.Size
)

// signedFile is such a file, open for writing.
type signedFile struct {
	file  *os.File
	count uint64 // of the newest record
}

// createSigned makes the file, whole or not at all, with a first record.
func createSigned(path string, state *privval.FilePVLastSignState) error {
	place, err := encodeSigned(1, state)
	if err != nil {
		return err
	}
	both := make([]byte, signedPlaces*signedPlace)
	copy(both[signedPlace:], twice(place)) // where count 1 belongs
	if err := writeFile(path, both); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// openSigned reads the newest record.
func openSigned(path string) (*signedFile, privval.FilePVLastSignState, error) {
	var newest privval.FilePVLastSignState
	file, err := os.OpenFile(path, os.O_RDWR|dataSync, 0)
	if err != nil {
		return nil, newest, err
	}
	s := &signedFile{file: file}
	for i := range int64(signedPlaces * signedCopies) {
		place := make([]byte, signedPage)
		if _, err = file.ReadAt(place, i*signedPage); err != nil {
			break
		}
		if count, state, ok := decodeSigned(place); ok && count > s.count {
			s.count, newest = count, state
		}
	}
	if err == nil && s.count == 0 {
		err = errors.New("none of its records is whole")
	}
	if err != nil {
		return nil, newest, errors.Join(err, file.Close())
	}
	return s, newest, nil
}

// write keeps a record. It is on the disk when write returns.
func (s *signedFile) write(state *privval.FilePVLastSignState) error {
	place, err := encodeSigned(s.count+1, state)
	if err != nil {
		return err
	}
	if _, err := s.file.WriteAt(twice(place), int64((s.count+1)%signedPlaces)*signedPlace); err != nil {
		return err
	}
	s.count++
	return nil
}

// twice is a place that holds a record.
func twice(record []byte) []byte {
	place := make([]byte, signedPlace)
	for i := range signedCopies {
		copy(place[i*signedPage:], record)
	}
	return place
}

func (s *signedFile) Close() error { return s.file.Close() }

func encodeSigned(count uint64, state *privval.FilePVLastSignState) ([]byte, error) {
	text, err := cmtjson.Marshal(state)
	if err != nil {
		return nil, err
	}
	if len(text) > maximumSigned {
		return nil, fmt.Errorf("what was signed takes %d bytes, more than %d", len(text), maximumSigned)
	}
	place := binary.LittleEndian.AppendUint64(nil, count)
	place = binary.LittleEndian.AppendUint32(place, uint32(len(text)))
	place = append(place, text...)
	sum := sha256.Sum256(place)
	return append(place, sum[:]...), nil
}

func decodeSigned(place []byte) (count uint64, state privval.FilePVLastSignState, ok bool) {
	length := int(binary.LittleEndian.Uint32(place[8:]))
	if length > maximumSigned {
		return 0, state, false
	}
	record, rest := place[:signedHeader+length], place[signedHeader+length:]
	if sum := sha256.Sum256(record); !bytes.Equal(rest[:len(sum)], sum[:]) {
		return 0, state, false
	}
	err := cmtjson.Unmarshal(record[signedHeader:], &state)
	return binary.LittleEndian.Uint64(record), state, err == nil
}
