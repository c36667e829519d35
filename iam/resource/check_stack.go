package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// checkRepository asks for the repositories, or the right to make them.
func checkRepository(c *checker, code groundway.Code) {
	for _, name := range c.o.Repositories {
		t := look(c, c.s.Repositories, want{"repository", name, c.region, "ecrRepositories", actionRepositories, 0}, byKey[Repository])
		switch {
		case t.item != nil:
			c.Pass(code, 1)
		case t.unseen:
			c.unknown(code, t.subject, t.gaps...)
		default:
			c.permit(code, t.subject, c.o.Installer, c.arn("ecr", "repository/"+name), "where the repository does not exist", "ecr:CreateRepository")
		}
	}
	if len(c.o.Repositories) == 0 {
		c.Inapplicable(code, unnamed)
	}
}

// stackRemedies says what is to be done about a stack in a state that blocks, and
// reports whether it does. The states are those of
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html.
func (c *checker) stackRemedies(s Stack) (remedies []groundway.Remedy, blocks bool) {
	name := word(s.Name, "stack-name")
	command := func(action string, words ...string) []groundway.Remedy {
		return []groundway.Remedy{{Action: action, Commands: [][]string{aws(c.region, append([]string{"cloudformation"}, words...)...)}}}
	}
	switch status := strings.ToUpper(s.Status); {
	case status == "UPDATE_ROLLBACK_FAILED":
		return command("Continue the rollback, and then run again.", "continue-update-rollback", "--stack-name", name), true
	case status == "REVIEW_IN_PROGRESS", strings.HasSuffix(status, "ROLLBACK_COMPLETE") && !strings.HasPrefix(status, "UPDATE_") && !strings.HasPrefix(status, "IMPORT_"):
		return command("Delete the stack: it can be neither updated nor made again.", "delete-stack", "--stack-name", name), true
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		return command("Wait until the stack is at rest, and check again.", "describe-stack-events", "--stack-name", name), true
	case status == "DELETE_FAILED":
		return command("Empty what could not be deleted, and delete the stack again.", "delete-stack", "--stack-name", name), true
	case strings.HasSuffix(status, "_FAILED"):
		return command("See what failed, and delete the stack or roll it back.", "describe-stack-events", "--stack-name", name), true
	}
	return nil, false
}

