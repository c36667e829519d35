package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// nodes returns the instances that keep selects.
func (c *checker) nodes(keep func(NodeInstance) bool) []thing[Instance] {
	var list []thing[Instance]
	for _, t := range c.instances {
		if keep(c.o.Instances[t.n]) {
			list = append(list, t)
		}
	}
	return list
}

func checkInstanceFound(c *checker, code groundway.Code) {
	found(c, code, c.instances, unnamed, "instance", func(t thing[Instance]) []groundway.Remedy {
		return []groundway.Remedy{{
			Action:   "Launch the " + c.o.Instances[t.n].Purpose + ", and name its ID.",
			Commands: [][]string{aws(c.region, "ec2", "describe-instances"), c.launch(c.o.Instances[t.n])},
		}}
	})
}

// launch returns the command that launches an instance as the options have it.
func (c *checker) launch(n NodeInstance) []string {
	subnet := ""
	if len(n.Subnets) > 0 {
		subnet = n.Subnets[0]
	}
	words := []string{"ec2", "run-instances", "--image-id", "<image-id>", "--instance-type", "<instance-type>", "--subnet-id", word(subnet, "subnet-id"), "--key-name", word(n.KeyName, "key-pair-name")}
	if n.Profile != "" {
		words = append(words, "--iam-instance-profile", "Name="+word(n.Profile, "instance-profile-name"))
	}
	if n.Public {
		words = append(words, "--associate-public-ip-address")
	}
	return aws(c.region, words...)
}

func checkInstanceRunning(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeInstanceNotFound, c.instances, unnamed) {
		if t.item.State == "" {
			c.unknown(code, t.subject, t.lacks(actionInstances, "the state")...)
			continue
		}
		remedy := groundway.Remedy{
			Action:   "Start the instance, and wait until it runs.",
			Commands: [][]string{aws(c.region, "ec2", "start-instances", "--instance-ids", word(t.subject.ID, "instance-id"))},
		}
		if is(t.item.State, "terminated") || is(t.item.State, "shutting-down") {
			remedy = groundway.Remedy{Action: "Launch another instance: this one is gone for good.", Commands: [][]string{c.launch(c.o.Instances[t.n])}}
		}
		c.hold(is(t.item.State, "running"), claim{
			code: code, subject: t.subject, path: t.at("state"), got: t.item.State, want: "running", source: actionInstances,
			summary:  fmt.Sprintf("The %s %s is %s.", c.o.Instances[t.n].Purpose, t.subject.ID, t.item.State),
			remedies: []groundway.Remedy{remedy},
		})
	}
}

// checkInstancePlace asks for the subnets, or the VPC where no subnets are named.
func checkInstancePlace(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeInstanceNotFound, c.nodes(func(n NodeInstance) bool { return n.VPC != "" || len(n.Subnets) > 0 }), unnamed) {
		n := c.o.Instances[t.n]
		got, want, field := t.item.VPCID, []string{n.VPC}, "vpcId"
		if len(n.Subnets) > 0 {
			got, want, field = t.item.SubnetID, n.Subnets, "subnetId"
		}
		switch {
		case got == "" && (is(t.item.State, "terminated") || is(t.item.State, "shutting-down")):
			c.Skip(code, codeInstanceNotRunning, t.subject) // EC2 no longer says
			continue
		case got == "":
			c.unknown(code, t.subject, t.lacks(actionInstances, "the "+field)...)
			continue
		}
		c.hold(slices.Contains(want, got), claim{
			code: code, subject: t.subject, path: t.at(field), got: got, want: strings.Join(want, " or "), source: actionInstances,
			summary:  fmt.Sprintf("The %s %s is in %s, and belongs in %s.", n.Purpose, t.subject.ID, got, strings.Join(want, " or ")),
			remedies: []groundway.Remedy{{Action: "Launch the " + n.Purpose + " in the right subnet: an instance cannot be moved."}},
		})
	}
}

