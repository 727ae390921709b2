package main

import (
	"fmt"
	"testing"
)

func TestParseProxies(t *testing.T) {
	proxies, err := parseProxies([]string{"10.0.0.7", "10.1.2.3/8", "fd00::1"})
	if err != nil || fmt.Sprint(proxies) != "[10.0.0.7/32 10.0.0.0/8 fd00::1/128]" {
		t.Errorf("%v, %v", proxies, err)
	}
	for _, text := range []string{"", "example.org", "10.0.0.0/33", "10.0.0.7:80"} {
		if proxies, err := parseProxies([]string{text}); err == nil {
			t.Errorf("%q is %v", text, proxies)
		}
	}
}
