//go:build !linux

package program

import (
	"os/exec"
	"syscall"
)

// dieWithParent does nothing where the system offers nothing.
func dieWithParent(*exec.Cmd, syscall.Signal) {}
