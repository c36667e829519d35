package resource

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// clusterTags are the keys of tags that name the cluster of a stack.
var clusterTags = []string{"alpha.eksctl.io/cluster-name", "eksctl.cluster.k8s.io/v1alpha1/cluster-name", groundway.OwnerTag}

// eksctlStack is what eksctl calls the stacks of a cluster, behind eksctl-CLUSTER-.
// The name of another cluster may go on behind this one's: "demo-2".
var eksctlStack = regexp.MustCompile(`^(cluster|fargate|karpenter|(accessentry|addon|nodegroup|podidentityrole)-.+)$`)

// ofCluster reports whether a stack is one of the cluster: by a tag that names it or,
// where no tag names any, by the names that eksctl gives.
func (c *checker) ofCluster(s Stack) bool {
	if c.o.Cluster == "" {
		return false
	}
	named := false
	for _, key := range clusterTags {
		cluster, tagged := s.Tags[key]
		if tagged && cluster == c.o.Cluster {
			return true
		}
		named = named || tagged
	}
	rest, eksctl := strings.CutPrefix(s.Name, "eksctl-"+c.o.Cluster+"-")
	return s.Tags["kubernetes.io/cluster/"+c.o.Cluster] == "owned" || !named && eksctl && eksctlStack.MatchString(rest)
}

// checkLeftovers looks for what an earlier cluster of the name left where tags of
// EC2 do not show it: its stacks, instance profiles and roles.
func checkLeftovers(c *checker, code groundway.Code) {
	if c.o.Cluster == "" {
		c.Inapplicable(code, unnamed)
		return
	}
	c.leftStacks(code)
	c.leftProfiles(code)
	c.leftRoles(code)
	whole := groundway.Subject{Kind: "cluster", ID: c.o.Cluster, Region: c.region}
	var gaps []groundway.Gap
	if !c.s.Stacks.Complete() {
		gaps = append(gaps, partGaps(c.s.Stacks, actionStacks, "all stacks of the region")...)
	}
	if !c.s.Profiles.Complete() {
		gaps = append(gaps, partGaps(c.s.Profiles, actionProfiles, "all instance profiles")...)
	}
	switch {
	case len(gaps) > 0:
		c.unknown(code, whole, gaps...)
	case !c.Settled(code):
		c.Pass(code, 1)
	}
}

// left records that something of an earlier cluster is there.
func (c *checker) left(code groundway.Code, s groundway.Subject, what string, k claim, commands ...[]string) {
	k.code, k.subject, k.want = code, s, fmt.Sprintf("no %s of a cluster %s", what, c.o.Cluster)
	k.summary = fmt.Sprintf("The %s %q is left from a cluster of the same name.", what, s.ID)
	k.remedies = []groundway.Remedy{{
		Action: fmt.Sprintf("Delete the %s if nothing uses it any more, or choose another name for the cluster.", what), Commands: commands,
	}}
	c.hold(false, k)
}

func (c *checker) stackSubject(s Stack) groundway.Subject {
	return groundway.Subject{Kind: "stack", ID: s.Name, Region: c.region}
}

func (c *checker) leftStacks(code groundway.Code) {
	var left []Stack
	for _, s := range c.s.Stacks.Items {
		if !c.ofCluster(s) {
			continue
		}
		subject := c.stackSubject(s)
		if _, blocked := c.Failed(codeStackBlocked, subject); blocked {
			c.Skip(code, codeStackBlocked, subject)
			continue
		}
		left = append(left, s)
	}
	command := func(s Stack, words ...string) []string {
		return aws(c.region, append(append([]string{"cloudformation"}, words...), "--stack-name", word(s.Name, "stack-name"))...)
	}
	for _, s := range left {
		var commands [][]string
		if s.Name == "eksctl-"+c.o.Cluster+"-cluster" { // CloudFormation deletes none whose outputs another one takes
			for _, other := range left {
				if other.Name != s.Name {
					commands = append(commands, command(other, "delete-stack"), command(other, "wait", "stack-delete-complete"))
				}
			}
		}
		c.left(code, c.stackSubject(s), "stack",
			claim{path: groundway.Pointer("parts", "stacks", "items", s.Name), got: s.Name + " " + s.Status, source: actionStacks},
			append(commands, command(s, "delete-stack"))...)
	}
}

