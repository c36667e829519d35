package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/network"
)

// plan says what the steps of the page make, in their order.
func plan(ctx context.Context, j *install.Job) error {
	s := j.Spec
	switch {
	case s.Profile != network.ProfileElastic:
		return install.Key("profile", "got %s, want elastic", s.Profile)
	case s.Elastic.Secrets == "":
		return errors.New("the spec has no key elastic, want a mapping with secrets")
	case s.Resources.ControllerRole.Name == "" || s.Resources.WorkerRole.Name == "":
		return errors.New("the spec does not name the roles, want resources.controllerRole and resources.workerRole")
	case s.Network.New():
		return install.Key("network.cidr", "got a new VPC, want network.vpc: the policy of the installer names it")
	}
	e := presets.Elastic{
		InstallerRole: s.Resources.ControllerRole.Name, WorkerRole: s.Resources.WorkerRole.Name, VPC: s.Network.VPC,
		Secrets: s.Elastic.Secrets, Network: s.Elastic.MakesNetwork,
	}
	set, err := e.Set(j.Scope)
	if err != nil {
		return err
	}
	j.Network()
	if err := j.Policies(ctx, set, "", presets.ElasticInstaller{Elastic: e}, presets.ElasticWorker{Elastic: e}); err != nil {
		return err
	}
	if err := j.KeyPair(); err != nil {
		return err
	}
	hosts(j)
	j.Files.Put("config-values.txt", "what the configuration of the environment asks for", []byte(values(j)))
	return nil
}

// hosts says how the two instances are to be that people launch.
func hosts(j *install.Job) {
	s := j.Spec
	j.Section("Instances, for a person to launch")
	if s.Network.JumpHostSubnet != "" {
		j.Line(' ', "jump host: in %s, with a public address, the key pair %s and %s",
			s.Network.JumpHostSubnet, cmp.Or(s.SSH.KeyName, "of your choice"), groups(s.Network.JumpHostSecurityGroups))
	} else {
		j.Line(' ', "jump host: none, so that the private subnets have to be reached in another way")
	}
	for _, subnet := range s.Network.ControllerSubnets[:1] {
		j.Line(' ', "master node: in %s, with the instance profile %s, the key pair %s and %s",
			subnet, s.Resources.ControllerRole.Name, cmp.Or(s.SSH.KeyName, "of your choice"), groups(s.Network.ControllerSecurityGroups))
	}
}

func groups(ids []string) string {
	if len(ids) == 0 {
		return "a security group that lets SSH in"
	}
	return "the security groups " + strings.Join(ids, ", ")
}

// values are those that people copy into the configuration of the environment and
// into config.txt, under the names that the pages have for them: the keys of
// config.txt come with the installer.
func values(j *install.Job) string {
	s := j.Spec
	var b strings.Builder
	for _, v := range []struct{ name, value string }{
		{"Region", s.Region},
		{"VPC", s.Network.VPC},
		{"Subnets", strings.Join(s.Network.WorkerSubnets, ",")},
		{"Cluster installer role", s.Resources.ControllerRole.Name},
		{"Cluster installer instance profile", s.Resources.ControllerRole.Name},
		{"Worker node role", s.Resources.WorkerRole.Name},
		{"Worker instance profile", s.Resources.WorkerRole.Name},
		{"Worker instance type", strings.Join(s.Network.InstanceTypes, ",")},
		{"Security group", s.Elastic.SecurityGroup},
		{"Key pair", s.SSH.KeyName},
	} {
		if v.value != "" {
			fmt.Fprintf(&b, "%-36s%s\n", v.name+":", v.value)
		}
	}
	return b.String()
}
