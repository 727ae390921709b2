//go:build !linux

package soak

import "syscall"

func orphanless() *syscall.SysProcAttr { return nil }
