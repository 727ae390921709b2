//go:build !linux

package faults

import "syscall"

func orphanless() *syscall.SysProcAttr { return nil }
