package runtime

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bitcloak/bitcloak/runtime/frame"
	"github.com/bitcloak/bitcloak/substrate/metadata"
	"github.com/bitcloak/bitcloak/substrate/scale"
)

// rows gives the cells of the tables of a section of spec/interface.md.
func rows(t *testing.T, section string) (rows [][]string) {
	t.Helper()
	page, err := os.ReadFile("../spec/interface.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n## "+section+"\n")
	if !found {
		t.Fatalf("no section %q", section)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	if len(rows) < 5 {
		t.Fatalf("section %q has %d rows: the test would pass without looking", section, len(rows))
	}
	return rows[1:] // without the heading
}

func palletNamed(t *testing.T, name string) *frame.Pallet {
	t.Helper()
	for i := range composed.pallets {
		if composed.pallets[i].Name == name {
			return &composed.pallets[i]
		}
	}
	t.Fatalf("there is no pallet %s", name)
	return nil
}

var (
	callPattern  = regexp.MustCompile(`(\d+) (\w+)\(([^)]*)\)`)
	eventPattern = regexp.MustCompile(`(\w+) \((\d+)\)`)
)

// fieldNames lists the names of "a: u32, b (in words)".
func fieldNames(text string) (names []string) {
	text = regexp.MustCompile(`<.*?>+| \([^)]*\)`).ReplaceAllString(text, "")
	for _, field := range strings.Split(text, ", ") {
		if name, _, _ := strings.Cut(field, ":"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// TestInterfacePageListsEveryCall compares indices, names and arguments both ways.
func TestInterfacePageListsEveryCall(t *testing.T) {
	for _, row := range rows(t, "Pallets") {
		p := palletNamed(t, row[1])
		if row[0] != strconv.Itoa(int(p.Index)) {
			t.Errorf("%s has index %d, the page says %s", p.Name, p.Index, row[0])
		}
		var declared, listed []string
		for _, call := range p.Calls {
			d := call.Declaration()
			var names []string
			for _, field := range d.Fields {
				names = append(names, field.Name)
			}
			declared = append(declared, strconv.Itoa(int(d.Index))+" "+d.Name+"("+strings.Join(names, ", ")+")")
		}
		for _, call := range callPattern.FindAllStringSubmatch(row[2]+", "+row[3], -1) {
			listed = append(listed, call[1]+" "+call[2]+"("+strings.Join(fieldNames(call[3]), ", ")+")")
		}
		slices.Sort(declared)
		slices.Sort(listed)
		if !slices.Equal(declared, listed) {
			t.Errorf("%s declares\n%q\nand the page lists\n%q", p.Name, declared, listed)
		}
	}
}

// TestInterfacePageNamesEventsAsDeclared: those that it names, by index and fields.
func TestInterfacePageNamesEventsAsDeclared(t *testing.T) {
	var p *frame.Pallet
	for _, row := range rows(t, "Events that clients follow") {
		if row[0] != "" {
			p = palletNamed(t, row[0])
		}
		want := fieldNames(row[2])
		for _, event := range eventPattern.FindAllStringSubmatch(row[1], -1) {
			at := slices.IndexFunc(p.Metadata().Events.Variants, func(v scale.TypeVariant) bool { return v.Name == event[1] })
			if at < 0 {
				t.Errorf("%s has no event %s", p.Name, event[1])
				continue
			}
			v := p.Metadata().Events.Variants[at]
			var names []string
			for _, field := range v.Fields {
				names = append(names, field.Name)
			}
			if strconv.Itoa(int(v.Index)) != event[2] || !slices.Equal(names, want) {
				t.Errorf("%s.%s has index %d and fields %q, the page says %s and %q", p.Name, v.Name, v.Index, names, event[2], want)
			}
		}
	}
}

// TestInterfacePageNamesStorageAsDeclared, with the number of keys.
func TestInterfacePageNamesStorageAsDeclared(t *testing.T) {
	for _, row := range rows(t, "Storage that clients read") {
		p := palletNamed(t, row[0])
		entries := p.Metadata().Storage
		at := slices.IndexFunc(entries, func(e metadata.StorageEntry) bool { return e.Name == row[1] })
		if at < 0 {
			t.Errorf("%s has no item %s", p.Name, row[1])
			continue
		}
		key, _, _ := strings.Cut(row[2], "->")
		if keys := strings.Count(key, "("); keys != len(entries[at].Keys) {
			t.Errorf("%s.%s has %d keys, the page says %d", p.Name, row[1], len(entries[at].Keys), keys)
		}
	}
}
