package program

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the system kill the program when this process ends in a way
// that runs no cleanup.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
