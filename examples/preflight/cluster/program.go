package cluster

import (
	"fmt"
	"os/exec"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// Machine is what was seen of the machine that the check runs on.
type Machine struct {
	Programs groundway.Part[Program] `json:"programs"` // those that an installer starts
}

// A Program is one that the machine has or lacks.
type Program struct {
	Name  string `json:"name"`
	Found bool   `json:"found"` // it stands in the path for programs
}

// Key returns the name.
func (p Program) Key() string { return p.Name }

// sshPrograms are what the last step of the Tectonic installer uses.
var sshPrograms = []string{"scp", "ssh", "ssh-keygen"}

// findPrograms looks for the programs that the profile's installer starts, where
// this machine looks for programs.
func findPrograms(p network.Profile) Machine {
	if p != network.ProfileTectonic {
		return Machine{}
	}
	m := Machine{Programs: groundway.SeenPart[Program]()}
	for _, name := range sshPrograms {
		_, err := exec.LookPath(name)
		m.Programs.Items = append(m.Programs.Items, Program{name, err == nil})
	}
	return m
}

const codeProgram groundway.Code = "preflight/program-missing"

func programRules() []groundway.Rule {
	return []groundway.Rule{{
		Since: "0.1.0", Code: codeProgram, Severity: groundway.Warning, Title: "This machine has ssh, scp and ssh-keygen",
		Doc: "The last step of the Tectonic installer logs into the nodes from the machine that it runs on. The warning is of no interest where that is another machine. https://www.openssh.com/portable.html",
	}}
}

// checkPrograms speaks of the machine that a live check ran on: a directory or a file
// that somebody handed over says nothing of one.
func checkPrograms(spec Spec, s Snapshot) []groundway.Finding {
	t := groundway.NewTally(programRules(), groundway.Subject{Kind: "machine"})
	switch programs := s.Machine.Programs; {
	case spec.Profile != network.ProfileTectonic:
		t.Inapplicable(codeProgram, "the installer of the profile starts none")
	case !programs.Seen:
		t.Inapplicable(codeProgram, "only a live check looks for programs")
	default:
		for _, p := range programs.Items {
			if p.Found {
				t.Pass(codeProgram, 1)
				continue
			}
			t.Fail(groundway.Finding{
				Code: codeProgram, Subject: groundway.Subject{Kind: "program", ID: p.Name},
				Summary:  fmt.Sprintf("The program %s is not in the path of this machine.", p.Name),
				Evidence: []groundway.Fact{{Path: groundway.Pointer("parts", "programs", "items", p.Name, "found"), Got: "false", Want: "true"}},
				Remedies: []groundway.Remedy{{Action: "Install the OpenSSH client, of which it is a part."}},
			})
		}
	}
	return t.Findings()
}