func checkInstancePublic(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeInstanceNotFound, c.nodes(func(n NodeInstance) bool { return n.Public }), unnamed) {
		n := c.o.Instances[t.n]
		if t.item.PublicIP == "" && !is(t.item.State, "running") {
			c.Skip(code, codeInstanceNotRunning, t.subject) // an address comes when it starts
			continue
		}
		c.hold(t.item.PublicIP != "", claim{
			code: code, subject: t.subject, path: t.at("publicIp"), want: "a public address", source: actionInstances,
			summary: fmt.Sprintf("The %s %s has no public address.", n.Purpose, t.subject.ID),
			remedies: []groundway.Remedy{{
				Action: "Give the instance an Elastic IP address.",
				Commands: [][]string{
					aws(c.region, "ec2", "allocate-address", "--domain", "vpc"),
					aws(c.region, "ec2", "associate-address", "--instance-id", word(t.subject.ID, "instance-id"), "--allocation-id", "<allocation-id>"),
				},
			}},
		})
	}
}

func checkInstanceProfile(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeInstanceNotFound, c.nodes(func(n NodeInstance) bool { return n.Profile != "" }), unnamed) {
		n := c.o.Instances[t.n]
		got := t.item.profile()
		if got == "" && (is(t.item.State, "terminated") || is(t.item.State, "shutting-down")) {
			c.Skip(code, codeInstanceNotRunning, t.subject)
			continue
		}
		summary := fmt.Sprintf("The %s %s carries no instance profile.", n.Purpose, t.subject.ID)
		name := "Name=" + word(n.Profile, "instance-profile-name")
		commands := [][]string{aws(c.region, "ec2", "associate-iam-instance-profile", "--instance-id", word(t.subject.ID, "instance-id"), "--iam-instance-profile", name)}
		if got != "" {
			summary = fmt.Sprintf("The %s %s carries the instance profile %q in place of %q.", n.Purpose, t.subject.ID, got, n.Profile)
			commands = [][]string{
				aws(c.region, "ec2", "describe-iam-instance-profile-associations", "--filters", "Name=instance-id,Values="+word(t.subject.ID, "instance-id")),
				aws(c.region, "ec2", "replace-iam-instance-profile-association", "--association-id", "<association-id>", "--iam-instance-profile", name),
			}
		}
		c.hold(got == n.Profile, claim{
			code: code, subject: t.subject, path: t.at("profileArn"), got: t.item.ProfileARN, want: n.Profile, source: actionInstances,
			summary:  summary,
			remedies: []groundway.Remedy{{Action: "Attach the instance profile to the instance.", Commands: commands}},
		})
	}
}

func checkInstanceKey(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeInstanceNotFound, c.nodes(func(n NodeInstance) bool { return n.KeyName != "" }), unnamed) {
		n := c.o.Instances[t.n]
		c.hold(t.item.KeyName == n.KeyName, claim{
			code: code, subject: t.subject, path: t.at("keyName"), got: t.item.KeyName, want: n.KeyName, source: actionInstances,
			summary:  fmt.Sprintf("The %s %s was launched with the key pair %q, and not with %q.", n.Purpose, t.subject.ID, t.item.KeyName, n.KeyName),
			remedies: []groundway.Remedy{{Action: "Use the key of that key pair, or add yours to the instance's authorized_keys; the key pair of an instance cannot be changed."}},
		})
	}
}

// checkGroupCreatable is for an installer that makes the security group of the nodes
// and its rules itself.
func checkGroupCreatable(c *checker, code groundway.Code) {
	if c.o.NewGroupVPC == "" {
		c.Inapplicable(code, unnamed)
		return
	}
	s := groundway.Subject{Kind: "security-group", Region: c.region, Path: "/network/workerSecurityGroups"}
	vpc := c.arn("ec2", "vpc/"+c.o.NewGroupVPC)
	if c.may(c.o.Installer, "ec2:CreateSecurityGroup", vpc) != iam.Allowed {
		c.permit(code, s, c.o.Installer, vpc, "where no security group is named", "ec2:CreateSecurityGroup")
		return
	}
	c.permit(code, s, c.o.Installer, c.arn("ec2", "security-group/*"), "where no security group is named", "ec2:CreateSecurityGroup", "ec2:AuthorizeSecurityGroupIngress")
}

