package program

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the system send the program the signal when this process ends
// in a way that runs no cleanup.
func dieWithParent(cmd *exec.Cmd, signal syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: signal}
}