func checkStackBlocked(c *checker, code groundway.Code) {
	names := slices.Clone(c.o.Stacks)
	for _, s := range c.s.Stacks.Items {
		if c.ofCluster(s) || slices.ContainsFunc(c.o.StackPrefixes, func(p string) bool { return strings.HasPrefix(s.Name, p) }) {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		t := look(c, c.s.Stacks, want{"stack", name, c.region, "stacks", actionStacks, 0}, byKey[Stack])
		switch {
		case t.unseen:
			c.unknown(code, t.subject, t.gaps...)
			continue
		case t.item == nil:
			c.Pass(code, 1) // free
			continue
		case t.item.Status == "":
			c.unknown(code, t.subject, t.lacks(actionStacks, "the status")...)
			continue
		}
		remedies, blocks := c.stackRemedies(*t.item)
		c.hold(!blocks, claim{
			code: code, subject: t.subject, path: t.at("status"), got: t.item.Status, want: "a state from which a stack can be updated, or no stack", source: actionStacks,
			summary: fmt.Sprintf("The stack %q is %s, which blocks a second run.", name, t.item.Status), remedies: remedies,
		})
	}
	whole := groundway.Subject{Kind: "cluster", ID: c.o.Cluster, Region: c.region}
	switch searched := c.o.Cluster != "" || len(c.o.StackPrefixes) > 0; {
	case searched && !c.s.Stacks.Complete():
		c.unknown(code, whole, partGaps(c.s.Stacks, actionStacks, "all stacks of the region")...)
	case c.Settled(code):
	case searched:
		c.Pass(code, 1)
	default:
		c.Inapplicable(code, unnamed)
	}
}

// ofCluster reports whether a stack is one of the cluster: by a tag that names
// it, or by the names that eksctl gives.
func (c *checker) ofCluster(s Stack) bool {
	if c.o.Cluster == "" {
		return false
	}
	for _, key := range []string{"alpha.eksctl.io/cluster-name", "eksctl.cluster.k8s.io/v1alpha1/cluster-name", groundway.OwnerTag} {
		if s.Tags[key] == c.o.Cluster {
			return true
		}
	}
	return s.Tags["kubernetes.io/cluster/"+c.o.Cluster] == "owned" || strings.HasPrefix(s.Name, "eksctl-"+c.o.Cluster+"-")
}

// checkLeftovers looks for what an earlier cluster of the name left where tags of
// EC2 do not show it: its stacks and instance profiles.
func checkLeftovers(c *checker, code groundway.Code) {
	if c.o.Cluster == "" {
		c.Inapplicable(code, unnamed)
		return
	}
	for _, s := range c.s.Stacks.Items {
		if !c.ofCluster(s) {
			continue
		}
		subject := groundway.Subject{Kind: "stack", ID: s.Name, Region: c.region}
		if _, blocked := c.Failed(codeStackBlocked, subject); blocked {
			c.Skip(code, codeStackBlocked, subject)
			continue
		}
		c.hold(false, claim{
			code: code, subject: subject, path: groundway.Pointer("parts", "stacks", "items", s.Name), got: s.Name + " " + s.Status,
			want: "no stack of a cluster " + c.o.Cluster, source: actionStacks,
			summary: fmt.Sprintf("The stack %q is left from a cluster of the same name.", s.Name),
			remedies: []groundway.Remedy{{
				Action:   "Delete the stack if nothing of that cluster is used any more, or choose another name for the cluster.",
				Commands: [][]string{aws(c.region, "cloudformation", "delete-stack", "--stack-name", word(s.Name, "stack-name"))},
			}},
		})
	}
	for _, p := range c.s.Profiles.Items {
		if !c.leftProfile(p) {
			continue
		}
		name := word(p.Name, "instance-profile-name")
		var commands [][]string
		for _, role := range p.Roles { // IAM deletes none that holds a role
			commands = append(commands, aws("", "iam", "remove-role-from-instance-profile", "--instance-profile-name", name, "--role-name", word(role, "role-name")))
		}
		c.hold(false, claim{
			code: code, subject: groundway.Subject{Kind: "instance-profile", ID: p.Name}, path: groundway.Pointer("parts", "instanceProfiles", "items", p.Name),
			got: p.Name, want: "no instance profile of a cluster " + c.o.Cluster, source: actionProfiles,
			summary: fmt.Sprintf("The instance profile %q is left from a cluster of the same name.", p.Name),
			remedies: []groundway.Remedy{{
				Action:   "Delete the instance profile if nothing uses it any more, or choose another name for the cluster.",
				Commands: append(commands, aws("", "iam", "delete-instance-profile", "--instance-profile-name", name)),
			}},
		})
	}
	whole := groundway.Subject{Kind: "cluster", ID: c.o.Cluster, Region: c.region}
	switch {
	case !c.s.Stacks.Complete():
		c.unknown(code, whole, partGaps(c.s.Stacks, actionStacks, "all stacks of the region")...)
	case !c.s.Profiles.Complete():
		c.unknown(code, whole, partGaps(c.s.Profiles, actionProfiles, "all instance profiles")...)
	case !c.Settled(code):
		c.Pass(code, 1)
	}
}

// leftProfile reports whether an instance profile has one of the names that
// installers give, and is not one that the options name. Tectonic's are
// CLUSTER-master-profile and CLUSTER-worker-profile, those of kops
// masters.CLUSTER and nodes.CLUSTER.
func (c *checker) leftProfile(p InstanceProfile) bool {
	for _, r := range c.o.Roles {
		if p.Name == r.profile() {
			return false
		}
	}
	n := c.o.Cluster
	return slices.Contains([]string{n + "-master-profile", n + "-worker-profile", n + "-etcd-profile", "masters." + n, "nodes." + n}, p.Name)
}
