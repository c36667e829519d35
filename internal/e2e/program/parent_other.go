//go:build !linux

package program

import "os/exec"

// dieWithParent does nothing where the system offers nothing.
func dieWithParent(*exec.Cmd) {}
