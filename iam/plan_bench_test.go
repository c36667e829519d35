package iam_test

import (
	"fmt"
	"testing"

	"github.com/groundway-sdk/groundway/iam"
)

// One plan of 100 roles that are all there.
func BenchmarkPlan100Roles(b *testing.B) {
	s, d := there(), wanted()
	role, inline := d.Roles[0], s.Inline.Items[0]
	detail, attached := s.Roles.Items[0], s.Attached.Items[0]
	for i := range 99 {
		role.Name = fmt.Sprintf("r%d", i)
		detail.Name, inline.Owner, attached.Owner = role.Name, "role/"+role.Name, "role/"+role.Name
		d.Roles = append(d.Roles, role)
		s.Roles.Items, s.Inline.Items, s.Attached.Items = append(s.Roles.Items, detail), append(s.Inline.Items, inline), append(s.Attached.Items, attached)
	}
	b.ReportAllocs()
	for b.Loop() {
		if c, _, err := iam.Plan(s, d, iam.PlanOptions{}); err != nil || !c.Empty() {
			b.Fatal(err, c)
		}
	}
}

// The requests of an installer, decided by three layers.
func BenchmarkCheckPermissions125Needs(b *testing.B) {
	s, o := principal()
	o.Needs = nil
	for i := range 125 {
		o.Needs = append(o.Needs, iam.Need{Action: iam.Action(fmt.Sprintf("ec2:Action%03d", i))})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := iam.CheckPermissions(s, o); err != nil {
			b.Fatal(err)
		}
	}
}