func (c *checker) leftProfiles(code groundway.Code) {
	names := c.o.leftoverProfiles()
	for _, p := range c.s.Profiles.Items {
		if !slices.Contains(names, p.Name) {
			continue
		}
		name := word(p.Name, "instance-profile-name")
		var commands [][]string
		for _, role := range p.Roles { // IAM deletes none that holds a role
			gone := slices.Contains(c.o.LeftoverRoles(), role) && c.role(role).item != nil
			if !gone { // by a finding of its own, which comes before
				commands = append(commands, outOf(name, role))
			}
		}
		c.left(code, groundway.Subject{Kind: "instance-profile", ID: p.Name}, "instance profile",
			claim{path: groundway.Pointer("parts", "instanceProfiles", "items", p.Name), got: p.Name, source: actionProfiles},
			append(commands, aws("", "iam", "delete-instance-profile", "--instance-profile-name", name))...)
	}
}

// role looks for a role that may be left.
func (c *checker) role(name string) thing[Role] {
	return look(c, c.s.Roles, want{"iam-role", name, "", "roles", actionGetRole, 0}, byKey[Role])
}

// outOf takes a role out of an instance profile.
func outOf(profile, role string) []string {
	return aws("", "iam", "remove-role-from-instance-profile", "--instance-profile-name", profile, "--role-name", word(role, "role-name"))
}

func (c *checker) leftRoles(code groundway.Code) {
	first := true
	for _, name := range c.o.LeftoverRoles() {
		t := c.role(name)
		switch {
		case t.item != nil:
			c.left(code, t.subject, "role", claim{path: t.at(), got: name, source: actionGetRole}, c.deleteRole(*t.item)...)
		case t.presence != Absent && first: // what hides one hides all: the first stands for them
			gaps := t.gaps
			if len(gaps) == 0 {
				gaps = []groundway.Gap{notShown(t.action, name)}
			}
			c.unknown(code, t.subject, gaps...)
			first = false
		}
	}
}

// deleteRole returns the commands that delete a role: IAM deletes none that has
// policies or is in an instance profile.
func (c *checker) deleteRole(r Role) (commands [][]string) {
	name := word(r.Name, "role-name")
	for _, p := range c.s.Profiles.Items {
		if slices.Contains(p.Roles, r.Name) {
			commands = append(commands, outOf(word(p.Name, "instance-profile-name"), r.Name))
		}
	}
	if !c.s.Profiles.Complete() {
		commands = append(commands,
			aws("", "iam", "list-instance-profiles-for-role", "--role-name", name), outOf("<instance-profile-name>", r.Name))
	}
	managed, inline := r.Policies.Items, r.Inline.Items
	if !r.Policies.Complete() {
		commands = append(commands, aws("", "iam", "list-attached-role-policies", "--role-name", name))
		managed = []AttachedPolicy{{}}
	}
	for _, p := range managed {
		commands = append(commands, aws("", "iam", "detach-role-policy", "--role-name", name, "--policy-arn", word(p.ARN, "policy-arn")))
	}
	if !r.Inline.Complete() {
		commands = append(commands, aws("", "iam", "list-role-policies", "--role-name", name))
		inline = []InlinePolicy{{}}
	}
	for _, p := range inline {
		commands = append(commands, aws("", "iam", "delete-role-policy", "--role-name", name, "--policy-name", word(p.Name, "policy-name")))
	}
	return append(commands, aws("", "iam", "delete-role", "--role-name", name))
}

// leftoverProfiles are the names that installers give to the instance profiles of
// nodes, but for those that the options name.
func (o Options) leftoverProfiles() []string {
	return o.leftover("profile", NodeRole.profile)
}

// LeftoverRoles returns the names that installers give to the roles of nodes, in
// alphabetical order and but for those that the options name: where there is such a
// role, an earlier cluster of the name left it. Without a cluster there are none.
//
// Tectonic's are CLUSTER-master-role, CLUSTER-worker-role and CLUSTER-etcd-role, those
// of kops masters.CLUSTER, apiservers.CLUSTER, bastions.CLUSTER and nodes.CLUSTER. A
// name above the 64 characters that IAM takes is none: kops then makes one that
// nobody can tell from the cluster's.
func (o Options) LeftoverRoles() []string {
	return o.leftover("role", func(r NodeRole) string { return r.Role })
}

func (o Options) leftover(kind string, named func(NodeRole) string) []string {
	if o.Cluster == "" {
		return nil
	}
	var names []string
	for _, node := range []string{"etcd", "master", "worker"} {
		names = append(names, o.Cluster+"-"+node+"-"+kind)
	}
	for _, nodes := range []string{"apiservers", "bastions", "masters", "nodes"} {
		names = append(names, nodes+"."+o.Cluster)
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool {
		return len(name) > 64 || slices.ContainsFunc(o.Roles, func(r NodeRole) bool { return named(r) == name })
	})
}
