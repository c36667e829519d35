package awscli_test

import (
	"fmt"
	"testing/fstest"

	"github.com/groundway-sdk/groundway/route53/awscli"
)

// The zones of "aws route53 list-hosted-zones"; what other files would show is unseen.
func ExampleRead() {
	dump := fstest.MapFS{"route53-list-hosted-zones.json": &fstest.MapFile{Data: []byte(`{"HostedZones": [
		{"Id": "/hostedzone/Z0123456789ABC", "Name": "k8s.example.com.", "Config": {"PrivateZone": false}, "ResourceRecordSetCount": 2}
	]}`)}}
	s, err := awscli.Read(dump)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, z := range s.Zones.Items {
		fmt.Println(z.ID, z.Name)
	}
	// Output:
	// Z0123456789ABC k8s.example.com
}
