package awsprobe_test

import (
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway/iam/awsprobe"
)

// The actions that can be tried without making anything.
func ExampleActions() {
	fmt.Println(slices.Contains(awsprobe.Actions(), "ec2:RunInstances"), slices.Contains(awsprobe.Actions(), "iam:CreateRole"))
	// Output:
	// true false
}
