package presets_test

import (
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// scope is that of all tests.
var scope = iam.MustScope("us-east-1", "111122223333")

const (
	operator = "arn:aws:iam::444455556666:user/operator"
	boundary = "arn:aws:iam::111122223333:policy/node-boundary"
)

var (
	tectonic = presets.Tectonic{
		Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", Bucket: "demo-ncg.k8s.example.com",
		Users: []string{operator},
	}
	elastic = presets.Elastic{InstallerRole: "demo-installer", WorkerRole: "demo-worker", VPC: "vpc-0a1", Secrets: "demo/"}
)

// with returns a copy of a preset with some fields changed.
func with[T any](preset T, change func(*T)) T {
	change(&preset)
	return preset
}

// A provenCase is a preset in one of its variants.
type provenCase struct {
	name      string
	preset    presets.Preset
	published string // the file that restates its source
	kept      string // actions that stand on "*" although AWS takes a resource for them, with the reason
}

func provenCases() []provenCase {
	return []provenCase{
		{name: "tectonic", preset: tectonic, published: "tectonic"},
		{name: "tectonic-internal", preset: with(tectonic, func(t *presets.Tectonic) { t.Internal = true }), published: "tectonic"},
		{name: "tectonic-vpc", preset: with(tectonic, func(t *presets.Tectonic) { t.VPC = "vpc-0a1" }), published: "tectonic"},
		{name: "tectonic-vpc-internal", preset: with(tectonic, func(t *presets.Tectonic) {
			t.VPC, t.Internal, t.PrivateZone, t.KMSKey = "vpc-0a1", true, "Z0456", "1234abcd-12ab-34cd-56ef-1234567890ab"
		}), published: "tectonic"},
		{name: "tectonic-boundary", preset: with(tectonic, func(t *presets.Tectonic) { t.Boundary = boundary }), published: "tectonic"},
		{name: "tectonic-roles", preset: with(tectonic, func(t *presets.Tectonic) {
			t.MasterRole, t.WorkerRole, t.EtcdRole = "masters", "workers", "etcd"
		}), published: "tectonic"},
		{name: "elastic-installer", preset: presets.ElasticInstaller{Elastic: elastic}, published: "elastic-installer"},
		{name: "elastic-installer-network", preset: presets.ElasticInstaller{Elastic: with(elastic, func(e *presets.Elastic) { e.Network = true })}, published: "elastic-installer"},
		{name: "elastic-worker", preset: presets.ElasticWorker{Elastic: elastic}, published: "elastic-worker"},
		{name: "elastic-worker-any-secret", preset: presets.ElasticWorker{Elastic: with(elastic, func(e *presets.Elastic) { e.Secrets, e.AnySecret = "", true })}, published: "elastic-worker"},
	}
}