func checkFileSystemFound(c *checker, code groundway.Code) {
	found(c, code, c.fileSystems, unnamed, "file system", func(t thing[FileSystem]) []groundway.Remedy {
		return []groundway.Remedy{{
			Action:   "Create an encrypted file system, and name its ID.",
			Commands: [][]string{aws(t.region, "efs", "create-file-system", "--encrypted")},
		}}
	})
}

func checkFileSystemState(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeFileSystemNotFound, c.fileSystems, unnamed) {
		if t.item.State == "" {
			c.unknown(code, t.subject, t.lacks(actionFileSystems, "the state")...)
			continue
		}
		remedy := "Create another file system: this one is being deleted, or failed."
		if is(t.item.State, "creating") || is(t.item.State, "updating") {
			remedy = "Wait until the file system is available, and check again."
		}
		c.hold(is(t.item.State, "available"), claim{
			code: code, subject: t.subject, path: t.at("state"), got: t.item.State, want: "available", source: actionFileSystems,
			summary:  fmt.Sprintf("The file system %s is %s.", t.subject.ID, t.item.State),
			remedies: []groundway.Remedy{{Action: remedy, Commands: [][]string{aws(t.region, "efs", "describe-file-systems", "--file-system-id", word(t.subject.ID, "file-system-id"))}}},
		})
	}
}

func checkFileSystemEncrypted(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeFileSystemNotFound, c.fileSystems, unnamed) {
		if t.item.Encrypted == nil {
			c.unknown(code, t.subject, t.lacks(actionFileSystems, "the encryption")...)
			continue
		}
		c.hold(*t.item.Encrypted, claim{
			code: code, subject: t.subject, path: t.at("encrypted"), got: fmt.Sprint(*t.item.Encrypted), want: "true", source: actionFileSystems,
			summary: fmt.Sprintf("The file system %s is not encrypted.", t.subject.ID),
			remedies: []groundway.Remedy{{
				Action:   "Create an encrypted file system and move the data there: encryption cannot be switched on later.",
				Commands: [][]string{aws(t.region, "efs", "create-file-system", "--encrypted")},
			}},
		})
	}
}

// checkMountTargets asks for a mount target in each subnet, or in its zone: EFS
// has one a zone, which serves all subnets there.
func checkMountTargets(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeFileSystemNotFound, c.fileSystems, unnamed) {
		targets := t.item.Targets
		for _, s := range c.o.FileSystem.Subnets {
			subject := groundway.Subject{Kind: "subnet", ID: s.ID, Region: t.region, Zone: s.Zone}
			at := slices.IndexFunc(targets.Items, func(m MountTarget) bool {
				return is(m.State, "available") && (m.SubnetID == s.ID || s.Zone != "" && m.Zone == s.Zone)
			})
			if at < 0 && !targets.Complete() {
				c.unknown(code, subject, partGaps(targets, actionMountTargets, "all mount targets of "+t.subject.ID)...)
				continue
			}
			got := ""
			for _, m := range targets.Items {
				if m.SubnetID == s.ID || s.Zone != "" && m.Zone == s.Zone {
					got = m.ID + " is " + m.State
				}
			}
			c.hold(at >= 0, claim{
				code: code, subject: subject, path: t.at("mountTargets"), got: got, want: "an available mount target in " + s.ID + " or its zone", source: actionMountTargets,
				summary: fmt.Sprintf("The file system %s has no available mount target for the subnet %s.", t.subject.ID, s.ID),
				related: []groundway.Subject{t.subject},
				remedies: []groundway.Remedy{{
					Action:   "Create a mount target in the subnet, whose security group lets NFS in from the workers.",
					Commands: [][]string{aws(t.region, "efs", "create-mount-target", "--file-system-id", word(t.subject.ID, "file-system-id"), "--subnet-id", word(s.ID, "subnet-id"), "--security-groups", "<security-group-id>")},
				}},
			})
		}
		if len(c.o.FileSystem.Subnets) == 0 {
			c.Inapplicable(code, unnamed)
		}
	}
}

// is compares a value of an AWS enumeration, whose case differs between calls.
func is(value, word string) bool { return strings.EqualFold(value, word) }
