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
