package groundway_test

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/groundway-sdk/groundway"
)

// A report of two rules: what a package's Check returns is put in order,
// waived where the caller accepts it, printed, and asked whether it blocks.
func Example() {
	findings := []groundway.Finding{
		{
			Code: "network/vpc-not-found", Outcome: groundway.Passed, Severity: groundway.Error,
			Subject: groundway.Subject{Kind: "vpc", ID: "vpc-0a1"},
			Summary: "vpc-0a1 exists",
		},
		{
			Code: "network/subnet-not-public", Outcome: groundway.Failed, Severity: groundway.Error,
			Subject: groundway.Subject{Kind: "subnet", ID: "subnet-0c1", Zone: "us-east-1a"},
			Summary: "subnet-0c1 has no route to an internet gateway",
			Detail:  "A load balancer in it cannot be reached from the internet.",
			Evidence: []groundway.Fact{{
				Path: groundway.Pointer("parts", "routeTables", "items", "rtb-0w", "routes"),
				Want: "0.0.0.0/0 to an internet gateway", Source: "ec2:DescribeRouteTables",
			}},
			Remedies: []groundway.Remedy{{
				Action: "Add a default route to the internet gateway of the VPC",
				Commands: [][]string{{
					"aws", "ec2", "create-route", "--route-table-id", "rtb-0w",
					"--destination-cidr-block", "0.0.0.0/0", "--gateway-id", "igw-0a",
				}},
			}},
		},
	}
	report := groundway.NewReport(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), findings)
	if err := groundway.RenderText(os.Stdout, report, groundway.TextOptions{Width: 80}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("Err:", report.Err())
	// Output:
	// Groundway report of 2026-03-01 12:00:00 UTC
	// 1 error, 1 passed
	//
	// network/subnet
	//   ERROR    network/subnet-not-public  subnet subnet-0c1 (us-east-1a)
	//            subnet-0c1 has no route to an internet gateway
	//            A load balancer in it cannot be reached from the internet.
	//            - routeTables rtb-0w routes: nothing, want 0.0.0.0/0 to an internet
	//              gateway [ec2:DescribeRouteTables]
	//            Remedy: Add a default route to the internet gateway of the VPC
	//              $ aws ec2 create-route --route-table-id rtb-0w \
	//                  --destination-cidr-block 0.0.0.0/0 --gateway-id igw-0a
	//
	// network/vpc
	//   passed   vpc-0a1 exists (vpc-not-found)
	//
	// Blocked by 1 error.
	// Err: network/subnet-not-public: subnet-0c1 has no route to an internet gateway
}

// A waiver marks the finding that it covers, and one that covers nothing is an
// error beside the report.
func ExampleReport_Waive() {
	report := groundway.NewReport(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), []groundway.Finding{{
		Code: "network/zone-single", Outcome: groundway.Failed, Severity: groundway.Error,
		Subject: groundway.Subject{Kind: "vpc", ID: "vpc-0a1"},
		Summary: "all subnets are in us-east-1a",
	}})
	waiver, err := groundway.ParseWaiver("network/zone-single@vpc-0a1")
	if err != nil {
		log.Fatal(err)
	}
	waiver.Reason = "a lab that may fail with its zone"
	report, unused := report.Waive(waiver, groundway.Waiver{Code: "network/nat-single"})
	fmt.Println(report.Counts())
	fmt.Println(report.Err())
	fmt.Println(unused)
	// Output:
	// 1 waived
	// <nil>
	// waive network/nat-single: no failed or unknown finding has this code and subject
}

// What was not seen says so, and nothing may be concluded from its absence.
func ExamplePart() {
	denied := groundway.UnseenPart[string](groundway.Gap{Action: "ec2:DescribeTags", Code: "UnauthorizedOperation"})
	empty := groundway.SeenPart[string]()
	var forgotten groundway.Part[string]
	fmt.Println(denied.Complete(), empty.Complete(), forgotten.Complete())
	// Output: false true false
}

// A pointer names an item by its key, whatever the order of the items.
func ExamplePointer() {
	fmt.Println(groundway.Pointer("parts", "routeTables", "items", "rtb-0w", "routes", "0.0.0.0/0", "state"))
	// Output: /parts/routeTables/items/rtb-0w/routes/0.0.0.0~10/state
}

// A secret hides however it is printed; Reveal alone shows it.
func ExampleSecret() {
	login := struct {
		User     string
		Password groundway.Secret
	}{"admin", groundway.NewSecret("correct-horse")}
	fmt.Printf("%v %q %s\n", login, login.Password, login.Password.Reveal())
	// Output: {admin [redacted]} [redacted] correct-horse
}

// Commands of remedies are argument vectors; this makes lines to copy of them.
func ExampleShellCommand() {
	fmt.Println(groundway.ShellCommand([]string{"aws", "ec2", "create-tags", "--resources", "subnet-0c1", "--tags", "Key=owner,Value=it's us"}))
	// Output: aws ec2 create-tags --resources subnet-0c1 --tags 'Key=owner,Value=it'\''s us'
}

// A Name tag is anybody's text.
func ExampleVisible() {
	fmt.Println(groundway.Visible("web\x1b[2J\u202eten"))
	// Output: web\x1b[2J\u202eten
}
