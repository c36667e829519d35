package presets_test

import (
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// scope is that of all tests.
var scope = iam.MustScope("us-east-1", "111122223333")

const (
	operator = "arn:aws:iam::444455556666:user/operator"
	issuer   = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	boundary = "arn:aws:iam::111122223333:policy/node-boundary"
)

var (
	tectonic = presets.Tectonic{
		Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", Bucket: "demo-ncg.k8s.example.com",
		Operators: []string{operator},
	}
	boot = presets.JenkinsXBoot{
		Cluster: "demo", Buckets: []string{"demo-logs", "demo-vault"}, Table: "vault-data", Repositories: "acme/",
	}
	vault    = presets.Vault{Table: "vault-data", KMSKey: "1234abcd-12ab-34cd-56ef-1234567890ab", Bucket: "demo-vault"}
	balancer = presets.LoadBalancerController{Cluster: "demo", VPC: "vpc-0a1"}
	jenkinsX = presets.JenkinsX{
		Cluster: "demo", Federation: presets.Federation{Issuer: issuer}, Operators: []string{operator}, HostedZone: "Z0123",
		Buckets: []string{"demo-logs"}, Repositories: "acme/", Vault: vault,
	}
	elastic = presets.Elastic{InstallerRole: "demo-installer", WorkerRole: "demo-worker", VPC: "vpc-0a1", Secrets: "demo/"}
)

// addOns are the service accounts of a cluster, as their documentation names
// them.
func addOns(cluster string) []presets.ServiceAccount {
	zones := []string{"Z0123"}
	return []presets.ServiceAccount{
		{Namespace: "external-dns", Name: "external-dns", Role: cluster + "-external-dns", Preset: presets.ExternalDNS{HostedZones: zones}},
		{Namespace: "cert-manager", Name: "cert-manager", Role: cluster + "-cert-manager", Preset: presets.CertManager{HostedZones: zones}},
		{Namespace: "jx", Name: "tekton-bot", Role: cluster + "-tekton-bot", Preset: presets.TektonBot{Cluster: cluster, Buckets: []string{"demo-logs"}, Repositories: "acme/"}, Export: "TektonBotPolicy"},
		{Namespace: "kube-system", Name: "cluster-autoscaler", Role: cluster + "-cluster-autoscaler", Preset: presets.ClusterAutoscaler{Cluster: cluster}},
		{Namespace: "kube-system", Name: "aws-load-balancer-controller", Role: cluster + "-load-balancers", Preset: presets.LoadBalancerController{Cluster: cluster, VPC: "vpc-0a1"}},
		{Namespace: "kube-system", Name: "ebs-csi-controller-sa", Role: cluster + "-ebs-csi", Preset: presets.EBSCSI{}},
		{Namespace: "kube-system", Name: "aws-node", Role: cluster + "-vpc-cni", Preset: presets.VPCCNI{Cluster: cluster, VPC: "vpc-0a1"}},
		{Namespace: "vault", Name: "vault", Role: cluster + "-vault", Preset: vault},
	}
}

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
		{name: "eks-creator", preset: presets.EKSCreator{Cluster: "demo"}, published: "eks-creator"},
		{name: "eks-creator-boundary", preset: presets.EKSCreator{Cluster: "demo", Boundary: boundary}, published: "eks-creator"},
		{name: "jenkinsx-boot", preset: boot, published: "jenkinsx-boot"},
		{name: "jenkinsx-boot-boundary", preset: with(boot, func(j *presets.JenkinsXBoot) { j.Boundary, j.Issuer = boundary, issuer }), published: "jenkinsx-boot"},
		{name: "jenkinsx-boot-user", preset: with(boot, func(j *presets.JenkinsXBoot) { j.VaultUser = "vault" }), published: "jenkinsx-boot"},
		{name: "tekton-bot", preset: presets.TektonBot{Cluster: "demo", Buckets: []string{"demo-logs"}, Repositories: "acme/"}, published: "tekton-bot"},
		{name: "controller-build", preset: presets.ControllerBuild{Buckets: []string{"demo-logs", "demo-reports"}}, published: "controller-build"},
		{name: "vault", preset: vault, published: "vault"},
		{name: "vault-prefix", preset: with(vault, func(v *presets.Vault) { v.Prefix = "vault/" }), published: "vault"},
		{name: "vault-table", preset: with(vault, func(v *presets.Vault) { v.Bucket = "" }), published: "vault-table"},
		{name: "external-dns", preset: presets.ExternalDNS{HostedZones: []string{"Z0123", "Z0456"}}, published: "external-dns"},
		{name: "external-dns-domain", preset: presets.ExternalDNS{HostedZones: []string{"Z0123"}, Domain: "k8s.example.com"}, published: "external-dns"},
		{name: "cert-manager", preset: presets.CertManager{HostedZones: []string{"Z0123"}}, published: "cert-manager"},
		{name: "cert-manager-any-name", preset: presets.CertManager{HostedZones: []string{"Z0123"}, AnyName: true}, published: "cert-manager"},
		{name: "cluster-autoscaler", preset: presets.ClusterAutoscaler{Cluster: "demo"}, published: "cluster-autoscaler"},
		{name: "load-balancer-controller", preset: balancer, published: "load-balancer-controller"},
		{name: "load-balancer-controller-all", preset: with(balancer, func(l *presets.LoadBalancerController) { l.WAF, l.Shield, l.Cognito = true, true, true }), published: "load-balancer-controller"},
		{name: "ebs-csi", preset: presets.EBSCSI{}, published: "ebs-csi"},
		{name: "ebs-csi-all", preset: presets.EBSCSI{Migrated: true, Copies: true, FastRestore: true, Locks: true}, published: "ebs-csi"},
		{name: "vpc-cni", preset: presets.VPCCNI{Cluster: "demo", VPC: "vpc-0a1"}, published: "vpc-cni"},
		{name: "vpc-cni-ipv6", preset: presets.VPCCNI{Cluster: "demo", VPC: "vpc-0a1", IPv6: true}, published: "vpc-cni-ipv6"},
	}
}
